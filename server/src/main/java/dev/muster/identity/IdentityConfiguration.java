package dev.muster.identity;

import dev.muster.platform.config.Settings;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What of identity is made from settings. */
@Configuration(proxyBeanMethods = false)
class IdentityConfiguration {

    @Bean
    FailureLimit failureLimit(Settings settings) {
        return new FailureLimit(settings.get(FailureLimit.BURST), settings.get(FailureLimit.MAX_ADDRESSES));
    }
}
