package dev.muster.telemetry.questdb;

import static dev.muster.telemetry.questdb.Cells.micros;

import dev.muster.protocol.AssetId;
import dev.muster.protocol.Metrics;
import dev.muster.telemetry.store.MetricKind;
import dev.muster.telemetry.store.Row;
import dev.muster.telemetry.store.StoreUnavailableException;
import dev.muster.telemetry.store.TelemetryStore.Place;
import dev.muster.telemetry.store.TelemetryStore.Value;
import io.questdb.cairo.sql.BindVariableService;
import io.questdb.griffin.SqlException;
import java.time.Duration;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The newest values and places of all assets: follows what is written, and is read back from the tables after a restart. */
final class Latest implements AutoCloseable {
    private static final Duration WAIT = Duration.ofSeconds(5);

    private final QuestDb db;
    private final Tables tables;
    private final Map<String, LatestValues> byType = new ConcurrentHashMap<>();
    /** Of whoever told one: 100,000 take some megabytes. */
    private final Map<AssetId, Place> places = new ConcurrentHashMap<>();

    private final LatestRestore restore;

    /**
     * Begins to read back at once, and only what was committed before: later rows bring their values along.
     *
     * @param lookback how far back the newest values are looked for
     */
    Latest(QuestDb db, Tables tables, long now, Duration lookback) {
        this.db = db;
        this.tables = tables;
        List<TypeTable> types = tables.types();
        restore = new LatestRestore(LatestRestore.slices(now, lookback), db.committedUntilNow(), slice -> {
            types.forEach(table -> load(table, slice));
            tables.all(RecordTable.POSITIONS).forEach(table -> loadPlaces(table, slice));
        });
    }

    private void loadPlaces(String table, LatestRestore.Slice slice) {
        db.query(
                "SELECT ts, asset, lat, lon FROM '" + table
                        + "' WHERE ts >= :from AND ts < :to LATEST ON ts PARTITION BY asset",
                variables -> within(variables, slice),
                row -> place(Cells.asset(row, 1), new Place(Cells.time(row, 0), row.getDouble(2), row.getDouble(3))));
    }

    private void place(AssetId asset, Place place) {
        places.merge(asset, place, (known, fresh) -> fresh.ts() >= known.ts() ? fresh : known);
    }

    private static void within(BindVariableService variables, LatestRestore.Slice slice) throws SqlException {
        variables.setTimestamp("from", micros(slice.from()));
        variables.setTimestamp("to", slice.to() == Long.MAX_VALUE ? Long.MAX_VALUE : micros(slice.to()));
    }

    private void load(TypeTable table, LatestRestore.Slice slice) {
        Map<String, MetricKind> kinds = table.kinds();
        if (kinds.isEmpty()) {
            return;
        }
        LatestValues values = of(table.type);
        for (String name : tables.withLate(table)) {
            List<String> metrics = table.stored(name, List.copyOf(kinds.keySet()));
            if (metrics.isEmpty()) {
                continue;
            }
            db.query(
                    "SELECT ts, asset, " + table.quoted(metrics) + " FROM '" + name
                            + "' WHERE ts >= :from AND ts < :to LATEST ON ts PARTITION BY asset, names",
                    variables -> within(variables, slice),
                    row -> values.put(
                            Cells.asset(row, 1), Cells.time(row, 0), Metrics.of(Cells.values(row, 2, metrics, kinds))));
        }
    }

    void follow(List<? extends Row> rows) {
        for (Row row : rows) {
            if (row instanceof Row.Sample sample) {
                of(sample.assetType()).put(sample.asset(), sample.ts(), sample.values());
            } else if (row instanceof Row.Position at) {
                place(at.asset(), new Place(at.ts(), at.lat(), at.lon()));
            }
        }
    }

    Map<AssetId, Map<String, Value>> values(String type, Collection<AssetId> assets, Collection<String> metrics) {
        awaitNewest();
        LatestValues values = byType.get(type);
        return values == null ? Map.of() : values.of(assets, metrics);
    }

    /** After a restart an answer without the assets that speak all the time would be worse than a moment's wait. */
    private void awaitNewest() {
        try {
            if (!restore.awaitNewest(WAIT)) {
                throw new StoreUnavailableException(
                        "the newest values are being read back after a restart; ask again in a moment");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreUnavailableException("interrupted while newest values are read back after a restart", e);
        }
    }

    Map<AssetId, Place> places() {
        return Collections.unmodifiableMap(places);
    }

    private LatestValues of(String type) {
        return byType.computeIfAbsent(type, _ -> new LatestValues());
    }

    boolean isRestoring() {
        return !restore.done();
    }

    void awaitRestored(Duration atMost) throws InterruptedException {
        if (!restore.awaitAll(atMost)) {
            throw new StoreUnavailableException("the newest values are not read back after " + atMost);
        }
    }

    @Override
    public void close() {
        restore.close();
    }
}
