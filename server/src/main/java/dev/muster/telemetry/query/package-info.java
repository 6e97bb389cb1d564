/** Asking for telemetry, logs, events and positions over HTTP. */
@NullMarked
package dev.muster.telemetry.query;

import org.jspecify.annotations.NullMarked;
