package dev.muster.gateway.signal;

/**
 * One operation of a trace, as OpenTelemetry has it.
 *
 * @param traceHigh first half of the trace id, {@code traceLow} the second
 * @param parent span id, 0 for a root
 * @param kind of {@code opentelemetry.proto.trace.v1.Span.SpanKind}
 * @param status 0 unset, 1 ok, 2 error
 * @param attributes JSON object; {@code resource} alike, {@code events} and {@code links} JSON arrays
 */
public record Span(
        long traceHigh,
        long traceLow,
        long id,
        long parent,
        String name,
        int kind,
        long startNanos,
        long endNanos,
        int status,
        String statusMessage,
        String service,
        String attributes,
        String resource,
        String events,
        String links) {
    public static final int MAX_TEXT_LENGTH = 1024;
    /** Of each of the four in JSON. */
    public static final int MAX_JSON_LENGTH = 32 * 1024;
}
