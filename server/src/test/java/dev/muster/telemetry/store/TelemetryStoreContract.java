package dev.muster.telemetry.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.protocol.Metrics;
import dev.muster.telemetry.store.TelemetryStore.Reading;
import dev.muster.telemetry.store.TelemetryStore.SeriesQuery;
import dev.muster.telemetry.store.TelemetryStore.Value;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What every {@link TelemetryStore} promises: what was appended is read back, once and as it was. */
public abstract class TelemetryStoreContract extends TelemetryStoreFixture {
    @Test
    void readsBackWhatWasAppended() throws Exception {
        declareVehicle();
        append(
                sample(A, NOON + 1, Map.of("speed", 61.25, "engine.on", true, "gear", "D")),
                sample(A, NOON + 2, Map.of("engine.on", false)),
                sample(B, NOON + 1, Map.of("speed", 7.0)));

        assertThat(readings(A, "speed", "engine.on", "gear"))
                .containsExactly(
                        new Reading(NOON + 1, Map.of("speed", 61.25, "engine.on", true, "gear", "D")),
                        new Reading(NOON + 2, Map.of("engine.on", false)));
        assertThat(readings(A, "speed")).containsExactly(new Reading(NOON + 1, Map.of("speed", 61.25)));
        assertThat(readings(B, "speed", "unheard")).containsExactly(new Reading(NOON + 1, Map.of("speed", 7.0)));
    }

    @Test
    void theRangeEndsBeforeItsEndAndAtItsLimit() throws Exception {
        declareVehicle();
        append(
                sample(A, NOON, Map.of("speed", 1.0)),
                sample(A, NOON + 10, Map.of("speed", 2.0)),
                sample(A, NOON + 20, Map.of("speed", 3.0)));

        SeriesQuery query = new SeriesQuery("vehicle", A, List.of("speed"), NOON, NOON + 20);
        assertThat(store.range(query, 10)).extracting(Reading::ts).containsExactly(NOON, NOON + 10);
        assertThat(store.range(query, 1)).extracting(Reading::ts).containsExactly(NOON);
    }

    @Test
    void theSameRowsTwiceAreOneEach() throws Exception {
        declareVehicle();
        Row[] rows = {
            sample(A, NOON, Map.of("speed", 1.0)),
            log(A, NOON, "started"),
            event(A, NOON, "door_opened"),
            position(A, NOON, 52.5)
        };
        append(rows);
        append(rows);

        assertThat(readings(A, "speed")).hasSize(1);
        assertThat(store.logs(tail(A, 10, null))).containsExactly((Row.LogLine) rows[1]);
        assertThat(store.events(tail(A, 10, null))).containsExactly((Row.Happening) rows[2]);
        assertThat(store.positions(tail(A, 10, null))).containsExactly((Row.Position) rows[3]);
        assertThat(store.places().get(A))
                .isEqualTo(new TelemetryStore.Place(
                        rows[3].ts(), ((Row.Position) rows[3]).lat(), ((Row.Position) rows[3]).lon()));
    }

    @Test
    void messagesOfOneMomentWithDifferentMetricsBothStay() throws Exception {
        declareVehicle();
        append(sample(A, NOON, Map.of("speed", 1.0)));
        append(sample(A, NOON, Map.of("gear", "R")));

        assertThat(readings(A, "speed", "gear"))
                .containsExactlyInAnyOrder(
                        new Reading(NOON, Map.of("speed", 1.0)), new Reading(NOON, Map.of("gear", "R")));
    }

    @Test
    void readingsThatOnlyShareAReceiveTimeAreToldApart() throws Exception {
        declareVehicle();
        append(
                new Row.Sample(NOON, A, "vehicle", NOON, 7, 100, Metrics.of(Map.of("speed", 1.0))),
                new Row.Sample(NOON, A, "vehicle", NOON, 7, 101, Metrics.of(Map.of("speed", 2.0))));

        assertThat(readings(A, "speed")).hasSize(2);
    }

