package dev.muster.telemetry.questdb;

import dev.muster.protocol.AssetId;
import dev.muster.telemetry.store.MetricKind;
import io.questdb.cairo.sql.Record;
import io.questdb.std.Numbers;
import io.questdb.std.str.StringSink;
import io.questdb.std.str.Utf8Sequence;
import io.questdb.std.str.Utf8s;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What a row of QuestDB holds in a column, as our own values; and times of both. */
final class Cells {
    private Cells() {}

    /** The metrics that the row has, in the columns from {@code first} on. */
    static Map<String, Object> values(Record row, int first, List<String> metrics, Map<String, MetricKind> kinds) {
        Map<String, Object> values = new LinkedHashMap<>();
        for (int i = 0; i < metrics.size(); i++) {
            String metric = metrics.get(i);
            Object value = value(row, first + i, Objects.requireNonNull(kinds.get(metric)));
            if (value != null) {
                values.put(metric, value);
            }
        }
        return values;
    }

    static @Nullable Object value(Record row, int column, MetricKind kind) {
        return switch (kind) {
            case NUMBER -> number(row, column);
            case TEXT -> text(row, column);
            case BOOLEAN -> {
                int truth = row.getInt(column);
                yield truth == Numbers.INT_NULL ? null : truth == 1;
            }
        };
    }

    static @Nullable Double number(Record row, int column) {
        double number = row.getDouble(column);
        return Double.isNaN(number) ? null : (Double) number;
    }

    static @Nullable String text(Record row, int column) {
        Utf8Sequence text = row.getVarcharA(column);
        if (text == null) {
            return null;
        }
        StringSink sink = new StringSink();
        Utf8s.utf8ToUtf16(text, sink);
        return sink.toString();
    }

    static String requireText(Record row, int column) {
        return Objects.requireNonNullElse(text(row, column), "");
    }

    static AssetId asset(Record row, int column) {
        return new AssetId(row.getSymA(column).toString());
    }

    /** A timestamp column, in milliseconds since the epoch. */
    static long time(Record row, int column) {
        return Math.floorDiv(row.getTimestamp(column), 1000L);
    }

    static long micros(long millis) {
        return Math.multiplyExact(millis, 1000L);
    }
}
