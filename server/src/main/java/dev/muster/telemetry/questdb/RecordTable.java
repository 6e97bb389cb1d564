package dev.muster.telemetry.questdb;

import dev.muster.telemetry.store.Retention;
import java.util.Locale;
import java.util.function.ToIntFunction;

/** A kind of rows that are the same for all asset types; each type has a table of its own. All begin with ts, asset, received. */
enum RecordTable {
    POSITIONS(
            "lat DOUBLE, lon DOUBLE, alt DOUBLE, speed DOUBLE, heading DOUBLE, accuracy DOUBLE, fix VARCHAR",
            "ts, asset",
            Retention::positionDays),
    EVENTS(
            "hash LONG, severity INT, type VARCHAR, message VARCHAR, data VARCHAR",
            "ts, asset, hash",
            Retention::eventDays),
    LOGS("hash LONG, severity INT, body VARCHAR, attributes VARCHAR", "ts, asset, hash", Retention::logDays);

    private final String columns;
    private final String keys;
    private final ToIntFunction<Retention> days;

    RecordTable(String columns, String keys, ToIntFunction<Retention> days) {
        this.columns = columns;
        this.keys = keys;
        this.days = days;
    }

    /** The table that all types shared before each had its own: read as long as there is one, and no longer written. */
    String shared() {
        return name().toLowerCase(Locale.ROOT);
    }

    String table(String type) {
        return Names.table(shared() + "_", type);
    }

    int days(Retention retention) {
        return days.applyAsInt(retention);
    }

    /** @param table that of a type, or of its late rows */
    String create(String table, int days) {
        return "CREATE TABLE IF NOT EXISTS '" + table
                + "' (ts TIMESTAMP, asset SYMBOL CAPACITY 4096, received TIMESTAMP, " + columns
                + ") TIMESTAMP(ts) PARTITION BY DAY TTL " + days + " DAYS WAL DEDUP UPSERT KEYS(" + keys + ")";
    }
}
