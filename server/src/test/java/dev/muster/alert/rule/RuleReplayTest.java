package dev.muster.alert.rule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.alert.rule.RuleReplay.Firing;
import dev.muster.alert.rule.RuleReplay.Outcome;
import dev.muster.alert.rule.RuleReplay.Span;
import dev.muster.protocol.AssetId;
import dev.muster.registry.Asset;
import dev.muster.registry.Lifecycle;
import dev.muster.registry.Presence;
import dev.muster.telemetry.store.TelemetryStore.Value;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongToDoubleFunction;
import org.junit.jupiter.api.Test;

class RuleReplayTest {
    private static final Instant START = Instant.parse("2026-11-26T08:00:00Z");
    private static final Duration STEP = Duration.ofMinutes(1);

    /** Assets that send a value each minute; NaN is a minute of silence. */
    private static final class Curves implements RuleReplay.Past {
        private final Map<AssetId, LongToDoubleFunction> curves = new HashMap<>();
        private final Map<AssetId, Map<String, Value>> newest = new HashMap<>();
        private Instant readUntil = START.minus(STEP);
        private Instant ends = Instant.MAX;

        @Override
        public boolean to(Instant now) {
            for (Instant at = readUntil.plus(STEP); !at.isAfter(now); at = at.plus(STEP)) {
                long minute = Duration.between(START, at).toMinutes();
                Instant moment = at;
                curves.forEach((asset, curve) -> {
                    double value = curve.applyAsDouble(minute);
                    if (!Double.isNaN(value)) {
                        newest.put(asset, Map.of("x", new Value(moment.toEpochMilli(), value)));
                    }
                });
                readUntil = at;
            }
            return now.isBefore(ends);
        }

        @Override
        public Asset asOf(Asset today) {
            return today;
        }

        @Override
        public Map<AssetId, Map<String, Value>> latest(
                String type, Collection<AssetId> assets, Collection<String> metrics) {
            return newest;
        }
    }

    private final Curves past = new Curves();
    private final List<Asset> assets = new ArrayList<>();

    private void asset(String id, LongToDoubleFunction curve) {
        assets.add(new Asset(
                new AssetId(id),
                "truck",
                Map.of("gateway", "gw-1"),
                "",
                "",
                "",
                "",
                Lifecycle.ACTIVE,
                Presence.ONLINE,
                START,
                START,
                null,
                Map.of(),
                null,
                START,
                START,
                1));
        past.curves.put(new AssetId(id), curve);
    }

    private Outcome run(Duration lasting, List<String> causes, int minutes) {
        AlertRule rule = new AlertRule(
                "hot",
                "",
                "page",
                new Threshold("x", new Bound(95.0, null, 90), Duration.ofMinutes(5)),
                lasting,
                Duration.ZERO,
                null,
                causes,
                0.5,
                5,
                Map.of(),
                Map.of(),
                false);
        return RuleReplay.run(
                rule,
                assets,
                past,
                new Span(START, START, START.plus(Duration.ofMinutes(minutes)), STEP),
                (_, _) -> {});
    }

    private static Instant at(int minute) {
        return START.plus(Duration.ofMinutes(minute));
    }

    @Test
    void itFiresAfterItsTimeAndIsOverWhenItHasComeBackToClear() {
        asset("truck-1", minute -> minute < 10 ? 80 : minute < 20 ? 100 : minute < 25 ? 92 : 85);
        asset("truck-2", minute -> minute == 30 ? 120 : 80);

        Outcome outcome = run(Duration.ofMinutes(2), List.of(), 40);

        Firing only = outcome.firings().getFirst();
        assertThat(outcome.firings()).hasSize(1);
        assertThat(only.labels()).containsEntry("asset", "truck-1").containsEntry("alertname", "hot");
        assertThat(List.of(only.pendingAt(), only.firedAt(), java.util.Objects.requireNonNull(only.resolvedAt())))
                .containsExactly(at(10), at(12), at(25));
        assertThat(outcome.fired()).isEqualTo(1);
        assertThat(outcome.givenUp()).as("truck-2 was hot for a minute").isEqualTo(1);
        assertThat(outcome.assets()).containsExactly("truck-1");
        assertThat(outcome.points()).hasSize(41);
        assertThat(outcome.points().get(15).firing()).isEqualTo(1);
    }

    @Test
    void whatCannotBeToldEndsNothingAndStandsOpenAtTheEnd() {
        asset("truck-1", minute -> minute < 5 ? 100 : Double.NaN);

        Outcome outcome = run(Duration.ZERO, List.of(), 30);

        assertThat(outcome.firings()).singleElement().satisfies(firing -> {
            assertThat(firing.firedAt()).isEqualTo(START);
            assertThat(firing.resolvedAt()).isNull();
        });
        assertThat(outcome.points().getLast().unknown()).isEqualTo(1);
        assertThat(outcome.whyUnknown()).singleElement().asString().startsWith("truck-1: no value of x since");
    }

    @Test
    void manyAtOnceAreOneAlertAtTheirCommonCause() {
        for (int i = 0; i < 8; i++) {
            asset("truck-" + i, minute -> minute >= 5 && minute < 15 ? 100 : 80);
        }

        Outcome outcome = run(Duration.ofMinutes(1), List.of("gateway"), 20);

        assertThat(outcome.firings()).singleElement().satisfies(firing -> {
            assertThat(firing.labels()).containsEntry("cause", "gateway").containsEntry("gateway", "gw-1");
            assertThat(firing.assets()).isEqualTo(8);
        });
        assertThat(outcome.assets()).hasSize(8);
    }

    @Test
    void whenThePastEndsEarlyItSaysUntilWhen() {
        asset("truck-1", _ -> 80);
        past.ends = at(10);
        assertThat(run(Duration.ZERO, List.of(), 40).until()).isEqualTo(at(9));
    }
}
