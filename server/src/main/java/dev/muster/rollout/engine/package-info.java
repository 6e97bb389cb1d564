/**
 * What a rollout decides: pure functions of stored state, observations and a time that is given.
 *
 * <pre>
 * phase   draft → running ⇄ paused → rolling back → ended (rolled back)
 *                    │         └───→ aborting → ended (aborted)
 *                    └─→ ended (completed)
 *
 * target  pending ⇄ waiting → ordered → notified → downloading → installed → rebooting → verifying → succeeded
 *            │                   └───────────────┴── … ──┴─→ failed, unreachable, indeterminate
 *         excluded            any of them, once ordered → rolling back → confirming back → rolled back, rollback failed
 * </pre>
 *
 * {@link dev.muster.rollout.engine.RolloutEngine} is the entry. A {@link dev.muster.rollout.engine.Turn} is one decision under way:
 * {@link dev.muster.rollout.engine.TargetSteps} moves targets, {@link dev.muster.rollout.engine.WaveJudging} waves,
 * {@link dev.muster.rollout.engine.PeopleActing} does what is asked. {@link dev.muster.rollout.engine.TargetMachine} judges one target,
 * {@link dev.muster.rollout.engine.Gate} one wave, {@link dev.muster.rollout.engine.Rules} are the few sentences that must never be
 * wrong.
 */
@NullMarked
package dev.muster.rollout.engine;

import org.jspecify.annotations.NullMarked;
