/**
 * The port behind which telemetry, logs, events and positions are kept. Rows are idempotent by key, so that the journal
 * can be replayed: what every implementation promises is stated by {@code TelemetryStoreContract} and the contracts beside it in the tests.
 */
@NullMarked
package dev.muster.telemetry.store;

import org.jspecify.annotations.NullMarked;
