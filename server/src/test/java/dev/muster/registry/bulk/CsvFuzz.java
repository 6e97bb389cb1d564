package dev.muster.registry.bulk;

import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** Any bytes as an import: rows with lines that grow, until the end. */
public final class CsvFuzz {
    private CsvFuzz() {}

    public static void fuzzerTestOneInput(byte[] data) {
        try (CsvReader reader = new CsvReader(new StringReader(new String(data, StandardCharsets.UTF_8)))) {
            int line = 0;
            for (CsvReader.Row row = reader.next(); row != null; row = reader.next()) {
                if (row.line() <= line || row.fields().size() > CsvReader.MAX_FIELDS) {
                    throw new AssertionError(row + " after line " + line);
                }
                line = row.line();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
