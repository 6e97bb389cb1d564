package dev.muster.registry.bulk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.registry.bulk.CsvReader.Row;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CsvReaderTest {

    @Test
    void readsPlainAndQuotedFields() {
        assertThat(fields("id,type\r\na,\"x, \"\"y\"\"\"\nb,\n"))
                .containsExactly(List.of("id", "type"), List.of("a", "x, \"y\""), List.of("b", ""));
    }

    @Test
    void countsLinesInsideOfQuotes() {
        List<Row> rows = rows("id\n\"two\nlines\"\n\nlast");

        assertThat(rows).extracting(Row::line).containsExactly(1, 2, 5);
        assertThat(rows.get(1).fields()).containsExactly("two\nlines");
    }

    @Test
    void passesOverAByteOrderMarkAndOldMacLineEnds() {
        assertThat(fields("\uFEFFid,type\ra,b")).containsExactly(List.of("id", "type"), List.of("a", "b"));
    }

    @Test
    void reportsABadRecordAndGoesOnAtTheNextLine() {
        List<Row> rows = rows("id\na\"b\n\"c\"d\ne\n");

        assertThat(rows.get(1).problem()).contains("quote inside");
        assertThat(rows.get(2).problem()).isEqualTo("has text after a closing quote");
        assertThat(rows.get(3)).isEqualTo(new Row(4, List.of("e"), null));
    }

    @Test
    void givesUpARecordThatGrowsBeyondItsBound() {
        List<Row> rows = rows("id\n\"" + "x".repeat(CsvReader.MAX_RECORD) + "\nstill open\nafter\n");

        assertThat(rows.get(1).problem()).contains("more than " + CsvReader.MAX_RECORD);
        assertThat(rows.getLast().fields()).containsExactly("after");
    }

    @Test
    void reportsAQuoteThatIsNeverClosed() {
        assertThat(rows("id\n\"a").getLast().problem()).isEqualTo("has a quote that is never closed");
    }

    @Test
    void reportsTooManyFields() {
        assertThat(rows(",".repeat(CsvReader.MAX_FIELDS) + "\n").getFirst().problem())
                .contains("more than " + CsvReader.MAX_FIELDS);
    }

    @Test
    void readsBackWhatAnExportWrites() {
        long seed = 7;
        Random random = new Random(seed);
        List<List<String>> written = new ArrayList<>();
        StringBuilder file = new StringBuilder();
        for (int i = 0; i < 500; i++) {
            List<String> row = new ArrayList<>(List.of("id" + i));
            for (int cell = 0; cell < 4; cell++) {
                row.add(random.ints(random.nextInt(6), 0, 8)
                        .mapToObj(c -> List.of(",", "\"", "\n", "\r", "a", "é", " ", "\uD83D\uDE00")
                                .get(c))
                        .reduce("", String::concat));
            }
            written.add(row);
            file.append(BulkResource.line(row));
        }

        assertThat(fields(file.toString())).as("seed %s", seed).isEqualTo(written);
    }

    private static List<List<String>> fields(String text) {
        return rows(text).stream().map(Row::fields).toList();
    }

    private static List<Row> rows(String text) {
        try (CsvReader reader = new CsvReader(new StringReader(text))) {
            List<Row> rows = new ArrayList<>();
            for (Row row = reader.next(); row != null; row = reader.next()) {
                rows.add(row);
            }
            return rows;
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }
}
