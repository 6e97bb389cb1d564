/**
 * Retirement: how an asset leaves the fleet for good.
 *
 * <pre>
 *             asked for                        without a wipe
 *  ┌──────────────────────────────┐   ┌──────────────────────────────┐
 *  ▼                              │   │                              ▼
 *  wiping ──────────────────▶ leaving ──────────────────▶ cutting_off ──▶ settling ──▶ retired
 *    │  the asset says: done      │    its session has ended    ▲                        ┊
 *    │                            │    (wipe confirmed)         │                        ┊ restore
 *    │ deadline, failed, rejected │ still there after all       │                        ▼
 *    └──────────────┬─────────────┘                             │                    registered
 *                   ▼                                           │
 *             wipe unconfirmed ─── if so, retire ───────────────┘
 *                   └───────────── if so, keep  ──▶ kept (as it was)
 * </pre>
 *
 * <p>Each arrow is one transaction, so a server that is killed goes on where it was. {@code cutting_off} revokes all that the
 * asset could connect or enrol with and makes it {@code retired} in one: from then on it is refused everywhere, its sessions
 * are closed, and plans leave it out. {@code settling} ends when that is seen to be so: no valid certificate, no session, no
 * desired state.
 *
 * <p>{@link dev.muster.retirement.RetirementEngine} decides; {@link dev.muster.retirement.RetirementSteps} carries out one
 * step; {@link dev.muster.retirement.RetirementWorker} looks for those that are due. Table {@code retirement}.
 */
@NullMarked
package dev.muster.retirement;

import org.jspecify.annotations.NullMarked;
