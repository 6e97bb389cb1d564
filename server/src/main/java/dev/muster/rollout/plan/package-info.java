/**
 * What can be said of a rollout before it moves: who goes with which wave, how long it may take, what its canary can prove. Pure.
 *
 * <p>{@link dev.muster.rollout.plan.Cohorts} deals assets out to waves, {@link dev.muster.rollout.plan.Forecast} works out when the
 * waves begin and end, {@link dev.muster.rollout.plan.Proof} says what a wave without a failure shows.
 */
@NullMarked
package dev.muster.rollout.plan;

import org.jspecify.annotations.NullMarked;
