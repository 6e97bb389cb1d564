/**
 * Runbooks: what is done about a kind of alert, declared, carried out by the server, with guards (docs/runbooks.md).
 *
 * <p>{@link dev.muster.runbook.RunbookEngine} decides, {@link dev.muster.runbook.RunDriver} writes down each step before it is done and
 * what came of it after, {@link dev.muster.runbook.Hands} does it: {@link dev.muster.runbook.FleetHands} to the fleet, {@link
 * dev.muster.runbook.FakeWorld} to assets that exist only in a runbook's own test cases.
 *
 * <pre>
 * waiting ──▶ running ──▶ succeeded | failed | indeterminate | stopped
 *    └──▶ refused | stopped
 *
 * a step: ready ──▶ intended ──▶ under way ──▶ succeeded | failed | indeterminate
 * </pre>
 *
 * Tables: {@code runbook}, {@code runbook_revision}, {@code runbook_run}, {@code runbook_line}.
 */
@NullMarked
package dev.muster.runbook;

import org.jspecify.annotations.NullMarked;
