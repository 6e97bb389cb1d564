/**
 * Brings assets back to what is desired: tells them again, gives a new generation, or accepts what was changed on them.
 *
 * <pre>
 * pending for too long ─► resend ─► … ─► stalled
 * drifted, enforce ─────► reapply ─► … ─► stalled
 * drifted, accept ──────► the value becomes the asset's own configuration
 * drifted, report ──────► recorded
 * unknown ──────────────► nothing, until a fresh report
 * </pre>
 *
 * <p>Tables {@code twin_reconcile}, {@code twin_decision}. Under the lease {@code twin.reconcile}; every decision is kept with what
 * was known then.
 */
@NullMarked
package dev.muster.twin.reconcile;

import org.jspecify.annotations.NullMarked;
