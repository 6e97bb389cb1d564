package dev.muster.telemetry.questdb;

import dev.muster.telemetry.store.Retention;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.function.ToIntFunction;

/** The steps by which metrics are summed up in advance, each with a table per asset type: a row per step, asset and metric. */
enum Resolution {
    MINUTES(Duration.ofMinutes(1), Retention::minuteDays),
    HOURS(Duration.ofHours(1), Retention::hourDays);

    private final long millis;
    private final ToIntFunction<Retention> days;

    Resolution(Duration step, ToIntFunction<Retention> days) {
        this.millis = step.toMillis();
        this.days = days;
    }

    /** The coarsest of which the step is a multiple. */
    static Optional<Resolution> of(Duration step) {
        if (step.toMillis() % HOURS.millis == 0) {
            return Optional.of(HOURS);
        }
        return step.toMillis() % MINUTES.millis == 0 ? Optional.of(MINUTES) : Optional.empty();
    }

    long millis() {
        return millis;
    }

    long floor(long time) {
        return Math.floorDiv(time, millis) * millis;
    }

    long ceil(long time) {
        return Math.ceilDiv(time, millis) * millis;
    }

    /** Never shorter than the readings themselves. */
    int days(Retention retention) {
        return Math.max(days.applyAsInt(retention), retention.telemetryDays());
    }

    /** Hours are few: their partitions are weeks. */
    String ttl(Retention retention) {
        return this == HOURS ? Math.ceilDiv(days(retention), 7) + " WEEKS" : days(retention) + " DAYS";
    }

    String table(String type) {
        return Names.table(name().toLowerCase(Locale.ROOT) + "_", type);
    }

    /** Narrow, so that a metric that comes later needs no column; found by asset through the index. */
    String create(String type, Retention retention) {
        return "CREATE TABLE IF NOT EXISTS '" + table(type)
                + "' (ts TIMESTAMP, asset SYMBOL CAPACITY 4096 INDEX, metric SYMBOL, lowest DOUBLE, highest DOUBLE,"
                + " total DOUBLE, newest DOUBLE, newest_text VARCHAR, readings LONG) TIMESTAMP(ts) PARTITION BY "
                + (this == HOURS ? "WEEK" : "DAY") + " TTL " + ttl(retention)
                + " WAL DEDUP UPSERT KEYS(ts, asset, metric)";
    }
}
