package dev.muster.rollout.engine;

import java.util.Set;

/**
 * Which targets the next batch should offer for orders, in the rollout's order; those that are due or were heard of come in any
 * case.
 *
 * @param from only targets from this position on
 * @param below only targets before this position
 * @param strata only targets of these; all when there is none
 * @param most 0 for none
 */
public record Wanted(Set<Stage> stages, int from, int below, Set<Integer> strata, int most) {
    public Wanted(Set<Stage> stages, int below, int most) {
        this(stages, 0, below, Set.of(), most);
    }
}
