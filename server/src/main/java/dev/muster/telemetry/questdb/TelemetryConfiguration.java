package dev.muster.telemetry.questdb;

import dev.muster.platform.config.DataDirectory;
import dev.muster.platform.config.Setting;
import dev.muster.platform.config.Settings;
import dev.muster.platform.health.ReadinessCheck;
import dev.muster.platform.start.Ahead;
import dev.muster.telemetry.intake.Intake;
import dev.muster.telemetry.intake.Lateness;
import dev.muster.telemetry.intake.LogSampling;
import dev.muster.telemetry.intake.RefusedReport;
import dev.muster.telemetry.intake.RegistrySchemas;
import dev.muster.telemetry.intake.WholeLogs;
import dev.muster.telemetry.store.Retention;
import dev.muster.telemetry.store.TelemetryStore;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The telemetry store of this server. */
@Configuration(proxyBeanMethods = false)
public class TelemetryConfiguration {
    private static final int MAX_DAYS = 3650;

    public static final Setting<Integer> TELEMETRY_DAYS = Setting.count(
            "telemetry-retention-days",
            Retention.STANDARD.telemetryDays(),
            1,
            MAX_DAYS,
            "Days for which metrics are kept.");
    public static final Setting<Integer> POSITION_DAYS = Setting.count(
            "position-retention-days",
            Retention.STANDARD.positionDays(),
            1,
            MAX_DAYS,
            "Days for which positions are kept.");
    public static final Setting<Integer> EVENT_DAYS = Setting.count(
            "event-retention-days",
            Retention.STANDARD.eventDays(),
            1,
            MAX_DAYS,
            "Days for which events of assets are kept.");
    public static final Setting<Integer> LOG_DAYS = Setting.count(
            "log-retention-days", Retention.STANDARD.logDays(), 1, MAX_DAYS, "Days for which logs of assets are kept.");

    public static final Setting<Integer> MINUTE_DAYS = Setting.count(
            "minute-retention-days",
            Retention.STANDARD.minuteDays(),
            1,
            MAX_DAYS,
            "Days for which the sums of metrics by minutes are kept; never shorter than the metrics themselves.");
    public static final Setting<Integer> HOUR_DAYS = Setting.count(
            "hour-retention-days",
            Retention.STANDARD.hourDays(),
            1,
            MAX_DAYS,
            "Days for which the sums of metrics by hours are kept; never shorter than the metrics themselves.");

    public static final Setting<Duration> LATEST_LOOKBACK = Setting.duration(
            "latest-lookback",
            "48h",
            Duration.ofHours(1),
            Duration.ofDays(MAX_DAYS),
            "How far back the newest values of all assets are looked for after a restart; an asset that was silent for"
                    + " longer has none until it speaks. Reading it back costs as much as reading all rows of that time.");

    public static final Setting<Duration> LATE_AFTER = Setting.duration(
            "late-after",
            "1m",
            Duration.ofSeconds(1),
            Duration.ofDays(1),
            "How long after its time a reading, position, event or log line counts as late. Late ones, and those that are ahead, are stored by a lane"
                    + " of their own, some seconds after the others, and do not slow them.");

    public static final Setting<Duration> PACK_AFTER = Setting.duration(
            "pack-after",
            "72h",
            Duration.ofDays(1),
            Duration.ofDays(MAX_DAYS),
            "How long after its end a stored day is packed: kept in Parquet, which takes much less room and is slower to"
                    + " read. Rows that come for it afterwards are still stored and found. A time longer than the retention"
                    + " switches it off.");

    public static final List<Setting<?>> SETTINGS = List.of(
            TELEMETRY_DAYS,
            POSITION_DAYS,
            EVENT_DAYS,
            LOG_DAYS,
            MINUTE_DAYS,
            HOUR_DAYS,
            LATEST_LOOKBACK,
            LATE_AFTER,
            PACK_AFTER);

    /** Opened ahead of the beans. */
    public static QuestDbStore open(Settings settings, DataDirectory directory) {
        return QuestDbStore.open(
                QuestDb.open(directory.questdb(), true),
                retentionIn(settings),
                settings.get(LATEST_LOOKBACK),
                settings.get(PACK_AFTER),
                Clock.systemUTC());
    }

    @Bean
    public Retention retention(Settings settings) {
        return retentionIn(settings);
    }

    private static Retention retentionIn(Settings settings) {
        return new Retention(
                settings.get(TELEMETRY_DAYS),
                settings.get(POSITION_DAYS),
                settings.get(EVENT_DAYS),
                settings.get(LOG_DAYS),
                settings.get(MINUTE_DAYS),
                settings.get(HOUR_DAYS));
    }

    @Bean(destroyMethod = "close")
    public TelemetryStore telemetryStore(Ahead ahead, MeterRegistry meters) {
        QuestDbStore store = ahead.take(QuestDbStore.class);
        meters.gauge("muster.telemetry.unapplied", store, QuestDbStore::unapplied);
        FunctionCounter.builder(
                        "muster.telemetry.packed.days",
                        store,
                        each -> each.packed().days())
                .register(meters);
        FunctionCounter.builder(
                        "muster.telemetry.packed.failures",
                        store,
                        each -> each.packed().failures())
                .register(meters);
        FunctionCounter.builder(
                        "muster.telemetry.packed.bytes",
                        store,
                        each -> each.packed().bytesBefore())
                .tag("when", "before")
                .register(meters);
        FunctionCounter.builder(
                        "muster.telemetry.packed.bytes",
                        store,
                        each -> each.packed().bytesAfter())
                .tag("when", "after")
                .register(meters);
        meters.gauge("muster.telemetry.summed.behind.seconds", store, QuestDbStore::summedBehindSeconds);
        meters.gauge("muster.telemetry.latest.restoring", store, each -> each.isRestoringLatest() ? 1 : 0);
        return store;
    }

    @Bean
    public RefusedReport refusedReport(MeterRegistry meters) {
        return new RefusedReport(meters);
    }

    @Bean
    public LogSampling logSampling(MeterRegistry meters, WholeLogs whole) {
        return new LogSampling(meters, whole);
    }

    @Bean
    public Lateness lateness(Settings settings) {
        return new Lateness(settings.get(LATE_AFTER));
    }

    @Bean
    public Intake intake(
            TelemetryStore store,
            RegistrySchemas schemas,
            RefusedReport refused,
            LogSampling sampling,
            Lateness lateness) {
        return new Intake(store, schemas, refused, sampling, lateness);
    }

    @Bean
    public ReadinessCheck telemetryReadiness(TelemetryStore store) {
        return new ReadinessCheck() {
            @Override
            public String name() {
                return "telemetry";
            }

            @Override
            public Optional<String> problem() {
                return store.problem();
            }
        };
    }
}
