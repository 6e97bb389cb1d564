package dev.muster.telemetry.intake;

import dev.muster.gateway.signal.Span;
import dev.muster.gateway.signal.SpanBatch;
import dev.muster.telemetry.store.SpanStore;
import java.util.ArrayList;
import java.util.List;

/** Lets spans of known assets in, as they are, unless they begin where no partition should be. */
public final class SpanIntake {
    private static final long NANOS_PER_MILLI = 1_000_000;

    private final SpanStore store;
    private final AssetSchemas schemas;
    private final RefusedReport refused;
    private final int retentionDays;

    public SpanIntake(SpanStore store, AssetSchemas schemas, RefusedReport refused, int retentionDays) {
        this.store = store;
        this.schemas = schemas;
        this.refused = refused;
        this.retentionDays = retentionDays;
    }

    public List<SpanStore.Row> rows(Intake.Origin origin, SpanBatch batch) {
        if (schemas.of(origin.asset()).isEmpty()) {
            refused.count(
                    origin.asset(),
                    "spans",
                    Reason.UNKNOWN_ASSET,
                    "the registry does not know the asset",
                    origin.receivedAt());
            return List.of();
        }
        List<SpanStore.Row> rows = new ArrayList<>(batch.spans().size());
        for (Span span : batch.spans()) {
            EventTime time = EventTime.of(
                    span.startNanos() / NANOS_PER_MILLI, origin.receivedAt(), origin.offset(), 0, retentionDays);
            if (time.verdict() == EventTime.Verdict.KEPT) {
                rows.add(new SpanStore.Row(origin.asset(), origin.receivedAt(), span));
            } else {
                Reason reason = time.verdict() == EventTime.Verdict.FUTURE ? Reason.FAR_AHEAD : Reason.TOO_OLD;
                refused.count(
                        origin.asset(),
                        "spans",
                        reason,
                        "span " + span.name() + " starts at " + span.startNanos() / NANOS_PER_MILLI
                                + " ms, received at " + origin.receivedAt(),
                        origin.receivedAt());
            }
        }
        return rows;
    }

    /** On return they are on disk. */
    public void store(List<SpanStore.Row> rows) {
        store.append(rows);
    }
}
