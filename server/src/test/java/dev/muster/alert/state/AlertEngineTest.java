package dev.muster.alert.state;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.alert.Signal;
import dev.muster.alert.state.AlertEngine.Change;
import dev.muster.alert.state.AlertEngine.Step;
import dev.muster.alert.state.Observation.Says;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AlertEngineTest {
    private static final Instant START = Instant.parse("2026-11-26T08:00:00Z");
    private static final Duration NONE = Duration.ZERO;

    private @Nullable Alert alert;
    private final List<Change> changes = new ArrayList<>();

    private void say(int second, Says says, Duration lasting, Duration keep) {
        Signal signal = new Signal(
                new TreeMap<>(Map.of("alertname", "Hot")), Map.of(), START.plusSeconds(second), Optional.empty(), "");
        Step step = AlertEngine.observe(
                alert,
                "rule/hot",
                new Observation(signal, START.plusSeconds(second), says, lasting, keep, null, List.of(), Map.of()));
        alert = step.after().orElse(null);
        if (step.change() != null) {
            changes.add(step.change());
        }
    }

    private @Nullable AlertState state() {
        return alert == null ? null : alert.state();
    }

    @Test
    void firesWhenItHasLastedAndIsOverWhenItIsFine() {
        Duration lasting = Duration.ofSeconds(60);
        say(0, Says.WRONG, lasting, NONE);
        assertThat(state()).isEqualTo(AlertState.PENDING);
        say(59, Says.WRONG, lasting, NONE);
        assertThat(changes).isEmpty();
        say(60, Says.WRONG, lasting, NONE);
        assertThat(state()).isEqualTo(AlertState.FIRING);
        say(90, Says.FINE, lasting, NONE);
        assertThat(changes).containsExactly(Change.FIRING, Change.RESOLVED);
    }

    @Test
    void aMomentOfGoodBeforeItHasLastedBeginsAnew() {
        say(0, Says.WRONG, Duration.ofSeconds(60), NONE);
        say(30, Says.FINE, Duration.ofSeconds(60), NONE);
        say(61, Says.WRONG, Duration.ofSeconds(60), NONE);
        assertThat(state()).isEqualTo(AlertState.PENDING);
    }

    @Test
    void noDataIsNeitherWrongNorFine() {
        say(0, Says.UNKNOWN, NONE, NONE);
        assertThat(state()).isNull();
        say(1, Says.WRONG, NONE, NONE);
        say(2, Says.UNKNOWN, NONE, NONE);
        assertThat(alert)
                .extracting(Alert::state, Alert::unknownSince)
                .containsExactly(AlertState.FIRING, START.plusSeconds(2));
        say(3_600, Says.UNKNOWN, NONE, NONE);
        assertThat(alert).extracting(Alert::unknownSince).isEqualTo(START.plusSeconds(2));
        say(3_601, Says.WRONG, NONE, NONE);
        assertThat(alert).extracting(Alert::unknownSince).isNull();
        assertThat(changes).containsExactly(Change.FIRING);
    }

    @Test
    void firesOnForAsLongAsItIsAsked() {
        say(0, Says.WRONG, NONE, Duration.ofSeconds(120));
        say(119, Says.FINE, NONE, Duration.ofSeconds(120));
        assertThat(state()).isEqualTo(AlertState.FIRING);
        say(120, Says.FINE, NONE, Duration.ofSeconds(120));
        assertThat(state()).isEqualTo(AlertState.RESOLVED);
    }

    @Test
    void whatComesAndGoesIsToldThreeTimesInAnHourAndNotSixty() {
        for (int minute = 0; minute < 60; minute++) {
            say(minute * 60, minute % 2 == 0 ? Says.WRONG : Says.FINE, NONE, NONE);
        }
        assertThat(changes).filteredOn(Change.FIRING::equals).hasSize(3);
        assertThat(changes).filteredOn(Change.RESOLVED::equals).hasSize(2);
        assertThat(state()).isEqualTo(AlertState.FIRING);
        say(60 * 60 + 20 * 60, Says.FINE, NONE, NONE);
        assertThat(state()).isEqualTo(AlertState.RESOLVED);
    }

    @Test
    void whatIsNotSaidAgainIsOver() {
        Signal signal = new Signal(
                new TreeMap<>(Map.of("alertname", "Down")), Map.of(), START, Optional.of(START.plusSeconds(300)), "");
        alert = AlertEngine.observe(null, "alertmanager", Observation.of(signal, START))
                .after()
                .orElseThrow();
        assertThat(AlertEngine.lapse(alert, START.plusSeconds(299)).change()).isNull();
        assertThat(AlertEngine.lapse(alert, START.plusSeconds(300)).change()).isEqualTo(Change.RESOLVED);
    }

    @Test
    void anAcknowledgementEndsWithTheAlert() {
        say(0, Says.WRONG, NONE, NONE);
        Step step = AlertEngine.acknowledge(Objects.requireNonNull(alert), new Acknowledgement(START, "ann", ""));
        assertThat(step.change()).isEqualTo(Change.ACKNOWLEDGED);
        alert = step.after().orElseThrow();
        say(10, Says.WRONG, NONE, NONE);
        assertThat(alert.acknowledged()).isPresent();
        say(20, Says.FINE, NONE, NONE);
        say(30, Says.WRONG, NONE, NONE);
        assertThat(alert.acknowledged()).isEmpty();
    }

    /** Whatever is said in whatever order: firing and resolved take turns, and nothing fires before it has lasted. */
    @Test
    void tellsOfEachBeginningAndEachEndOnce() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int history = 0; history < 500; history++) {
            alert = null;
            changes.clear();
            Duration lasting = Duration.ofSeconds(random.nextInt(4) * 30L);
            Duration keep = Duration.ofSeconds(random.nextInt(4) * 30L);
            int wrongSince = -1;
            int second = 0;
            for (int i = 0; i < 200; i++) {
                second += 1 + random.nextInt(60);
                Says says = Says.values()[random.nextInt(3)];
                int before = changes.size();
                AlertState stateBefore = state();
                if (says == Says.WRONG && stateBefore != AlertState.FIRING && wrongSince < 0) {
                    wrongSince = second;
                }
                say(second, says, lasting, keep);
                if (changes.size() > before && changes.getLast() == Change.FIRING) {
                    assertThat(second - wrongSince).as("seed %s", seed).isGreaterThanOrEqualTo((int)
                            lasting.toSeconds());
                    assertThat(says).as("seed %s", seed).isEqualTo(Says.WRONG);
                }
                if (says != Says.WRONG) {
                    wrongSince = -1;
                }
            }
            for (int i = 0; i < changes.size(); i++) {
                assertThat(changes.get(i)).as("seed %s", seed).isEqualTo(i % 2 == 0 ? Change.FIRING : Change.RESOLVED);
            }
        }
    }
}
