package dev.muster.main;

import dev.muster.identity.FirstRun;
import dev.muster.ingest.Ingest;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * What starts after the beans exist (PostgreSQL, its schema, the stores) and before the management API serves, in this
 * order. The stop is the reverse.
 */
@Configuration(proxyBeanMethods = false)
class Wiring {

    @Bean
    Stage firstAdministrator(FirstRun firstRun) {
        return new Stage(10, firstRun::ensureAdmin, () -> {});
    }

    @Bean
    Stage consumersOfTheJournal(Ingest ingest) {
        return new Stage(20, ingest::start, ingest::stop);
    }

    @Bean
    Stage devicePlane(Devices devices) {
        return new Stage(30, devices::open, devices::close);
    }
}
