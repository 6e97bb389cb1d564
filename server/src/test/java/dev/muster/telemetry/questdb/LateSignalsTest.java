package dev.muster.telemetry.questdb;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.gateway.signal.Span;
import dev.muster.protocol.AssetId;
import dev.muster.telemetry.intake.Lateness;
import dev.muster.telemetry.store.Retention;
import dev.muster.telemetry.store.SampleStore.Sample;
import dev.muster.telemetry.store.SpanStore;
import dev.muster.telemetry.store.TelemetryStore.Bucket;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Samples and spans whose time is long before they were received. */
class LateSignalsTest {
    private static final long NOW = 1_780_000_200_000L;
    private static final long MINUTE = 60_000;
    private static final AssetId PUMP = new AssetId("pump-1");
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private QuestDbStore store;

    @BeforeEach
    void open(@TempDir Path folder) {
        store = QuestDbStore.open(
                folder, Retention.STANDARD, true, Clock.fixed(Instant.ofEpochMilli(NOW), ZoneOffset.UTC));
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void lateSamplesStandInATableOfTheirOwnAndAreReadWithTheOthers() throws Exception {
        SamplesTable samples = new SamplesTable(store.db(), 30, Lateness.STANDARD);
        Sample inTime = sample(NOW, 4);
        Sample late = sample(NOW - 10 * MINUTE, 2);
        Sample inTimeThen = new Sample(NOW - 5 * MINUTE, PUMP, NOW - 5 * MINUTE, 7, 3);
        samples.append(List.of(), List.of(inTime, late, inTimeThen));
        // Sent again, because its acknowledgement was lost: now it is late.
        samples.append(List.of(), List.of(sample(inTimeThen.ts(), 3), late));
        store.awaitReadable(PATIENCE);

        assertThat(times("samples")).containsExactly(inTimeThen.ts(), inTime.ts());
        assertThat(times("late_samples")).containsExactly(late.ts(), inTimeThen.ts());
        assertThat(samples.range(PUMP, List.of(7L), 0, NOW + 1, 10)).containsExactly(late, inTimeThen, inTime);
        assertThat(samples.range(PUMP, List.of(7L), 0, NOW + 1, 2)).containsExactly(late, inTimeThen);
        long hour = 60 * MINUTE;
        assertThat(samples.aggregate(PUMP, List.of(7L), 0, NOW + 1, Duration.ofHours(1)))
                .isEqualTo(Map.of(7L, List.of(new Bucket(NOW / hour * hour, 2.0, 4.0, 3.0, 4.0, 3))));
    }

    @Test
    void lateSpansStandInATableOfTheirOwnAndAreReadWithTheOthers() throws Exception {
        SpansTable spans = new SpansTable(store.db(), 7, Lateness.STANDARD);
        SpanStore.Row inTime = span(1, NOW - MINUTE / 2, NOW);
        SpanStore.Row late = span(2, NOW - 3 * MINUTE, NOW);
        SpanStore.Row then = span(3, NOW - 2 * MINUTE, NOW - 2 * MINUTE);
        spans.append(List.of(late, inTime, then));
        spans.append(List.of(span(3, NOW - 2 * MINUTE, NOW)));
        store.awaitReadable(PATIENCE);

        assertThat(times("late_spans")).containsExactly(NOW - 3 * MINUTE, NOW - 2 * MINUTE);
        assertThat(times("spans")).containsExactly(NOW - 2 * MINUTE, NOW - MINUTE / 2);
        assertThat(spans.find(all(10))).containsExactly(inTime, then, late);
        assertThat(spans.find(all(2))).containsExactly(inTime, then);
    }

    private List<Long> times(String table) {
        List<Long> times = new ArrayList<>();
        store.db()
                .query(
                        "SELECT ts FROM " + table + " ORDER BY ts",
                        Queries.Binder.NONE,
                        row -> times.add(Cells.time(row, 0)));
        return times;
    }

    private static Sample sample(long ts, double value) {
        return new Sample(ts, PUMP, NOW, 7, value);
    }

    private static SpanStore.Query all(int limit) {
        return new SpanStore.Query(PUMP, null, null, null, 0, false, 0, NOW + 1, limit);
    }

    private static SpanStore.Row span(long id, long start, long received) {
        long nanos = start * 1_000_000;
        return new SpanStore.Row(
                PUMP,
                received,
                new Span(1, 2, id, 0, "open door", 1, nanos, nanos + 5_000_000, 1, "", "door", "{}", "{}", "[]", "[]"));
    }
}
