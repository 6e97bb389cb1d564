package dev.muster.rollout.engine;

import dev.muster.rollout.engine.Gate.Result;
import dev.muster.rollout.engine.Gate.Verdict;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A gate that a person has written: what must be true of a wave.
 *
 * @param source as written
 * @param continuously whether it can fail while the wave is still under way; it passes only when that has ended
 * @param minSamples outcomes of the wave, below which it knows too little, unless the wave has fewer targets
 * @param patience how long a wave that has ended waits for it to know enough, in the rollout's own time
 * @param unknown what happens then
 * @param failed what happens when it fails
 */
public record Check(
        String name,
        String source,
        boolean continuously,
        int minSamples,
        Duration patience,
        Unknown unknown,
        Conduct.OnFailure failed,
        Condition condition) {

    /** What follows when too little is known for too long. */
    public enum Unknown {
        PAUSE,
        /** The same as when it fails. */
        FAIL
    }

    /** The condition, worked out from values by name. */
    @FunctionalInterface
    public interface Condition {
        Answer test(Map<String, Object> values);
    }

    /** What a condition says. */
    public sealed interface Answer {
        record Holds() implements Answer {}

        record Fails() implements Answer {}

        /** @param why in words */
        record Unknown(String why) implements Answer {}
    }

    /** @param measured values that were measured for it; the outcomes of the wave are added */
    Result judge(WaveState wave, Map<String, Object> measured) {
        Map<String, Object> values = new LinkedHashMap<>(outcomes(wave));
        values.putAll(measured);
        int samples = wave.counts().of(Stage.SUCCEEDED) + wave.counts().of(Stage.FAILURES);
        int needed = Math.min(minSamples, asked(wave));
        Map<String, Object> threshold = new LinkedHashMap<>();
        threshold.put("gate", name);
        threshold.put("check", source);
        threshold.put("samples", needed);
        Answer answer = samples < needed
                ? new Answer.Unknown(samples + " outcomes are known, " + needed + " are needed")
                : condition.test(values);
        return switch (answer) {
            case Answer.Holds _ -> new Result(Verdict.PASS, "gate " + name + " holds: " + source, values, threshold);
            case Answer.Fails _ ->
                new Result(Verdict.FAIL, "gate " + name + " does not hold: " + source, values, threshold);
            case Answer.Unknown(String why) ->
                new Result(Verdict.INCONCLUSIVE, "gate " + name + " knows too little: " + why, values, threshold);
        };
    }

    private static int asked(WaveState wave) {
        return Math.max(1, wave.size() - wave.counts().of(Stage.EXCLUDED));
    }

    /** What a wave's targets have come to, by the names under which a condition asks for it; a rate of nothing is absent. */
    static Map<String, Object> outcomes(WaveState wave) {
        Counts counts = wave.counts();
        long succeeded = counts.of(Stage.SUCCEEDED);
        long failed = counts.of(Stage.FAILURES);
        long samples = succeeded + failed;
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("wave.name", wave.name());
        values.put("wave.targets", (long) asked(wave));
        values.put("wave.succeeded", succeeded);
        values.put("wave.failed", failed);
        values.put("wave.unreachable", (long) counts.of(Stage.UNREACHABLE));
        values.put("wave.indeterminate", (long) counts.of(Stage.INDETERMINATE));
        values.put("wave.samples", samples);
        if (samples > 0) {
            values.put("wave.successRate", (double) succeeded / samples);
            values.put("wave.failureRate", (double) failed / samples);
            values.put("wave.failureRateUpper95", Gate.upper((int) failed, (int) samples));
        }
        return values;
    }
}
