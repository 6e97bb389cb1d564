/** What is usual for a series, learned as it goes: a detector of the unusual with its reasons, and baselines by hour and day. */
@NullMarked
package dev.muster.alert.anomaly;

import org.jspecify.annotations.NullMarked;
