package dev.muster.rollout.engine;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Judges a wave by the outcomes of its targets: pass, fail or inconclusive.
 *
 * <p>A sample is a target that succeeded or failed. One that was not heard of, or of which nothing can be told, is none: too few
 * samples are inconclusive, never a pass.
 *
 * <p>Failures show sooner than successes, which need the soak: their share of the outcomes so far would be too large. So it is
 * held against all targets that have begun; of these it is the least that it can come to.
 */
public final class Gate {
    /** Of the normal distribution, one-sided 95 %. */
    private static final double Z = 1.6449;

    private Gate() {}

    /** What a gate says, with all that it was worked out from. */
    public record Result(Verdict verdict, String text, Map<String, Object> inputs, Map<String, Object> threshold) {}

    /** The three things that a gate can say. */
    public enum Verdict {
        PASS,
        FAIL,
        INCONCLUSIVE,
        /** Not all targets have an outcome, and what is known does not fail. */
        OPEN
    }

    public static Result judge(WaveState wave, Conduct conduct) {
        Counts counts = wave.counts();
        int succeeded = counts.of(Stage.SUCCEEDED);
        int failed = counts.of(Stage.FAILURES);
        int samples = succeeded + failed;
        int begun = begun(counts);
        int asked = wave.size() - counts.of(Stage.EXCLUDED);
        int needed = Math.max(1, Math.min(conduct.minSamples(), asked));
        Percent bears = conduct.threshold();
        Map<String, Object> inputs = new LinkedHashMap<>();
        inputs.put("targets", asked);
        inputs.put("succeeded", succeeded);
        inputs.put("failed", failed);
        inputs.put("unreachable", counts.of(Stage.UNREACHABLE));
        inputs.put("indeterminate", counts.of(Stage.INDETERMINATE));
        inputs.put("underWay", counts.of(Stage.IN_FLIGHT) + counts.of(Stage.GOING_BACK) + counts.of(Stage.UNTOUCHED));
        if (counts.of(Stage.RETURNING) + counts.of(Stage.STRANDED) > 0) {
            inputs.put("returning", counts.of(Stage.RETURNING));
            inputs.put("stranded", counts.of(Stage.STRANDED));
        }
        if (counts.of(Stage.RECOVERING) + counts.of(Stage.BRICKED) > 0) {
            inputs.put("recovering", counts.of(Stage.RECOVERING));
            inputs.put("bricked", counts.of(Stage.BRICKED));
        }
        if (wave.retries() > 0) {
            inputs.put("retries", wave.retries());
        }
        inputs.put("samples", samples);
        inputs.put("begun", begun);
        if (begun > 0) {
            inputs.put("failedPercent", Math.round(10_000.0 * failed / begun) / 100.0);
        }
        if (samples > 0 && begun == samples) {
            inputs.put("failedPercentUpper95", Math.round(10_000 * upper(failed, samples)) / 100.0);
        }
        if (wave.acceptedFailures() > 0) {
            inputs.put("acceptedFailures", wave.acceptedFailures());
        }
        Map<String, Object> threshold = new LinkedHashMap<>();
        threshold.put("failed", bears.toString());
        threshold.put("samples", needed);
        Verdict verdict;
        String text;
        // who accepts that little is known accepts no failures with it
        boolean enough = begun >= needed || (wave.acceptedInconclusive() && wave.settled());
        boolean byShare = enough && bears.exceededBy(failed, begun);
        boolean forSure = bears.exceededBy(failed, Math.max(1, asked));
        if (failed > wave.acceptedFailures() && (byShare || forSure)) {
            verdict = Verdict.FAIL;
            text = "%d of %d that have begun have failed, the wave bears %s".formatted(failed, begun, bears);
        } else if (!wave.settled()) {
            verdict = Verdict.OPEN;
            text = "%d of %d targets have an outcome".formatted(samples, asked);
        } else if (samples < needed && !wave.acceptedInconclusive()) {
            verdict = Verdict.INCONCLUSIVE;
            text = "%d outcomes are known of %d targets, %d are needed".formatted(samples, asked, needed);
        } else {
            verdict = Verdict.PASS;
            text = "%d of %d have failed, the wave bears %s".formatted(failed, samples, bears);
        }
        return new Result(verdict, text, inputs, threshold);
    }

    /** Those that were heard of since their order. */
    static int begun(Counts counts) {
        return counts.of(Stage.SUCCEEDED)
                + counts.of(Stage.FAILURES)
                + counts.of(Stage.IN_FLIGHT)
                - counts.of(Stage.ORDERED);
    }

    /** Upper end of the one-sided 95 % interval of the share of failures (Wilson's score interval). */
    static double upper(int failed, int samples) {
        double n = samples;
        double share = failed / n;
        double z2 = Z * Z;
        double middle = share + z2 / (2 * n);
        double half = Z * Math.sqrt(share * (1 - share) / n + z2 / (4 * n * n));
        return Math.min(1, (middle + half) / (1 + z2 / n));
    }
}
