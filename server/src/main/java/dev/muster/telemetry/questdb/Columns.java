package dev.muster.telemetry.questdb;

import dev.muster.protocol.MetricNames;
import dev.muster.telemetry.store.MetricKind;
import io.questdb.cairo.sql.TableRecordMetadata;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Where a table's columns are, looked up once per batch. */
final class Columns {
    /** The column of a metric. */
    record Metric(int index, MetricKind kind) {}

    private final TableRecordMetadata metadata;
    private final @Nullable TypeTable table;
    private final Map<String, Integer> known = new HashMap<>();
    private final Map<MetricNames, Metric[]> metrics = new HashMap<>();
    private MetricNames lastNames = MetricNames.NONE;
    private Metric[] last = new Metric[0];

    /** @param table null where the table is none of a type */
    Columns(TableRecordMetadata metadata, @Nullable TypeTable table) {
        this.metadata = metadata;
        this.table = table;
    }

    int of(String column) {
        Integer index = known.get(column);
        if (index == null) {
            index = metadata.getColumnIndex(column);
            known.put(column, index);
        }
        return index;
    }

    /** In the order of the names. */
    Metric[] of(MetricNames names) {
        if (names != lastNames) {
            last = metrics.computeIfAbsent(names, this::find);
            lastNames = names;
        }
        return last;
    }

    private Metric[] find(MetricNames names) {
        Metric[] found = new Metric[names.size()];
        for (int i = 0; i < found.length; i++) {
            TypeTable.Column column = Objects.requireNonNull(table).column(names.name(i));
            if (column == null) {
                throw new IllegalArgumentException(
                        "metric " + names.name(i) + " of asset type " + table.type + " is not declared");
            }
            found[i] = new Metric(metadata.getColumnIndex(column.name()), column.kind());
        }
        return found;
    }
}
