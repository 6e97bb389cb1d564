/**
 * Gates that people write: CEL over what a wave has come to and over what was measured of it.
 *
 * <p>{@link dev.muster.rollout.gate.GateExpressions} compiles and checks them when a rollout is declared;
 * {@link dev.muster.rollout.engine.Significance} holds the statistical tests.
 */
@NullMarked
package dev.muster.rollout.gate;

import org.jspecify.annotations.NullMarked;
