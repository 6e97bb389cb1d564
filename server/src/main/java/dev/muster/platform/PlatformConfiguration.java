package dev.muster.platform;

import dev.muster.platform.config.DataDirectory;
import dev.muster.platform.config.Settings;
import dev.muster.platform.config.SettingsReader;
import dev.muster.platform.event.EventFeed;
import dev.muster.platform.event.EventLog;
import dev.muster.platform.event.LogFollower;
import dev.muster.platform.health.DiskSpace;
import dev.muster.platform.id.Ids;
import dev.muster.platform.lease.Leases;
import dev.muster.platform.postgres.Database;
import dev.muster.platform.start.Ahead;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.security.SecureRandom;
import java.time.Clock;
import javax.sql.DataSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import tools.jackson.databind.json.JsonMapper;

/** The beans that everything else stands on. */
@Configuration(proxyBeanMethods = false)
public class PlatformConfiguration {

    @Bean
    public Clock clock() {
        return Clock.systemUTC();
    }

    @Bean
    public Ids ids(Clock clock) {
        return new Ids(clock, new SecureRandom());
    }

    @Bean
    public DataDirectory dataDirectory(Settings settings) {
        return new DataDirectory(settings.get(SettingsReader.DATA_DIR));
    }

    @Bean
    public DiskSpace diskSpace(DataDirectory directory, MeterRegistry meters) {
        DiskSpace space = DiskSpace.of(directory);
        Gauge.builder("muster.disk.free", space, DiskSpace::freeBytes)
                .description("Free on the fullest of the disks of the data directory")
                .baseUnit("bytes")
                .register(meters);
        return space;
    }

    @Bean(destroyMethod = "close")
    public Database database(Ahead ahead) {
        return ahead.take(Database.class);
    }

    /** Closed with the database. */
    @Bean(destroyMethod = "")
    public DataSource dataSource(Database database) {
        return database.dataSource();
    }

    @Bean
    public EventLog eventLog(JdbcClient jdbc, PlatformTransactionManager transactions, JsonMapper json) {
        return new EventLog(jdbc, transactions, json);
    }

    @Bean
    LogFollower.Ground logFollowers(
            EventLog events, Leases leases, Ids ids, JdbcClient jdbc, PlatformTransactionManager transactions) {
        return new LogFollower.Ground(events, leases, ids, jdbc, transactions);
    }

    @Bean(destroyMethod = "close")
    public EventFeed eventFeed(EventLog events, Settings settings) {
        return new EventFeed(events, settings);
    }

    @Bean
    public Leases leases(JdbcClient jdbc) {
        return new Leases(jdbc);
    }
}
