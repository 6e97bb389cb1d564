/** Metrics, logs, events and positions: stored, validated, asked for. */
@NullMarked
package dev.muster.telemetry;

import org.jspecify.annotations.NullMarked;
