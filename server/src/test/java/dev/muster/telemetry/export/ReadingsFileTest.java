package dev.muster.telemetry.export;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.telemetry.store.MetricKind;
import dev.muster.telemetry.store.TelemetryStore.AssetReading;
import io.questdb.cairo.CairoEngine;
import io.questdb.cairo.CursorPrinter;
import io.questdb.cairo.DefaultCairoConfiguration;
import io.questdb.cairo.security.AllowAllSecurityContext;
import io.questdb.cairo.sql.RecordCursor;
import io.questdb.cairo.sql.RecordCursorFactory;
import io.questdb.griffin.SqlException;
import io.questdb.griffin.SqlExecutionContextImpl;
import io.questdb.std.str.StringSink;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReadingsFileTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private static final List<String> METRICS = List.of("speed", "on", "gear");
    private static final List<MetricKind> KINDS = List.of(MetricKind.NUMBER, MetricKind.BOOLEAN, MetricKind.TEXT);

    @Test
    void csvHasAnEmptyCellForNoValueAndNoFormula() throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        CsvReadings csv = new CsvReadings(out, METRICS);
        csv.rows(List.of(
                new AssetReading(0, "a", Arrays.asList(-1.5, true, "D")),
                new AssetReading(1, "b", Arrays.asList(null, null, "=HYPERLINK(\"x\")")),
                new AssetReading(2, "c", Arrays.asList(1e300, false, "a,\"b\"\n")),
                new AssetReading(3, "d", Arrays.asList(0.1, null, "@x"))));
        csv.end();
        assertThat(out.toString(UTF_8)).isEqualTo("""
                ts,asset,speed,on,gear\r
                1970-01-01T00:00:00Z,a,-1.5,true,D\r
                1970-01-01T00:00:00.001Z,b,,,"'=HYPERLINK(""x"")"\r
                1970-01-01T00:00:00.002Z,c,1.0E300,false,"a,""b""\n"\r
                1970-01-01T00:00:00.003Z,d,0.1,,'@x\r
                """);
    }

    @Test
    void parquetIsReadBackByAReaderOfSomebodyElse() throws Exception {
        try (OutputStream out = Files.newOutputStream(folder.resolve("readings.parquet"))) {
            ParquetReadings parquet = new ParquetReadings(out, METRICS, KINDS);
            List<AssetReading> many = new ArrayList<>();
            for (int i = 0; i < 1000; i++) {
                many.add(new AssetReading(
                        i,
                        "asset-" + i,
                        Arrays.asList(
                                i % 3 == 0 ? null : i / 4.0,
                                i % 7 == 0 ? null : i % 2 == 0,
                                i % 5 == 0 ? null : "ü" + i)));
            }
            parquet.rows(many.subList(0, 777));
            parquet.rows(List.of());
            parquet.rows(many.subList(777, 1000));
            parquet.end();
        }
        assertThat(query("count(), count(speed), count(gear), min(ts)::long, max(ts)::long, sum(speed)"))
                .isEqualTo("1000 666 800 0 999 83166.75");
        assertThat(query("asset, speed, \"on\", gear", " WHERE asset = 'asset-998'"))
                .isEqualTo("asset-998 249.5 true ü998");
        assertThat(query("asset, speed, gear", " WHERE asset = 'asset-0'")).isEqualTo("asset-0 null");
    }

    private String query(String columns) throws SqlException, IOException {
        return query(columns, "");
    }

    /** The first row that QuestDB reads. */
    private String query(String columns, String where) throws SqlException, IOException {
        Path tables = Files.createDirectories(folder.resolve("questdb"));
        var settings = new DefaultCairoConfiguration(tables.toString()) {
            @Override
            public CharSequence getSqlCopyInputRoot() {
                return folder.toString();
            }
        };
        try (CairoEngine engine = new CairoEngine(settings);
                SqlExecutionContextImpl context = new SqlExecutionContextImpl(engine, 0)
                        .with(AllowAllSecurityContext.INSTANCE, null, null, -1, null)) {
            StringSink sink = new StringSink();
            try (RecordCursorFactory factory = engine.select(
                            "SELECT " + columns + " FROM read_parquet('readings.parquet')" + where, context);
                    RecordCursor cursor = factory.getCursor(context)) {
                CursorPrinter.println(cursor, factory.getMetadata(), sink, false, false);
            }
            return sink.toString().strip().replace('\t', ' ');
        }
    }
}
