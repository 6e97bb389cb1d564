package dev.muster.telemetry.questdb;

import static dev.muster.telemetry.questdb.Cells.micros;

import dev.muster.protocol.Metrics;
import dev.muster.telemetry.store.MetricKind;
import dev.muster.telemetry.store.Row;
import dev.muster.telemetry.store.StoreUnavailableException;
import io.questdb.cairo.CairoError;
import io.questdb.cairo.CairoException;
import io.questdb.cairo.TableWriter;
import io.questdb.cairo.wal.WalWriter;
import io.questdb.std.str.Utf8String;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Writes rows into their tables, one commit for each table. */
final class RowWriter {
    private final QuestDb db;
    private final Tables tables;

    RowWriter(QuestDb db, Tables tables) {
        this.db = db;
        this.tables = tables;
    }

    /** On return they are on disk. */
    void append(List<? extends Row> rows) {
        append(rows, row -> tables.tableOf(row, false));
    }

    /** The same, into the tables of late rows. */
    void appendLate(List<? extends Row> rows) {
        append(rows, row -> tables.tableOf(row, true));
    }

    private void append(List<? extends Row> rows, Function<Row, String> tableOf) {
        Map<String, List<Row>> byTable = new LinkedHashMap<>();
        for (Row row : rows) {
            byTable.computeIfAbsent(tableOf.apply(row), _ -> new ArrayList<>()).add(row);
        }
        byTable.forEach(this::appendTo);
    }

    private void appendTo(String table, List<Row> rows) {
        try (WalWriter writer = db.writer(table)) {
            try {
                Columns columns = new Columns(writer.getMetadata(), typeOf(rows.getFirst()));
                for (Row row : rows) {
                    write(writer, columns, row);
                }
                // In sync mode this returns when the columns, the events and the sequencer's log are on disk.
                writer.commit();
            } catch (RuntimeException | Error e) {
                writer.rollback();
                throw e;
            }
        } catch (CairoException | CairoError e) {
            throw new StoreUnavailableException(
                    "cannot write " + rows.size() + " rows to questdb table " + table + ": " + e.getMessage(), e);
        }
        db.committed();
    }

    private @Nullable TypeTable typeOf(Row row) {
        return row instanceof Row.Sample sample ? tables.type(sample.assetType()) : null;
    }

    private static void write(WalWriter writer, Columns columns, Row row) {
        TableWriter.Row written = writer.newRow(micros(row.ts()));
        written.putSym(columns.of("asset"), row.asset().value());
        written.putTimestamp(columns.of("received"), micros(row.receivedAt()));
        switch (row) {
            case Row.Sample sample -> writeSample(written, columns, sample);
            case Row.Position position -> writePosition(written, columns, position);
            case Row.Happening happening -> {
                written.putLong(columns.of("hash"), happening.hash());
                written.putInt(columns.of("severity"), happening.severity().ordinal());
                putText(written, columns.of("type"), happening.type());
                putText(written, columns.of("message"), happening.message());
                putText(written, columns.of("data"), happening.data());
            }
            case Row.LogLine line -> {
                written.putLong(columns.of("hash"), line.hash());
                written.putInt(columns.of("severity"), line.severity().ordinal());
                putText(written, columns.of("body"), line.body());
                putText(written, columns.of("attributes"), line.attributes());
            }
        }
        written.append();
    }

    private static void writeSample(TableWriter.Row written, Columns columns, Row.Sample sample) {
        written.putLong(columns.of("names"), sample.names());
        written.putLong(columns.of("tie"), sample.tie());
        Metrics values = sample.values();
        Columns.Metric[] metrics = columns.of(values.names());
        for (int i = 0; i < metrics.length; i++) {
            Columns.Metric column = metrics[i];
            Object other = values.other(i);
            MetricKind kind = other == null ? MetricKind.NUMBER : MetricKind.of(other);
            if (kind != column.kind()) {
                throw new IllegalArgumentException("metric " + values.names().name(i) + " of asset type "
                        + sample.assetType() + " is stored as " + column.kind().wire() + ", not as " + kind.wire());
            }
            switch (other) {
                case null -> written.putDouble(column.index(), values.number(i));
                case Number number -> written.putDouble(column.index(), number.doubleValue());
                case Boolean truth -> written.putInt(column.index(), truth ? 1 : 0);
                default -> putText(written, column.index(), other.toString());
            }
        }
    }

    private static void writePosition(TableWriter.Row written, Columns columns, Row.Position position) {
        written.putDouble(columns.of("lat"), position.lat());
        written.putDouble(columns.of("lon"), position.lon());
        putNumber(written, columns.of("alt"), position.alt());
        putNumber(written, columns.of("speed"), position.speed());
        putNumber(written, columns.of("heading"), position.heading());
        putNumber(written, columns.of("accuracy"), position.accuracy());
        putText(written, columns.of("fix"), position.fix());
    }

    private static void putNumber(TableWriter.Row written, int column, @Nullable Double value) {
        if (value != null) {
            written.putDouble(column, value);
        }
    }

    private static void putText(TableWriter.Row written, int column, @Nullable String text) {
        if (text != null) {
            written.putVarchar(column, new Utf8String(text));
        }
    }
}
