/**
 * OTLP/HTTP (OpenTelemetry protocol 1.x): metrics, logs and traces below {@code /otlp}, protobuf and JSON.
 *
 * <p>A request becomes {@link dev.muster.gateway.signal.SampleBatch}es, log uplinks or {@link
 * dev.muster.gateway.signal.SpanBatch}es in the journal, and is answered when they are on disk. What can never be taken is
 * told as partial success, what cannot be taken now by 503 with Retry-After.
 */
@NullMarked
package dev.muster.gateway.otlp;

import org.jspecify.annotations.NullMarked;
