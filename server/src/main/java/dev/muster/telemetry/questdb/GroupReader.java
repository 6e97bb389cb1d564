package dev.muster.telemetry.questdb;

import static dev.muster.telemetry.questdb.Cells.micros;

import dev.muster.telemetry.store.GroupSums;
import dev.muster.telemetry.store.MetricKind;
import dev.muster.telemetry.store.QueryTooLargeException;
import io.questdb.cairo.sql.Record;
import io.questdb.std.Numbers;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads one metric of many assets. QuestDB hands over the rows of the time and the groups are made here: an asset is then one
 * look into an array by the number that QuestDB has for it, however many there are, and nobody outside of them counts.
 */
final class GroupReader {
    /** Late rows of one question; beyond it the question is too large. */
    static final int MAX_LATE = 1_000_000;

    private static final int CHECK_EVERY = 0xFFFF;

    private final QuestDb db;
    private final Tables tables;

    GroupReader(QuestDb db, Tables tables) {
        this.db = db;
        this.tables = tables;
    }

    void sum(TypeTable table, String metric, Map<String, Integer> groups, long from, long to, GroupSums sums) {
        TypeTable.Column column = table.column(metric);
        if (column == null || column.kind() == MetricKind.TEXT) {
            return;
        }
        boolean truth = column.kind() == MetricKind.BOOLEAN;
        Set<Key> seen = new HashSet<>();
        if (tables.withLate(table).contains(Names.late(table.name))) {
            Scan scan = new Scan(groups, truth, sums);
            read(Names.late(table.name), table.quoted(metric), from, to, row -> {
                if (scan.take(row)) {
                    remember(seen, row);
                }
            });
        }
        List<TypeTable.Generation> generations = table.generations().stream()
                .filter(generation -> generation.metrics().contains(metric))
                .toList();
        for (int i = 0; i < generations.size(); i++) {
            Scan scan = new Scan(groups, truth, sums);
            long older = newest(generations.subList(i + 1, generations.size()));
            read(generations.get(i).name(), table.quoted(metric), from, to, row -> {
                boolean counts = seen.isEmpty() || !seen.contains(Key.of(row));
                if (counts && scan.take(row) && row.getTimestamp(0) <= older) {
                    remember(seen, row);
                }
            });
        }
    }

    /** In microseconds; a row that is not newer may stand in an older table too, if a journal was read twice. */
    private long newest(List<TypeTable.Generation> generations) {
        long[] newest = {Long.MIN_VALUE};
        for (TypeTable.Generation generation : generations) {
            db.query(
                    "SELECT max(ts) FROM '" + generation.name() + "'",
                    Queries.Binder.NONE,
                    row -> newest[0] = Math.max(newest[0], row.getTimestamp(0)));
        }
        return newest[0];
    }

    private void read(String table, String column, long from, long to, Queries.RowReader reader) {
        db.query(
                "SELECT ts, asset, " + column + ", names, tie FROM '" + table + "' WHERE ts >= :from AND ts < :to AND "
                        + column + " IS NOT NULL",
                variables -> {
                    variables.setTimestamp("from", micros(from));
                    variables.setTimestamp("to", micros(to));
                },
                reader);
    }

    private static void remember(Set<Key> seen, Record row) {
        seen.add(Key.of(row));
        if (seen.size() > MAX_LATE) {
            throw new QueryTooLargeException(
                    "that time holds more than " + MAX_LATE + " late rows of the asset type; ask for a shorter time");
        }
    }

    /** What makes a row the same row in several tables. */
    private record Key(long ts, String asset, long names, long tie) {
        static Key of(Record row) {
            return new Key(row.getTimestamp(0), row.getSymA(1).toString(), row.getLong(3), row.getLong(4));
        }
    }

    /** One pass over one table: its numbers of assets are its own. */
    private static final class Scan {
        private static final int UNKNOWN = -2;
        private static final int OTHERS = -1;

        private final Map<String, Integer> groups;
        private final boolean truth;
        private final GroupSums sums;
        private int[] groupOf = new int[0];
        private long rows;

        Scan(Map<String, Integer> groups, boolean truth, GroupSums sums) {
            this.groups = groups;
            this.truth = truth;
            this.sums = sums;
        }

        /** Whether the row is of an asset in a group. */
        boolean take(Record row) {
            int group = group(row);
            if (group == OTHERS) {
                return false;
            }
            sums.add(group, Cells.time(row, 0), truth ? truth(row) : row.getDouble(2));
            if ((++rows & CHECK_EVERY) == 0 && sums.isTooMuch()) {
                throw new QueryTooLargeException(
                        "the values differ too much for that many groups and steps; ask for fewer of them");
            }
            return true;
        }

        private static double truth(Record row) {
            int value = row.getInt(2);
            return value == Numbers.INT_NULL ? Double.NaN : value;
        }

        private int group(Record row) {
            int number = row.getInt(1);
            if (number >= groupOf.length) {
                int before = groupOf.length;
                groupOf = Arrays.copyOf(groupOf, Math.max(1024, number * 2 + 2));
                Arrays.fill(groupOf, before, groupOf.length, UNKNOWN);
            }
            int group = groupOf[number];
            if (group == UNKNOWN) {
                group = groups.getOrDefault(row.getSymA(1).toString(), OTHERS);
                groupOf[number] = group;
            }
            return group;
        }
    }
}
