package dev.muster.rollout.engine;

import dev.muster.rollout.engine.Gate.Result;
import dev.muster.rollout.engine.Gate.Verdict;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Judges one stratum against the others: it fails when more of it have failed than a wave bears, and when so large a difference
 * would be rare if it were no different.
 *
 * <p>By Fisher's exact test over the targets of open waves that have begun. It is asked again after each change and of each stratum, so
 * the probability is held against a small one, divided by the number of strata. Too few targets fail no stratum: then the wave is judged
 * as a whole, which stops everybody.
 */
final class StratumGate {
    /** That a stratum is halted that is no worse than the others: at most so probable at each look, over all strata. */
    static final double RARE = 0.01;

    private StratumGate() {}

    static Result judge(Rollout rollout, int index) {
        Stratum stratum = rollout.strata().get(index);
        Counts own = rollout.opened(index);
        int failed = own.of(Stage.FAILURES);
        int begun = Gate.begun(own);
        int asked = own.total() - own.of(Stage.EXCLUDED);
        int needed = Math.max(1, Math.min(rollout.conduct().minSamples(), asked));
        Percent bears = rollout.conduct().threshold();
        boolean more = begun >= needed && failed > stratum.acceptedFailures() && bears.exceededBy(failed, begun);
        if (!more) {
            return new Result(Verdict.OPEN, failed + " of " + begun + " have failed", Map.of(), Map.of());
        }
        Counts others = rollout.openedBeside(index);
        int otherFailed = others.of(Stage.FAILURES);
        int otherBegun = Gate.begun(others);
        double rare = RARE / rollout.strata().size();
        double p = Significance.moreOften(failed, begun, otherFailed, otherBegun);
        Map<String, Object> inputs = new LinkedHashMap<>();
        inputs.put("stratum", stratum.values());
        inputs.put("targets", asked);
        inputs.put("begun", begun);
        inputs.put("failed", failed);
        inputs.put("othersBegun", otherBegun);
        inputs.put("othersFailed", otherFailed);
        inputs.put("p", p);
        Map<String, Object> threshold = new LinkedHashMap<>();
        threshold.put("failed", bears.toString());
        threshold.put("samples", needed);
        threshold.put("p", rare);
        String text = stratum.text() + ": " + failed + " of " + begun + " that have begun have failed, of the others "
                + otherFailed + " of " + otherBegun;
        return p < rare
                ? new Result(Verdict.FAIL, text + "; a wave bears " + bears, inputs, threshold)
                : new Result(Verdict.INCONCLUSIVE, text + ", too few to tell that it is only these", inputs, threshold);
    }
}
