package dev.muster.registry.bulk;

import dev.muster.platform.web.BodyLimit;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Files of assets are larger than other bodies; they go to the disk as they come. */
@Configuration(proxyBeanMethods = false)
class BulkConfiguration {

    @Bean
    BodyLimit importBodyLimit() {
        return new BodyLimit("/api/v1/assets/import", BulkResource.MAX_BYTES);
    }
}
