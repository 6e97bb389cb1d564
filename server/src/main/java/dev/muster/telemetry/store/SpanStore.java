package dev.muster.telemetry.store;

import dev.muster.gateway.signal.Span;
import dev.muster.protocol.AssetId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where spans of traces are kept. */
public interface SpanStore {

    /** Key: start (microseconds), asset, trace, span. */
    record Row(AssetId asset, long receivedAt, Span span) {}

    /** On return they are on disk. The same again changes nothing. */
    void append(List<Row> spans);

    /**
     * Which spans, by start, from when until before when; milliseconds since the epoch.
     *
     * @param asset null for all
     * @param traceHigh null for all, like {@code traceLow}
     * @param name exactly; null for all
     * @param minNanos that they took at least
     */
    record Query(
            @Nullable AssetId asset,
            @Nullable Long traceHigh,
            @Nullable Long traceLow,
            @Nullable String name,
            long minNanos,
            boolean failedOnly,
            long from,
            long to,
            int limit) {}

    /** Newest first. */
    List<Row> find(Query query);
}
