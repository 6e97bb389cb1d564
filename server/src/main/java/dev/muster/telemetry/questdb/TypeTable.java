package dev.muster.telemetry.questdb;

import dev.muster.telemetry.store.MetricKind;
import io.questdb.cairo.ColumnType;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The wide tables of one asset type: which metric is which column. The column's type says the metric's kind.
 *
 * <p>Mostly it is one table. A table that has packed days gets no more columns: a metric that comes then begins the next
 * generation, a table that has all columns and takes all further rows.
 */
final class TypeTable {
    /** A boolean is an INT of 0 or 1: QuestDB's BOOLEAN cannot be absent. */
    record Column(String name, MetricKind kind) {
        String sqlType() {
            return switch (kind) {
                case NUMBER -> "DOUBLE";
                case BOOLEAN -> "INT";
                case TEXT -> "VARCHAR";
            };
        }
    }

    /** @param metrics that have a column in it */
    record Generation(int number, String name, Set<String> metrics) {
        Generation {
            metrics = Set.copyOf(metrics);
        }
    }

    final String type;
    /** Of the first generation. */
    final String name;
    /** Newest first. */
    private volatile List<Generation> generations = List.of();

    private final Map<String, Column> columns = new ConcurrentHashMap<>();
    /** Asked for with every value that arrives. */
    private volatile Map<String, MetricKind> kinds = Map.of();

    TypeTable(String type) {
        this.type = type;
        this.name = Names.table(type);
    }

    /** @param table the one of the type, or that of its late rows */
    static String create(String table, int days) {
        return "CREATE TABLE IF NOT EXISTS '" + table
                + "' (ts TIMESTAMP, asset SYMBOL CAPACITY 4096, received TIMESTAMP,"
                + " names LONG, tie LONG) TIMESTAMP(ts) PARTITION BY DAY TTL " + days + " DAYS WAL"
                + " DEDUP UPSERT KEYS(ts, asset, names, tie)";
    }

    static String addColumn(String table, Column column) {
        return "ALTER TABLE '" + table + "' ADD COLUMN IF NOT EXISTS \"" + column.name() + "\" " + column.sqlType();
    }

    List<Generation> generations() {
        return generations;
    }

    Generation newest() {
        return generations.getFirst();
    }

    /** Instead of one of the same number. */
    void put(Generation generation) {
        generations = Stream.concat(
                        Stream.of(generation),
                        generations.stream().filter(each -> each.number() != generation.number()))
                .sorted(Comparator.comparingInt(Generation::number).reversed())
                .toList();
    }

    void remove(Generation generation) {
        generations = generations.stream()
                .filter(each -> each.number() != generation.number())
                .toList();
    }

    /** Those of the metrics that the table has a column for: one of the generations, or that of late rows. */
    List<String> stored(String table, List<String> metrics) {
        for (Generation generation : generations) {
            if (generation.name().equals(table)) {
                return metrics.stream().filter(generation.metrics()::contains).toList();
            }
        }
        return metrics;
    }

    void add(String metric, Column column) {
        columns.put(metric, column);
        kinds = kindsOf(columns);
    }

    void load(Generation generation, Map<String, Column> loaded) {
        columns.putAll(loaded);
        kinds = kindsOf(columns);
        put(generation);
    }

    static Map<String, Column> metrics(String table, Map<String, Integer> columnTypes) {
        Map<String, Column> found = new HashMap<>();
        columnTypes.forEach((column, columnType) -> {
            String metric = Names.metric(column);
            if (metric != null) {
                found.put(metric, new Column(column, kind(table, columnType)));
            }
        });
        return found;
    }

    private static MetricKind kind(String table, int columnType) {
        return switch (ColumnType.tagOf(columnType)) {
            case ColumnType.DOUBLE -> MetricKind.NUMBER;
            case ColumnType.INT -> MetricKind.BOOLEAN;
            case ColumnType.VARCHAR -> MetricKind.TEXT;
            default ->
                throw new IllegalStateException("table " + table + " holds a metric of type "
                        + ColumnType.nameOf(columnType) + ", which this version does not write");
        };
    }

    @Nullable Column column(String metric) {
        return columns.get(metric);
    }

    /** The column of a metric that is stored, as SQL wants it. */
    String quoted(String metric) {
        return '"' + Objects.requireNonNull(columns.get(metric)).name() + '"';
    }

    /** As a list of columns. */
    String quoted(List<String> metrics) {
        return metrics.stream().map(this::quoted).collect(Collectors.joining(", "));
    }

    Collection<Column> columns() {
        return columns.values();
    }

    Map<String, MetricKind> kinds() {
        return kinds;
    }

    private static Map<String, MetricKind> kindsOf(Map<String, Column> columns) {
        return columns.entrySet().stream()
                .collect(Collectors.toUnmodifiableMap(
                        Map.Entry::getKey, entry -> entry.getValue().kind()));
    }
}
