package dev.muster.telemetry.questdb;

import io.questdb.cairo.CairoException;
import io.questdb.cairo.ColumnType;
import io.questdb.cairo.sql.Record;
import io.questdb.cairo.sql.RecordCursor;
import io.questdb.cairo.sql.RecordMetadata;
import io.questdb.griffin.SqlException;
import io.questdb.std.str.Utf8s;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/** Compares the rows of two answers, every value of every column. */
final class SameRows {
    private static final int ASK_EVERY = 0xFFFF;

    /**
     * @param rows that are the same
     * @param difference empty when none was found
     * @param stopped before the end
     */
    record Comparison(long rows, String difference, boolean stopped) {
        private static Comparison of(long rows, String difference) {
            return new Comparison(rows, difference, false);
        }
    }

    private interface Column {
        boolean same(Record expected, Record found);
    }

    private SameRows() {}

    /** @param goOn asked once in a while; when it says no the comparison stops */
    static Comparison compare(
            RecordMetadata expectedColumns,
            RecordCursor expected,
            RecordMetadata foundColumns,
            RecordCursor found,
            BooleanSupplier goOn)
            throws SqlException {
        int count = expectedColumns.getColumnCount();
        if (foundColumns.getColumnCount() != count) {
            return Comparison.of(0, foundColumns.getColumnCount() + " columns instead of " + count);
        }
        List<Column> columns = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String name = expectedColumns.getColumnName(i);
            if (!foundColumns.getColumnName(i).equals(name)) {
                return Comparison.of(0, "column " + foundColumns.getColumnName(i) + " instead of " + name);
            }
            columns.add(column(i, expectedColumns.getColumnType(i)));
        }
        Record a = expected.getRecord();
        Record b = found.getRecord();
        for (long rows = 0; ; rows++) {
            if ((rows & ASK_EVERY) == ASK_EVERY && !goOn.getAsBoolean()) {
                return new Comparison(rows, "", true);
            }
            boolean more = expected.hasNext();
            if (more != found.hasNext()) {
                return Comparison.of(rows, more ? "only " + rows + " rows" : "more than " + rows + " rows");
            }
            if (!more) {
                return Comparison.of(rows, "");
            }
            for (int i = 0; i < count; i++) {
                if (!columns.get(i).same(a, b)) {
                    return Comparison.of(
                            rows, "another value in row " + rows + ", column " + expectedColumns.getColumnName(i));
                }
            }
        }
    }

    private static Column column(int i, int type) {
        return switch (ColumnType.tagOf(type)) {
            case ColumnType.TIMESTAMP -> (a, b) -> a.getTimestamp(i) == b.getTimestamp(i);
            case ColumnType.LONG -> (a, b) -> a.getLong(i) == b.getLong(i);
            case ColumnType.INT -> (a, b) -> a.getInt(i) == b.getInt(i);
            // All that are not a number are the same: none.
            case ColumnType.DOUBLE ->
                (a, b) -> Double.doubleToLongBits(a.getDouble(i)) == Double.doubleToLongBits(b.getDouble(i));
            case ColumnType.VARCHAR -> (a, b) -> Utf8s.equals(a.getVarcharA(i), b.getVarcharB(i));
            // A file knows symbols as texts.
            case ColumnType.SYMBOL -> (a, b) -> Utf8s.equalsUtf16Nc(a.getSymA(i), b.getVarcharA(i));
            default ->
                throw CairoException.nonCritical()
                        .put("columns of type ")
                        .put(ColumnType.nameOf(type))
                        .put(" cannot be compared");
        };
    }
}