    @Test
    void knowsTheNewestValueOfEachMetricByEventTime() throws Exception {
        declareVehicle();
        append(
                sample(A, NOON + 10, Map.of("speed", 10.0, "engine.on", true)),
                sample(A, NOON + 20, Map.of("gear", "D")),
                sample(A, NOON, Map.of("speed", 99.0)));

        Map<String, Value> values = Map.of(
                "speed", new Value(NOON + 10, 10.0),
                "engine.on", new Value(NOON + 10, true),
                "gear", new Value(NOON + 20, "D"));
        assertThat(store.latest("vehicle", List.of(A, B), List.of())).isEqualTo(Map.of(A, values));
        assertThat(store.latest("vehicle", List.of(A), List.of("gear")))
                .isEqualTo(Map.of(A, Map.of("gear", new Value(NOON + 20, "D"))));

        reopen();
        assertThat(store.latest("vehicle", List.of(A, B), List.of())).isEqualTo(Map.of(A, values));
    }

    @Test
    void keepsTheKindInWhichAMetricWasFirstDeclared() {
        declareVehicle();
        store.declare("vehicle", Map.of("speed", MetricKind.TEXT, "odometer", MetricKind.NUMBER));

        Map<String, MetricKind> expected = Map.of(
                "speed", MetricKind.NUMBER,
                "engine.on", MetricKind.BOOLEAN,
                "gear", MetricKind.TEXT,
                "odometer", MetricKind.NUMBER);
        assertThat(store.metrics("vehicle")).isEqualTo(expected);
        reopen();
        assertThat(store.metrics("vehicle")).isEqualTo(expected);
        assertThat(store.metrics("spaceship")).isEmpty();
    }

    @Test
    void refusesAMetricThatWasNotDeclaredOrIsOfAnotherKind() {
        declareVehicle();
        assertThatThrownBy(() -> store.append(List.of(sample(A, NOON, Map.of("altitude", 3.0)))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("altitude")
                .hasMessageContaining("not declared");
        assertThatThrownBy(() -> store.append(List.of(sample(A, NOON, Map.of("speed", "fast")))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("stored as number, not as text");
    }

    @Test
    void keepsApartNamesThatLookAlike() throws Exception {
        List<String> odd = List.of(
                "Speed",
                "speed",
                "speed.x",
                "speed_x",
                "speed-x",
                "Ünïcode 温度",
                "'; DROP TABLE logs; --",
                "a/../b",
                "ts",
                "asset");
        Map<String, Object> values = new java.util.HashMap<>();
        for (int i = 0; i < odd.size(); i++) {
            values.put(odd.get(i), (double) i);
        }
        store.declare(
                "Odd type/1", odd.stream().collect(java.util.stream.Collectors.toMap(n -> n, _ -> MetricKind.NUMBER)));
        store.declare("odd type/1", Map.of("speed", MetricKind.TEXT));
        append(new Row.Sample(NOON, A, "Odd type/1", NOON, 1, 0, Metrics.of(values)));

        assertThat(store.range(new SeriesQuery("Odd type/1", A, odd, NOON, NOON + 1), 10))
                .containsExactly(new Reading(NOON, values));
        assertThat(store.metrics("odd type/1")).isEqualTo(Map.of("speed", MetricKind.TEXT));
    }

    @Test
    void refusesANameTooLongToKeep() {
        assertThatThrownBy(() -> store.declare("vehicle", Map.of("x".repeat(500), MetricKind.NUMBER)))
                .isInstanceOf(MetricNameException.class);
    }

    @Test
    void anEmptyStoreAnswersEmpty() {
        assertThat(store.logs(tail(A, 10, null))).isEmpty();
        assertThat(store.events(tail(A, 10, null))).isEmpty();
        assertThat(store.positions(tail(A, 10, null))).isEmpty();
        assertThat(readings(A, "speed")).isEmpty();
        assertThat(store.latest("vehicle", List.of(A), List.of())).isEmpty();
        assertThat(store.problem()).isEmpty();
    }
}
