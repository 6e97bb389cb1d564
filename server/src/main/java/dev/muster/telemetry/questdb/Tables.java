package dev.muster.telemetry.questdb;

import dev.muster.telemetry.store.MetricKind;
import dev.muster.telemetry.store.Retention;
import dev.muster.telemetry.store.Row;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which tables there are: for each asset type one of its metrics and one of each kind of records, made when they are needed;
 * and beside each one of its late rows, made when the first comes.
 */
final class Tables {
    private final QuestDb db;
    private final Retention standard;
    private final Map<String, TypeTable> types = new ConcurrentHashMap<>();
    private final Map<String, Retention> retentions = new ConcurrentHashMap<>();
    /** Names of all that exist, with every column that they should have. */
    private final Set<String> existing = ConcurrentHashMap.newKeySet();

    /** @param standard for types of which nothing else was said */
    Tables(QuestDb db, Retention standard) {
        this.db = db;
        this.standard = standard;
        existing.addAll(db.tables());
        for (String table : existing) {
            String type = Names.type(table);
            if (type != null) {
                TypeTable loaded = new TypeTable(type);
                loaded.load(db.columns(table));
                types.put(type, loaded);
                if (existing.contains(Names.late(table))) {
                    makeMetrics(Names.late(table), loaded); // a kill may have come before its last column
                }
            }
        }
    }

    /** Whether days of the table may be packed. */
    static boolean isPacked(String table) {
        return !Names.isLate(table) && Names.type(table) == null;
    }

    /** Whether rows of packed days go to the table of late rows instead of this one. */
    static boolean leavesPackedDaysAlone(String table) {
        return Arrays.stream(RecordTable.values())
                .anyMatch(records -> table.equals(records.shared()) || table.startsWith(records.shared() + "_"));
    }

    List<TypeTable> types() {
        return List.copyOf(types.values());
    }

    @Nullable TypeTable type(String type) {
        return types.get(type);
    }

    private TypeTable requireType(String type) {
        TypeTable table = types.get(type);
        if (table == null) {
            throw new IllegalArgumentException("asset type " + type + " has no table: declare its metrics first");
        }
        return table;
    }

    /** The tables in which rows of this one may be: itself, and that of its late rows; those that there are. */
    List<String> withLate(String table) {
        List<String> found = new ArrayList<>(2);
        for (String each : List.of(table, Names.late(table))) {
            if (existing.contains(each)) {
                found.add(each);
            }
        }
        return found;
    }

    /**
     * Rows of metrics as the source of a question, in the order of time; one that came in time and again late is one.
     *
     * @param columns beside {@code ts}
     * @param where begins with the word
     */
    String united(TypeTable type, String columns, String where) {
        List<String> names = withLate(type.name);
        String key = names.size() > 1 ? "names, tie, " : "";
        String rows = names.stream()
                .map(name -> "SELECT ts, " + key + columns + " FROM '" + name + "'" + where)
                .collect(Collectors.joining(" UNION "));
        return names.size() > 1 ? "(SELECT * FROM (" + rows + ") ORDER BY ts)" : "(" + rows + ")";
    }

    /** The tables in which records of assets of the type may be. */
    List<String> withLate(RecordTable records, String type) {
        List<String> found = new ArrayList<>(withLate(records.table(type)));
        found.addAll(withLate(records.shared()));
        return found;
    }

    /** Where the row is to be written. */
    String tableOf(Row row, boolean late) {
        return switch (row) {
            case Row.Sample sample -> metricsTable(requireType(sample.assetType()), late);
            case Row.Position position -> recordTable(RecordTable.POSITIONS, position.assetType(), late);
            case Row.Happening happening -> recordTable(RecordTable.EVENTS, happening.assetType(), late);
            case Row.LogLine line -> recordTable(RecordTable.LOGS, line.assetType(), late);
        };
    }

    private String metricsTable(TypeTable type, boolean late) {
        String name = late ? Names.late(type.name) : type.name;
        if (!existing.contains(name)) {
            makeMetrics(name, type);
        }
        return name;
    }

    private String recordTable(RecordTable records, String type, boolean late) {
        String name = late ? Names.late(records.table(type)) : records.table(type);
        if (!existing.contains(name)) {
            make(name, records.create(name, records.days(retentionOf(type))));
        }
        return name;
    }

    /** One that exists gets the columns that it does not have. */
    private synchronized void makeMetrics(String name, TypeTable type) {
        db.execute(TypeTable.create(name, retentionOf(type.type).telemetryDays()));
        for (TypeTable.Column column : type.columns()) {
            db.execute(TypeTable.addColumn(name, column));
        }
        existing.add(name);
    }

    private synchronized void make(String name, String create) {
        db.execute(create);
        existing.add(name);
    }

    void makeSummaries(String type) {
        for (Resolution resolution : Resolution.values()) {
            if (!existing.contains(resolution.table(type))) {
                make(resolution.table(type), resolution.create(type, retentionOf(type)));
            }
        }
    }

    Map<String, MetricKind> metrics(String type) {
        TypeTable table = types.get(type);
        return table == null ? Map.of() : table.kinds();
    }

    synchronized void declare(String type, Map<String, MetricKind> metrics) {
        TypeTable table = types.get(type);
        if (table == null) {
            table = new TypeTable(type);
            makeMetrics(table.name, table);
            types.put(type, table);
        }
        for (Map.Entry<String, MetricKind> metric : metrics.entrySet()) {
            if (table.column(metric.getKey()) == null) {
                TypeTable.Column column = new TypeTable.Column(Names.column(metric.getKey()), metric.getValue());
                for (String each : withLate(table.name)) {
                    db.execute(TypeTable.addColumn(each, column));
                }
                table.add(metric.getKey(), column);
            }
        }
    }

    private Retention retentionOf(String type) {
        return retentions.getOrDefault(type, standard);
    }

    synchronized void retain(String type, Retention retention) {
        if (retention.equals(retentions.get(type))) {
            return;
        }
        Map<String, Integer> found = db.ttlDays();
        retain(Names.table(type), retention.telemetryDays(), found);
        for (RecordTable records : RecordTable.values()) {
            retain(records.table(type), records.days(retention), found);
            retain(records.shared(), records.days(standard), found);
        }
        for (Resolution resolution : Resolution.values()) {
            if (existing.contains(resolution.table(type))) {
                db.execute("ALTER TABLE '" + resolution.table(type) + "' SET TTL " + resolution.ttl(retention));
            }
        }
        retentions.put(type, retention);
    }

    private void retain(String table, int days, Map<String, Integer> found) {
        for (String each : withLate(table)) {
            if (!Integer.valueOf(days).equals(found.get(each))) {
                db.execute("ALTER TABLE '" + each + "' SET TTL " + days + " DAYS");
            }
        }
    }
}
