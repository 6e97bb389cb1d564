package dev.muster.telemetry.questdb;

import dev.muster.telemetry.store.MetricKind;
import dev.muster.telemetry.store.Retention;
import dev.muster.telemetry.store.Row;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Which tables there are: those that all types share, one for each asset type, and for each of them one of its late rows,
 * made when the first comes.
 */
final class Tables {
    private final QuestDb db;
    private final Retention retention;
    private final Map<String, TypeTable> types = new ConcurrentHashMap<>();
    /** By the name of the table whose late rows they keep. */
    private final Set<String> late = ConcurrentHashMap.newKeySet();

    /** Makes the shared tables where they are missing, and reads which others there are. */
    Tables(QuestDb db, Retention retention) {
        this.db = db;
        this.retention = retention;
        for (RecordTable table : RecordTable.values()) {
            db.execute(table.create(table.table(), retention));
        }
        List<String> found = db.tables();
        for (String table : found) {
            String type = Names.type(table);
            if (type != null) {
                TypeTable loaded = new TypeTable(type);
                loaded.load(db.columns(table));
                types.put(type, loaded);
            }
        }
        for (String table : found) {
            if (found.contains(Names.late(table))) {
                makeLate(table); // again: a kill may have come between its making and its last column
            }
        }
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

    /** Whether any late row of the table was ever stored. */
    boolean hasLate(String table) {
        return late.contains(table);
    }

    /** The tables in which rows of this one may be: itself, and that of its late rows where there is one. */
    List<String> withLate(String table) {
        return hasLate(table) ? List.of(table, Names.late(table)) : List.of(table);
    }

    String tableOf(Row row) {
        return row instanceof Row.Sample sample
                ? requireType(sample.type()).name
                : RecordTable.of(row).table();
    }

    String lateTableOf(Row row) {
        String table = tableOf(row);
        if (!hasLate(table)) {
            makeLate(table);
        }
        return Names.late(table);
    }

    /** One that exists gets the columns that it does not have. */
    private synchronized void makeLate(String table) {
        String name = Names.late(table);
        String type = Names.type(table);
        if (type == null) {
            db.execute(RecordTable.named(table).create(name, retention));
        } else {
            db.execute(TypeTable.create(name, retention.telemetryDays()));
            for (TypeTable.Column column : requireType(type).columns()) {
                db.execute(TypeTable.addColumn(name, column));
            }
        }
        late.add(table);
    }

    Map<String, MetricKind> metrics(String type) {
        TypeTable table = types.get(type);
        return table == null ? Map.of() : table.kinds();
    }

    synchronized void declare(String type, Map<String, MetricKind> metrics) {
        TypeTable table = types.get(type);
        if (table == null) {
            table = new TypeTable(type);
            db.execute(TypeTable.create(table.name, retention.telemetryDays()));
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
}
