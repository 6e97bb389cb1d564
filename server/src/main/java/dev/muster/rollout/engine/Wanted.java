package dev.muster.rollout.engine;

import java.util.Set;

/**
 * Which targets the next batch should offer for orders, in the rollout's order; those that are due or were heard of come in any
 * case.
 *
 * @param below only targets before this position
 * @param most 0 for none
 */
public record Wanted(Set<Stage> stages, int below, int most) {
    static final Wanted NONE = new Wanted(Set.of(), 0, 0);
}
