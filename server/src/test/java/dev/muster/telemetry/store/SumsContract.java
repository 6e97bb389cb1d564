package dev.muster.telemetry.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.protocol.AssetId;
import dev.muster.telemetry.store.TelemetryStore.AssetReading;
import dev.muster.telemetry.store.TelemetryStore.Bucket;
import dev.muster.telemetry.store.TelemetryStore.SeriesQuery;
import dev.muster.telemetry.store.TelemetryStore.Slice;
import dev.muster.telemetry.store.TelemetryStore.SliceQuery;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What every {@link TelemetryStore} promises of sums over time and over assets. */
public abstract class SumsContract extends TelemetryStoreFixture {
    @Test
    void sumsUpTheMetricOfTheAssetsOfEachGroup() throws Exception {
        declareVehicle();
        AssetId outsider = new AssetId("truck-3");
        append(
                sample(A, NOON, Map.of("speed", 1.0, "engine.on", true, "gear", "D")),
                sample(A, NOON + 999, Map.of("speed", 3.0)),
                sample(A, NOON + 1000, Map.of("speed", 10.0)),
                sample(B, NOON, Map.of("speed", -7.0, "engine.on", false)),
                sample(outsider, NOON, Map.of("speed", 1e9)),
                sample(A, NOON + 2000, Map.of("speed", 1e9)));
        store.appendLate(List.of(
                sample(A, NOON, Map.of("speed", 1.0, "engine.on", true, "gear", "D")), // came in time, and again
                sample(A, NOON + 1, Map.of("speed", 2.0)),
                sample(outsider, NOON + 1, Map.of("speed", 1e9))));
        store.awaitReadable(SOON);

        assertThat(sums("speed", 0))
                .containsExactly(
                        new GroupSums.GroupStep(NOON, 3, 1, 3, 2, about(1), about(2), about(3), about(3)),
                        new GroupSums.GroupStep(NOON + 1000, 1, 10, 10, 10, 10, 10, 10, 10));
        assertThat(sums("speed", 1)).containsExactly(new GroupSums.GroupStep(NOON, 1, -7, -7, -7, -7, -7, -7, -7));
        assertThat(sums("engine.on", 0)).containsExactly(new GroupSums.GroupStep(NOON, 1, 1, 1, 1, 1, 1, 1, 1));
        assertThat(sums("gear", 0)).isEmpty();
        assertThat(sums("unheard", 0)).isEmpty();
    }

    @Test
    void slicesHoldWholeMomentsInTheOrderOfTimeAndNoRowTwice() throws Exception {
        declareVehicle();
        append(
                sample(A, NOON, Map.of("speed", 1.0)),
                sample(B, NOON, Map.of("speed", 2.0)),
                sample(new AssetId("truck-3"), NOON, Map.of("speed", 3.0)),
                sample(A, NOON + 1, Map.of("gear", "D")),
                sample(A, NOON + 2, Map.of("speed", 4.0)),
                sample(A, NOON + 3, Map.of("speed", 5.0)));
        store.appendLate(List.of(
                sample(A, NOON, Map.of("speed", 1.0)), sample(B, NOON + 2, Map.of("speed", 6.0, "engine.on", true))));
        store.awaitReadable(SOON);

        List<AssetReading> readings = new ArrayList<>();
        List<Long> ends = new ArrayList<>();
        for (long from = NOON; from < NOON + 3; from = ends.getLast()) {
            Slice slice = store.slice(
                    new SliceQuery("vehicle", List.of("engine.on", "speed"), from, NOON + 3),
                    Set.of(A.value(), B.value()),
                    4);
            readings.addAll(slice.readings());
            ends.add(slice.next());
        }
        assertThat(readings)
                .containsExactly(
                        new AssetReading(NOON, A.value(), Arrays.asList(null, 1.0)),
                        new AssetReading(NOON, B.value(), Arrays.asList(null, 2.0)),
                        new AssetReading(NOON + 2, A.value(), Arrays.asList(null, 4.0)),
                        new AssetReading(NOON + 2, B.value(), Arrays.asList(true, 6.0)));
        assertThat(ends).hasSizeGreaterThan(1).isSorted().endsWith(NOON + 3);
    }

    /** The middle of its class, or the largest value. */
    private static double about(double value) {
        GroupSums sums = new GroupSums(1, 0, 1, Duration.ofSeconds(1));
        sums.add(0, 0, 1);
        sums.add(0, 0, value);
        sums.add(0, 0, 3);
        return sums.points(0).getFirst().p50();
    }

    private List<GroupSums.GroupStep> sums(String metric, int group) {
        GroupSums sums = new GroupSums(2, NOON, NOON + 2000, Duration.ofSeconds(1));
        store.sum("vehicle", metric, Map.of(A.value(), 0, B.value(), 1), NOON, NOON + 2000, sums);
        return sums.points(group);
    }

    @Test
    void sumsUpBySteps() throws Exception {
        declareVehicle();
        append(
                sample(A, NOON, Map.of("speed", 10.0, "engine.on", true, "gear", "D")),
                sample(A, NOON + 1_000, Map.of("speed", 30.0, "engine.on", false, "gear", "N")),
                sample(A, NOON + 60_000, Map.of("speed", 5.0)),
                sample(A, NOON + 180_000, Map.of("gear", "P")));

        Map<String, List<Bucket>> steps = store.aggregate(
                new SeriesQuery("vehicle", A, List.of("speed", "engine.on", "gear"), NOON, NOON + 600_000),
                Duration.ofMinutes(1));

        assertThat(steps.get("speed"))
                .containsExactly(
                        new Bucket(NOON, 10.0, 30.0, 20.0, 30.0, 2), new Bucket(NOON + 60_000, 5.0, 5.0, 5.0, 5.0, 1));
        assertThat(steps.get("engine.on")).containsExactly(new Bucket(NOON, 0.0, 1.0, 0.5, false, 2));
        assertThat(steps.get("gear"))
                .containsExactly(
                        new Bucket(NOON, null, null, null, "N", 2),
                        new Bucket(NOON + 180_000, null, null, null, "P", 1));
    }
}
