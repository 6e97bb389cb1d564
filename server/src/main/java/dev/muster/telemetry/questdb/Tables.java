package dev.muster.telemetry.questdb;

import dev.muster.telemetry.store.MetricKind;
import dev.muster.telemetry.store.Retention;
import dev.muster.telemetry.store.Row;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Which tables there are: those that all types share, and one for each asset type. */
final class Tables {
    private final QuestDb db;
    private final Retention retention;
    private final Map<String, TypeTable> types = new ConcurrentHashMap<>();

    /** Makes the shared tables where they are missing, and reads which types have one. */
    Tables(QuestDb db, Retention retention) {
        this.db = db;
        this.retention = retention;
        for (RecordTable table : RecordTable.values()) {
            db.execute(table.create(retention));
        }
        for (String table : db.tables()) {
            String type = Names.type(table);
            if (type != null) {
                TypeTable loaded = new TypeTable(type);
                loaded.load(db.columns(table));
                types.put(type, loaded);
            }
        }
    }

    List<TypeTable> types() {
        return List.copyOf(types.values());
    }

    @Nullable TypeTable type(String type) {
        return types.get(type);
    }

    TypeTable requireType(String type) {
        TypeTable table = types.get(type);
        if (table == null) {
            throw new IllegalArgumentException("asset type " + type + " has no table: declare its metrics first");
        }
        return table;
    }

    String tableOf(Row row) {
        return row instanceof Row.Sample sample
                ? requireType(sample.type()).name
                : RecordTable.of(row).table();
    }

    Map<String, MetricKind> metrics(String type) {
        TypeTable table = types.get(type);
        return table == null ? Map.of() : table.kinds();
    }

    synchronized void declare(String type, Map<String, MetricKind> metrics) {
        TypeTable table = types.get(type);
        if (table == null) {
            table = new TypeTable(type);
            db.execute(table.create(retention.telemetryDays()));
            types.put(type, table);
        }
        for (Map.Entry<String, MetricKind> metric : metrics.entrySet()) {
            if (table.column(metric.getKey()) == null) {
                TypeTable.Column column = new TypeTable.Column(Names.column(metric.getKey()), metric.getValue());
                db.execute(table.add(column));
                table.add(metric.getKey(), column);
            }
        }
    }
}
