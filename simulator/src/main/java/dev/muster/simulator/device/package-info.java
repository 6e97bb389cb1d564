/**
 * What a simulated asset does with what it is told: configuration, commands, software and their faults.
 *
 * <p>{@link dev.muster.simulator.device.SimulatedDevice} is a state machine without clock, network or threads: it is given
 * the time and what arrived, and gives back what it says and does. All its choices are seeded ({@link
 * dev.muster.simulator.device.Draw}).
 *
 * <pre>
 * power     on ─reboot→ rebooting ─→ on      on ⇄ away      rebooting ─→ bricked ─reflash→ on
 * update    notified → downloading → installed → rebooting → verifying → succeeded
 *                          ↓ failed                              ↓ rolled_back (after one more restart)
 * command   accepted → running → succeeded | failed | indeterminate; or rejected, expired at once
 * </pre>
 */
@NullMarked
package dev.muster.simulator.device;

import org.jspecify.annotations.NullMarked;
