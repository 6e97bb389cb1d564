package dev.muster.telemetry.questdb;

import dev.muster.telemetry.store.Retention;
import dev.muster.telemetry.store.Row;
import java.util.Locale;
import java.util.function.ToIntFunction;

/** A table that all asset types share, as it is made. Every one begins with ts, asset and received. */
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

    String table() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** @param table this one, or that of its late rows */
    String create(String table, Retention retention) {
        return "CREATE TABLE IF NOT EXISTS " + table
                + " (ts TIMESTAMP, asset SYMBOL CAPACITY 4096, received TIMESTAMP, " + columns
                + ") TIMESTAMP(ts) PARTITION BY DAY TTL " + days.applyAsInt(retention)
                + " DAYS WAL DEDUP UPSERT KEYS(" + keys + ")";
    }

    static RecordTable named(String table) {
        return valueOf(table.toUpperCase(Locale.ROOT));
    }

    /** Where a row goes that is not a sample. */
    static RecordTable of(Row row) {
        return switch (row) {
            case Row.Position _ -> POSITIONS;
            case Row.Happening _ -> EVENTS;
            case Row.LogLine _ -> LOGS;
            case Row.Sample sample ->
                throw new IllegalArgumentException("samples of type " + sample.type() + " have a table of their own");
        };
    }
}
