/**
 * Incidents: what somebody, or a runbook, looks after because something is wrong (docs/incidents.md).
 *
 * <p>{@link dev.muster.alert.incident.IncidentFollower} reads alerts out of the event log, {@link
 * dev.muster.alert.incident.Ties} says to which open incident an alert belongs, {@link dev.muster.alert.incident.ProbableCauses}
 * what probably lies behind it and why, {@link dev.muster.alert.incident.IncidentEngine} what may become of one:
 *
 * <pre>
 * open ──▶ acknowledged ──▶ mitigated ──▶ resolved
 *   │            └──────────────┼───────────▲ │
 *   ├───────────────────────────┴───────────┘ │
 *   ◀──────────────── reopened ───────────────┘
 * </pre>
 *
 * Tables: {@code incident}, {@code incident_alert}, {@code incident_entry}, {@code incident_action}, {@code recent_change}.
 */
@NullMarked
package dev.muster.alert.incident;

import org.jspecify.annotations.NullMarked;
