package dev.muster.telemetry.questdb;

import dev.muster.telemetry.store.MetricKind;
import dev.muster.telemetry.store.Retention;
import dev.muster.telemetry.store.Row;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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
    /** Generations that nobody asks any more. */
    private final Set<String> retired = new HashSet<>();
    /** Tables of metrics that get no more columns. */
    private final Set<String> sealed = ConcurrentHashMap.newKeySet();

    /** @param standard for types of which nothing else was said */
    Tables(QuestDb db, Retention standard) {
        this.db = db;
        this.standard = standard;
        existing.addAll(db.tables());
        for (String table : existing) {
            String type = Names.type(table);
            if (type != null) {
                Map<String, TypeTable.Column> metrics = TypeTable.metrics(table, db.columns(table));
                types.computeIfAbsent(type, TypeTable::new)
                        .load(new TypeTable.Generation(Names.generation(table), table, metrics.keySet()), metrics);
            }
        }
        sealed.addAll(db.packer()
                .packedUntil(existing.stream()
                        .filter(each -> Names.type(each) != null)
                        .toList())
                .keySet());
        types.values().forEach(this::makeUp);
    }

    /** A kill may have come before the last column. */
    private void makeUp(TypeTable type) {
        String late = Names.late(type.name);
        if (existing.contains(late)) {
            makeMetrics(late, type);
        }
        TypeTable.Generation newest = type.newest();
        if (newest.number() > 1 && !newest.metrics().equals(type.kinds().keySet())) {
            makeMetrics(newest.name(), type);
            type.put(new TypeTable.Generation(
                    newest.number(), newest.name(), type.kinds().keySet()));
        }
    }

    /** A table of metrics gets no more columns; those that it has are committed. */
    synchronized void seal(String table) {
        if (Names.type(table) != null) {
            sealed.add(table);
        }
    }

    /** Whether days of the table may be packed. */
    static boolean isPacked(String table) {
        return !Names.isLate(table);
    }

    /** Whether rows of packed days go to the table of late rows instead of this one. */
    static boolean leavesPackedDaysAlone(String table) {
        return Names.type(table) != null
                || Arrays.stream(RecordTable.values())
                        .anyMatch(
                                records -> table.equals(records.shared()) || table.startsWith(records.shared() + "_"));
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

    /** The tables in which metrics of the type may be: all generations, newest first, and that of late rows. */
    List<String> withLate(TypeTable type) {
        List<String> found = new ArrayList<>(2);
        type.generations().forEach(generation -> found.add(generation.name()));
        if (existing.contains(Names.late(type.name))) {
            found.add(Names.late(type.name));
        }
        return found;
    }

    /**
     * Rows of a metric as the source of a question, in the order of time; one that came in time and again late is one.
     *
     * @param columns beside {@code ts}
     * @param where begins with the word
     */
    String united(TypeTable type, String metric, String columns, String where) {
        List<String> names = withLate(type).stream()
                .filter(name -> !type.stored(name, List.of(metric)).isEmpty())
                .toList();
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

    /** The tables in which records of any type may be. */
    List<String> all(RecordTable records) {
        return existing.stream()
                .filter(table -> Stream.of(records.shared(), Names.late(records.shared()))
                        .anyMatch(shared -> table.equals(shared) || table.startsWith(shared + "_")))
                .toList();
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
        String name = late ? Names.late(type.name) : type.newest().name();
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
            table.put(new TypeTable.Generation(1, table.name, Set.of()));
            types.put(type, table);
        }
        for (Map.Entry<String, MetricKind> metric : metrics.entrySet()) {
            if (table.column(metric.getKey()) == null) {
                TypeTable.Column column = new TypeTable.Column(Names.column(metric.getKey()), metric.getValue());
                add(table, metric.getKey(), column);
            }
        }
    }

    private void add(TypeTable table, String metric, TypeTable.Column column) {
        TypeTable.Generation newest = table.newest();
        if (sealed.contains(newest.name())) {
            newest = new TypeTable.Generation(
                    newest.number() + 1,
                    Names.table(table.type, newest.number() + 1),
                    table.kinds().keySet());
            makeMetrics(newest.name(), table);
        }
        db.execute(TypeTable.addColumn(newest.name(), column));
        if (existing.contains(Names.late(table.name))) {
            db.execute(TypeTable.addColumn(Names.late(table.name), column));
        }
        Set<String> metrics = new HashSet<>(newest.metrics());
        metrics.add(metric);
        table.put(new TypeTable.Generation(
                newest.number(), newest.name(), metrics)); // first: who knows the metric finds it
        table.add(metric, column);
    }

    /** A generation that has no rows any more is not asked from now on, and dropped the next time. */
    synchronized void dropEmpty() {
        for (String name : retired) {
            db.execute("DROP TABLE IF EXISTS '" + name + "'");
            existing.remove(name);
        }
        retired.clear();
        for (TypeTable type : types.values()) {
            List<TypeTable.Generation> generations = type.generations();
            for (TypeTable.Generation old : generations.subList(1, generations.size())) {
                if (db.isEmpty(old.name())) {
                    type.remove(old);
                    retired.add(old.name());
                }
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
        TypeTable table = types.get(type);
        if (table != null) {
            table.generations().forEach(each -> retain(each.name(), retention.telemetryDays(), found));
        }
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
