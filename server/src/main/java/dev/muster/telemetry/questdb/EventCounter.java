package dev.muster.telemetry.questdb;

import static dev.muster.telemetry.questdb.Cells.micros;

import dev.muster.protocol.Severity;
import dev.muster.telemetry.store.QueryTooLargeException;
import dev.muster.telemetry.store.TelemetryStore.EventCount;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Counts events of all assets of a type; a row that stands in several tables counts once. */
final class EventCounter {
    private final QuestDb db;
    private final Tables tables;

    EventCounter(QuestDb db, Tables tables) {
        this.db = db;
        this.tables = tables;
    }

    private record Key(long ts, String asset, long hash) {}

    private record Counted(String asset, String event, int severity) {}

    List<EventCount> count(String type, long from, long to, int most) {
        List<String> names = tables.withLate(RecordTable.EVENTS, type);
        Set<Key> seen = new HashSet<>();
        Map<Counted, Long> counts = new HashMap<>();
        long[] rows = new long[1];
        for (String name : names) {
            db.query(
                    "SELECT ts, asset, hash, severity, type FROM '" + name + "' WHERE ts >= :from AND ts < :to",
                    variables -> {
                        variables.setTimestamp("from", micros(from));
                        variables.setTimestamp("to", micros(to));
                    },
                    row -> {
                        if (++rows[0] > most) {
                            throw new QueryTooLargeException("that time holds more than " + most
                                    + " events of asset type " + type + "; ask for a shorter time");
                        }
                        String asset = row.getSymA(1).toString();
                        boolean isNew =
                                names.size() == 1 || seen.add(new Key(row.getTimestamp(0), asset, row.getLong(2)));
                        if (isNew) {
                            counts.merge(new Counted(asset, Cells.requireText(row, 4), row.getInt(3)), 1L, Long::sum);
                        }
                    });
        }
        List<EventCount> found = new ArrayList<>(counts.size());
        counts.forEach((key, count) ->
                found.add(new EventCount(key.asset(), key.event(), Severity.values()[key.severity()], count)));
        return found;
    }
}
