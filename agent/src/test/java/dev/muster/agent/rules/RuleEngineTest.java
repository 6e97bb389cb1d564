package dev.muster.agent.rules;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.agent.rules.Rule.Aggregate;
import dev.muster.agent.rules.Rule.Function;
import dev.muster.agent.rules.Rule.Sampling;
import dev.muster.agent.rules.Rule.Threshold;
import dev.muster.agent.rules.RuleEngine.Crossing;
import dev.muster.protocol.Severity;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RuleEngineTest {
    private static final Threshold HOT = new Threshold(true, 350, 340, Severity.ERROR);

    @Test
    void withoutARuleEveryNumberIsSent() {
        RuleEngine engine = new RuleEngine(Map.of());
        assertThat(sent(engine, 0, 1.0)).isEqualTo(Map.of("m", 1.0));
        assertThat(sent(engine, 1, 1.0)).isEqualTo(Map.of("m", 1.0));
    }

    @Test
    void aggregatesAWindowUnderTheNamesOfItsFunctions() {
        RuleEngine engine = engine(new Rule(
                Optional.of(new Aggregate(
                        Duration.ofSeconds(60), List.of(Function.MEAN, Function.MIN, Function.MAX, Function.LAST))),
                Optional.empty(),
                Optional.empty()));
        assertThat(sent(engine, 0, 1.0)).isEmpty();
        assertThat(sent(engine, 20, 9.0)).isEmpty();
        assertThat(sent(engine, 40, 2.0)).isEmpty();
        assertThat(sent(engine, 60, 100.0)).isEqualTo(Map.of("m", 4.0, "m.min", 1.0, "m.max", 9.0, "m.last", 2.0));
        assertThat(sent(engine, 119, 0.0)).isEmpty();
        assertThat(sent(engine, 120, 0.0)).containsEntry("m", 50.0);
    }

    @Test
    void aWindowShorterThanTheIntervalSendsEachValueALittleLater() {
        RuleEngine engine = engine(new Rule(
                Optional.of(new Aggregate(Duration.ofSeconds(1), List.of(Function.MAX))),
                Optional.empty(),
                Optional.empty()));
        assertThat(sent(engine, 0, 1.0)).isEmpty();
        assertThat(sent(engine, 30, 2.0)).isEqualTo(Map.of("m", 1.0));
        assertThat(sent(engine, 60, 3.0)).isEqualTo(Map.of("m", 2.0));
    }

    @Test
    void aThresholdIsCrossedAtOnceAndClearedWithHysteresis() {
        RuleEngine engine = engine(new Rule(
                Optional.of(new Aggregate(Duration.ofHours(1), List.of(Function.MEAN))),
                Optional.of(HOT),
                Optional.empty()));
        assertThat(outcome(engine, 0, 350.0)).isEqualTo(new RuleEngine.Outcome(Map.of(), List.of()));
        assertThat(outcome(engine, 1, 351.0))
                .isEqualTo(new RuleEngine.Outcome(Map.of("m", 351.0), List.of(new Crossing("m", true, 351.0, HOT))));
        assertThat(outcome(engine, 2, 355.0)).isEqualTo(new RuleEngine.Outcome(Map.of(), List.of()));
        assertThat(outcome(engine, 3, 345.0)).isEqualTo(new RuleEngine.Outcome(Map.of(), List.of()));
        assertThat(outcome(engine, 4, 340.0))
                .isEqualTo(new RuleEngine.Outcome(Map.of("m", 340.0), List.of(new Crossing("m", false, 340.0, HOT))));
        assertThat(outcome(engine, 5, 345.0).crossings()).isEmpty();
    }

    @Test
    void aLowerThresholdLooksTheOtherWay() {
        Threshold low = new Threshold(false, 10, 15, Severity.WARN);
        RuleEngine engine = engine(new Rule(Optional.empty(), Optional.of(low), Optional.empty()));
        List<Boolean> crossings = new ArrayList<>();
        for (double value : new double[] {20, 9, 12, 9, 15, 11, 9}) {
            outcome(engine, 0, value).crossings().forEach(crossing -> crossings.add(crossing.crossed()));
        }
        assertThat(crossings).containsExactly(true, false, true);
    }

    @Test
    void samplingSendsChangesAndASignOfLife() {
        RuleEngine engine = engine(
                new Rule(Optional.empty(), Optional.empty(), Optional.of(new Sampling(2, Duration.ofSeconds(100)))));
        assertThat(sent(engine, 0, 10.0)).isEqualTo(Map.of("m", 10.0));
        assertThat(sent(engine, 10, 12.0)).isEmpty();
        assertThat(sent(engine, 20, 12.5)).isEqualTo(Map.of("m", 12.5));
        assertThat(sent(engine, 30, 10.5)).isEmpty(); // against what was sent, not what was measured
        assertThat(sent(engine, 119, 12.5)).isEmpty();
        assertThat(sent(engine, 120, 12.5)).isEqualTo(Map.of("m", 12.5));
    }

    @Test
    void textsAndTruthsAreSentWhenTheyChangeAndOnceAnHour() {
        RuleEngine engine = new RuleEngine(Map.of());
        assertThat(sent(engine, 0, "a")).isEqualTo(Map.of("m", "a"));
        assertThat(sent(engine, 10, "a")).isEmpty();
        assertThat(sent(engine, 20, "b")).isEqualTo(Map.of("m", "b"));
        assertThat(sent(engine, 3619, "b")).isEmpty();
        assertThat(sent(engine, 3620, "b")).isEqualTo(Map.of("m", "b"));
    }

    @Test
    void aRuleThatStaysKeepsItsStateAndOneThatChangesStartsAnew() {
        Rule hot = new Rule(Optional.empty(), Optional.of(HOT), Optional.empty());
        RuleEngine engine = engine(hot);
        assertThat(outcome(engine, 0, 400.0).crossings()).hasSize(1);
        engine.replace(Map.of("m", hot, "other", hot));
        assertThat(outcome(engine, 1, 400.0).crossings()).isEmpty();
        engine.replace(Map.of(
                "m",
                new Rule(Optional.empty(), Optional.of(new Threshold(true, 1, 1, Severity.INFO)), Optional.empty())));
        assertThat(outcome(engine, 2, 400.0).crossings()).hasSize(1);
    }

    private static RuleEngine engine(Rule rule) {
        return new RuleEngine(Map.of("m", rule));
    }

    private static Map<String, Object> sent(RuleEngine engine, long seconds, Object value) {
        return outcome(engine, seconds, value).values();
    }

    private static RuleEngine.Outcome outcome(RuleEngine engine, long seconds, Object value) {
        return engine.measured(Duration.ofSeconds(seconds), Map.of("m", value));
    }
}
