/**
 * Game days: an outage on purpose, to see whether it is detected, who is told, and how long it takes (docs/runbooks.md). Only simulated assets
 * and those that carry the label {@code gameday: "true"} can be hit; the server checks that, whoever injects the fault.
 */
@NullMarked
package dev.muster.gameday;

import org.jspecify.annotations.NullMarked;
