/** What of the measurements is sent, and when: aggregates, thresholds, sampling. */
@NullMarked
package dev.muster.agent.rules;

import org.jspecify.annotations.NullMarked;
