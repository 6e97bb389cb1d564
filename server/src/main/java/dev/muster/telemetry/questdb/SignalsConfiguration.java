package dev.muster.telemetry.questdb;

import dev.muster.platform.config.Setting;
import dev.muster.platform.config.Settings;
import dev.muster.telemetry.intake.AssetSchemas;
import dev.muster.telemetry.intake.Lateness;
import dev.muster.telemetry.intake.RefusedReport;
import dev.muster.telemetry.intake.SampleIntake;
import dev.muster.telemetry.intake.SpanIntake;
import dev.muster.telemetry.store.SampleStore;
import dev.muster.telemetry.store.SpanStore;
import dev.muster.telemetry.store.TelemetryStore;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Labelled samples and spans of this server: their tables, and what is let into them. */
@Configuration(proxyBeanMethods = false)
public class SignalsConfiguration {
    public static final Setting<Integer> SPAN_DAYS =
            Setting.count("span-retention-days", 7, 1, 3650, "Days for which spans of traces are kept.");
    public static final Setting<Integer> SERIES_PER_ASSET = Setting.count(
            "series-per-asset",
            1_000,
            1,
            1_000_000,
            "Labelled series that one asset may have, counting those heard of today or yesterday; more are refused and"
                    + " reported.");
    public static final Setting<Integer> SERIES = Setting.count(
            "series-max",
            500_000,
            1,
            10_000_000,
            "Labelled series of all assets together, counted alike; each takes about 100 bytes of memory.");

    public static final List<Setting<?>> SETTINGS = List.of(SPAN_DAYS, SERIES_PER_ASSET, SERIES);

    /** On the same QuestDB as the rest. */
    private static QuestDb db(TelemetryStore store) {
        if (store instanceof QuestDbStore questdb) {
            return questdb.db();
        }
        throw new IllegalStateException("samples and spans need the telemetry store on QuestDB");
    }

    @Bean
    public SampleStore sampleStore(TelemetryStore store, Settings settings, Lateness lateness) {
        return new SamplesTable(db(store), settings.get(TelemetryConfiguration.TELEMETRY_DAYS), lateness);
    }

    @Bean
    public SpanStore spanStore(TelemetryStore store, Settings settings, Lateness lateness) {
        return new SpansTable(db(store), settings.get(SPAN_DAYS), lateness);
    }

    @Bean
    public SampleIntake sampleIntake(
            SampleStore store, AssetSchemas schemas, RefusedReport refused, Settings settings, MeterRegistry meters) {
        SampleIntake intake = new SampleIntake(
                store,
                schemas,
                refused,
                settings.get(TelemetryConfiguration.TELEMETRY_DAYS),
                settings.get(SERIES_PER_ASSET),
                settings.get(SERIES));
        Gauge.builder("muster.telemetry.series", intake, SampleIntake::series)
                .description("Labelled series heard of today or yesterday")
                .register(meters);
        return intake;
    }

    @Bean
    public SpanIntake spanIntake(SpanStore store, AssetSchemas schemas, RefusedReport refused, Settings settings) {
        return new SpanIntake(store, schemas, refused, settings.get(SPAN_DAYS));
    }
}
