/**
 * Assets that poll for their deployments by hawkBit's DDI: what they are given, and what their feedback means.
 *
 * <p>To everything else such an asset is one that has a desired state and reports: an order of a rollout is an assignment in the twin
 * ({@link dev.muster.twin.desired.DesiredSoftware}), here it becomes an action of the asset, and the feedback becomes a report in the
 * journal. What is proved by that depends on the client: {@link dev.muster.ddi.DdiEvidence}.
 *
 * <pre>
 * open ─ feedback closed/success ─► succeeded       withdrawn or replaced: open ─ never read ─► cancelled
 *   ├── feedback closed/failure ─► failed                                   open ─ read ─► cancelling ─ accepted ─► cancelled
 *   └── feedback canceled ─► cancelled                                      cancelling ─ rejected ─► open, to its own end
 * </pre>
 *
 * Tables: {@code ddi_target}, {@code ddi_action}, {@code artifact_digest}, {@code ddi_gateway_token}.
 */
@NullMarked
package dev.muster.ddi;

import org.jspecify.annotations.NullMarked;
