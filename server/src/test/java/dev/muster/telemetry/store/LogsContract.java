package dev.muster.telemetry.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.protocol.Severity;
import dev.muster.telemetry.store.TelemetryStore.Cursor;
import dev.muster.telemetry.store.TelemetryStore.TailQuery;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What every {@link TelemetryStore} promises of lines of logs: their pages, and how they are found. */
public abstract class LogsContract extends TelemetryStoreFixture {
    @Test
    void pagesThroughLogsNewestFirstWithoutSkippingOrRepeating() throws Exception {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        List<Row.LogLine> all = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            all.add(log(A, NOON + random.nextInt(40), "line " + i));
        }
        int late = random.nextInt(all.size() + 1);
        store.append(all.subList(late, all.size()));
        store.appendLate(all.subList(0, late));
        store.append(List.of(log(B, NOON, "another's")));
        store.awaitReadable(SOON);

        List<Row.LogLine> read = new ArrayList<>();
        Cursor before = null;
        int limit = 1 + random.nextInt(30);
        while (true) {
            List<Row.LogLine> page = store.logs(tail(A, limit, before));
            if (page.isEmpty()) {
                break;
            }
            read.addAll(page);
            before = new Cursor(page.getLast().ts(), page.getLast().hash());
        }
        assertThat(read).hasSameSizeAs(all).containsExactlyInAnyOrderElementsOf(all);
        assertThat(read).extracting(Row.LogLine::ts).isSortedAccordingTo(Collections.reverseOrder());
    }

    @Test
    void findsLogsBySeverityAndText() throws Exception {
        append(
                log(A, NOON, Severity.INFO, "Disk is fine"),
                log(A, NOON + 1, Severity.ERROR, "disk FULL 100%"),
                log(A, NOON + 2, Severity.FATAL, "it's over"));

        assertThat(store.logs(new TailQuery("vehicle", A, NOON, NOON + 9, null, Severity.ERROR, null, 9)))
                .extracting(Row.LogLine::body)
                .containsExactly("it's over", "disk FULL 100%");
        assertThat(store.logs(new TailQuery("vehicle", A, NOON, NOON + 9, null, null, "full 100%", 9)))
                .extracting(Row.LogLine::body)
                .containsExactly("disk FULL 100%");
        assertThat(store.logs(new TailQuery("vehicle", A, NOON, NOON + 9, null, null, "it's", 9)))
                .hasSize(1);
        assertThat(store.logs(new TailQuery("vehicle", A, NOON, NOON + 1, null, null, null, 9)))
                .hasSize(1);
    }

    @Test
    void findsLogsByAttributeAndByWhenTheyCame() throws Exception {
        append(
                line(NOON, NOON + 5, "{\"logger\":\"a.B\",\"n\":1}"),
                line(NOON + 1, NOON + 6, "{\"logger\":\"a.Bc\",\"n\":12}"),
                line(NOON - 3, NOON + 7, "{\"n\":1}"));

        assertThat(found(0, "logger", "a.B")).containsExactly(NOON);
        assertThat(found(0, "n", "1")).containsExactly(NOON, NOON - 3);
        assertThat(found(0, "n", "2")).isEmpty();
        assertThat(found(NOON + 6, null, "")).containsExactly(NOON + 1, NOON - 3);
    }

    private List<Long> found(long receivedFrom, @Nullable String name, String value) {
        TelemetryStore.Attribute having = name == null ? null : new TelemetryStore.Attribute(name, value);
        return store.logs(new TailQuery("vehicle", A, 0, NOON + 9, null, null, null, receivedFrom, having, 9)).stream()
                .map(Row.LogLine::ts)
                .toList();
    }

    private static Row.LogLine line(long ts, long received, String attributes) {
        Row.LogLine line = log(A, ts, Severity.INFO, attributes);
        return new Row.LogLine(
                ts, line.asset(), line.assetType(), received, line.hash(), line.severity(), line.body(), attributes);
    }
}
