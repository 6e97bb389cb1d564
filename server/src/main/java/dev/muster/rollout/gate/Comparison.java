package dev.muster.rollout.gate;

import java.time.Duration;

/**
 * A metric of the updated assets of a wave, held against what it was or what it is elsewhere; each asset is one sample, its mean over a
 * span of time.
 *
 * @param name under which the gate asks for it: {@code metrics.NAME}
 * @param metric as assets send it
 * @param over the span; an asset counts once it has run the new version for so long
 * @param minSamples assets on each side, below which nothing is known
 */
public record Comparison(String name, String metric, Against against, Duration over, int minSamples) {

    /** What it is held against. */
    public enum Against {
        /** The same assets, in the span before the wave's first order; a signed-rank test of the pairs. */
        PAST,
        /** Targets that have no order yet, in the same span; a rank-sum test. */
        OTHERS
    }
}
