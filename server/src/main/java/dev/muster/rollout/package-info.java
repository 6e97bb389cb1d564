/**
 * Rollouts: a release, or a content of a configuration, that moves over a selection of assets in waves, judged by evidence, and back again when it is bad.
 *
 * <p>{@code engine} decides and knows nothing but values; {@code spec} is what people declare; here are the tables
 * ({@code rollout}, {@code rollout_target}, {@code rollout_nudge}, {@code rollout_step}, {@code rollout_decision}), what people ask,
 * and the worker, which loads a bounded part, lets the engine decide and stores all of
 * it in one transaction, orders included.
 */
@NullMarked
package dev.muster.rollout;

import org.jspecify.annotations.NullMarked;
