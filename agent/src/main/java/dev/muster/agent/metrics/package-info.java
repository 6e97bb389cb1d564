/** What the machine is doing, from /proc and /sys, under the names of the asset type linux-device. */
@NullMarked
package dev.muster.agent.metrics;

import org.jspecify.annotations.NullMarked;
