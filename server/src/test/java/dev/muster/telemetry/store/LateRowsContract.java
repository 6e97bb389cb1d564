package dev.muster.telemetry.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.muster.protocol.Severity;
import dev.muster.telemetry.store.TelemetryStore.Bucket;
import dev.muster.telemetry.store.TelemetryStore.EventCount;
import dev.muster.telemetry.store.TelemetryStore.Reading;
import dev.muster.telemetry.store.TelemetryStore.SeriesQuery;
import dev.muster.telemetry.store.TelemetryStore.Value;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What every {@link TelemetryStore} promises of rows that come late, or out of order. */
public abstract class LateRowsContract extends TelemetryStoreFixture {
    @Test
    void lateRowsFallIntoPlace() throws Exception {
        declareVehicle();
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        List<Row.Sample> rows = new ArrayList<>();
        for (int i = 0; i < 5_000; i++) {
            rows.add(sample(i % 2 == 0 ? A : B, NOON + i * 10L, Map.of("speed", (double) i)));
        }
        List<Row.Sample> shuffled = new ArrayList<>(rows);
        Collections.shuffle(shuffled, new Random(seed));
        for (int i = 0; i < shuffled.size(); i += 500) {
            store.append(shuffled.subList(i, i + 500));
        }
        store.awaitReadable(SOON);

        assertThat(readings(A, "speed"))
                .extracting(Reading::ts)
                .containsExactlyElementsOf(rows.stream()
                        .filter(row -> row.asset().equals(A))
                        .map(Row.Sample::ts)
                        .toList());
    }

    @Test
    void whatIsStoredLateIsFoundWithTheRest() throws Exception {
        declareVehicle();
        append(
                sample(A, NOON + 10_000, Map.of("speed", 10.0)),
                log(A, NOON + 20, "in time"),
                event(A, NOON + 10, "door_opened"));
        store.appendLate(List.of(
                sample(A, NOON, Map.of("speed", 30.0, "gear", "N")),
                sample(A, NOON + 20_000, Map.of("speed", 50.0, "engine.on", true)),
                sample(B, NOON + 5, Map.of("speed", 7.0)),
                log(A, NOON + 10, "late"),
                log(A, NOON + 30, "late too"),
                event(A, NOON + 10, "door_opened"),
                position(A, NOON + 10, 52.5)));
        store.declare("vehicle", Map.of("odometer", MetricKind.NUMBER));
        store.appendLate(List.of(sample(A, NOON + 30_000, Map.of("odometer", 5.0))));
        store.awaitReadable(SOON);

        for (int round = 0; round < 2; round++, reopen()) {
            assertThat(readings(A, "speed", "engine.on", "odometer"))
                    .containsExactly(
                            new Reading(NOON, Map.of("speed", 30.0)),
                            new Reading(NOON + 10_000, Map.of("speed", 10.0)),
                            new Reading(NOON + 20_000, Map.of("speed", 50.0, "engine.on", true)),
                            new Reading(NOON + 30_000, Map.of("odometer", 5.0)));
            assertThat(store.range(new SeriesQuery("vehicle", A, List.of("speed"), NOON, NOON + 86_400_000), 2))
                    .extracting(Reading::ts)
                    .containsExactly(NOON, NOON + 10_000);
            assertThat(store.aggregate(
                            new SeriesQuery("vehicle", A, List.of("speed", "gear"), NOON, NOON + 600_000),
                            Duration.ofMinutes(1)))
                    .isEqualTo(Map.of(
                            "speed", List.of(new Bucket(NOON, 10.0, 50.0, 30.0, 50.0, 3)),
                            "gear", List.of(new Bucket(NOON, null, null, null, "N", 1))));
            assertThat(store.latest("vehicle", List.of(A, B), List.of("speed")))
                    .isEqualTo(Map.of(
                            A, Map.of("speed", new Value(NOON + 20_000, 50.0)),
                            B, Map.of("speed", new Value(NOON + 5, 7.0))));
            assertThat(store.logs(tail(A, 10, null)))
                    .extracting(Row.LogLine::body)
                    .containsExactly("late too", "in time", "late");
            assertThat(store.logs(tail(A, 2, null)))
                    .extracting(Row.LogLine::body)
                    .containsExactly("late too", "in time");
            assertThat(store.events(tail(A, 10, null))).hasSize(1);
            assertThat(store.countEvents("vehicle", NOON - 86_400_000, NOON + 86_400_000, 10))
                    .extracting(EventCount::asset, EventCount::severity, EventCount::count)
                    .containsExactly(tuple(A.value(), Severity.WARN, 1L));
            assertThat(store.positions(tail(A, 10, null))).hasSize(1);
        }
    }

    @Test
    void whatWasStoredInTimeAndComesAgainLateIsOne() throws Exception {
        declareVehicle();
        Row[] rows = {
            sample(A, NOON, Map.of("speed", 1.0)),
            sample(A, NOON, Map.of("gear", "R")),
            sample(A, NOON + 1, Map.of("speed", 3.0)),
            log(A, NOON, "started"),
            event(A, NOON, "door_opened"),
            position(A, NOON, 52.5)
        };
        append(rows);
        store.appendLate(List.of(rows));
        store.appendLate(List.of(rows));
        store.awaitReadable(SOON);

        assertThat(readings(A, "speed", "gear")).hasSize(3);
        assertThat(store.aggregate(
                        new SeriesQuery("vehicle", A, List.of("speed"), NOON, NOON + 60_000), Duration.ofMinutes(1)))
                .isEqualTo(Map.of("speed", List.of(new Bucket(NOON, 1.0, 3.0, 2.0, 3.0, 2))));
        assertThat(store.logs(tail(A, 10, null))).containsExactly((Row.LogLine) rows[3]);
        assertThat(store.events(tail(A, 10, null))).containsExactly((Row.Happening) rows[4]);
        assertThat(store.positions(tail(A, 10, null))).containsExactly((Row.Position) rows[5]);
    }
}
