package dev.muster.telemetry.export;

import dev.muster.telemetry.store.TelemetryStore.AssetReading;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * RFC 4180: a heading, then a row for each reading; an empty cell is no value.
 *
 * <p>A text that a spreadsheet would take for a formula gets an apostrophe in front: assets say what they like, and the person
 * who opens the file is somebody else.
 */
public final class CsvReadings implements ReadingsFile {
    private static final int BUFFER = 1 << 16;
    private static final String FORMULA = "=+-@\t\r";

    private final Writer out;

    public CsvReadings(OutputStream out, List<String> metrics) throws IOException {
        this.out = new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8), BUFFER);
        this.out.write("ts,asset");
        for (String metric : metrics) {
            this.out.write(',');
            this.out.write(text(metric));
        }
        this.out.write("\r\n");
    }

    @Override
    public void rows(List<AssetReading> rows) throws IOException {
        for (AssetReading row : rows) {
            out.write(Instant.ofEpochMilli(row.ts()).toString());
            out.write(',');
            out.write(text(row.asset()));
            for (Object value : row.values()) {
                out.write(',');
                out.write(cell(value));
            }
            out.write("\r\n");
        }
    }

    private static String cell(@Nullable Object value) {
        return switch (value) {
            case null -> "";
            case String text -> text(text);
            default -> value.toString(); // a number or a truth, which are no formulas
        };
    }

    private static String text(String text) {
        String safe = !text.isEmpty() && FORMULA.indexOf(text.charAt(0)) >= 0 ? "'" + text : text;
        boolean plain = safe.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
        return plain ? safe : '"' + safe.replace("\"", "\"\"") + '"';
    }

    @Override
    public void end() throws IOException {
        out.flush();
    }
}
