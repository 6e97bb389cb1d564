package dev.muster.platform.metrics;

import io.micrometer.core.instrument.config.MeterFilter;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Bounds on the number of time series: no caller can make the registry grow without end. */
@Configuration(proxyBeanMethods = false)
public class MetricsConfiguration {
    private static final int MAX_ROUTES = 200;
    private static final int MAX_METERS = 20_000;

    @Bean
    public MeterFilter boundedRoutes() {
        return MeterFilter.maximumAllowableTags("http.server.requests", "uri", MAX_ROUTES, MeterFilter.deny());
    }

    @Bean
    public MeterFilter boundedMeters() {
        return MeterFilter.maximumAllowableMetrics(MAX_METERS);
    }
}
