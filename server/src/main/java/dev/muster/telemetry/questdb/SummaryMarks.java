package dev.muster.telemetry.questdb;

import dev.muster.protocol.AssetId;
import dev.muster.telemetry.store.Row;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What of one type was stored since it was last summed up, and up to when it is summed up. */
final class SummaryMarks {
    private static final long NONE = Long.MAX_VALUE;

    /** Times of an asset's late rows, both ends included. */
    record Range(long from, long to) {
        Range with(long ts) {
            return new Range(Math.min(from, ts), Math.max(to, ts));
        }

        Range with(Range other) {
            return new Range(Math.min(from, other.from), Math.max(to, other.to));
        }
    }

    /**
     * @param from oldest row that came in time and is not summed up, at most the end of what is
     * @param received when the newest row was received that came in time; likewise {@code lateReceived}
     */
    record Snapshot(long from, Map<AssetId, Range> late, long received, long lateReceived) {}

    private long until;
    /** Until when is being summed up now: what is stored meanwhile may be missed by that. */
    private long reaching;

    private boolean searched;
    private long from = NONE;
    private long received;
    private long lateReceived;
    private Map<AssetId, Range> late = new HashMap<>();
    /** Taken, and not yet summed up. */
    private Map<AssetId, Range> taken = Map.of();

    private long takenFrom = NONE;

    SummaryMarks(long until, long received, long lateReceived) {
        this.until = until;
        this.reaching = until;
        this.received = received;
        this.lateReceived = lateReceived;
    }

    synchronized void add(Row.Sample row, boolean isLate) {
        if (isLate) {
            lateReceived = Math.max(lateReceived, row.receivedAt());
            if (row.ts() < reaching) {
                addLate(row.asset(), new Range(row.ts(), row.ts()));
            }
        } else {
            received = Math.max(received, row.receivedAt());
            if (row.ts() < reaching) {
                from = Math.min(from, row.ts());
            }
        }
    }

    synchronized void addLate(AssetId asset, Range range) {
        late.merge(asset, range, Range::with);
    }

    /** What was stored before these marks were made is part of them. */
    synchronized void searched() {
        searched = true;
    }

    synchronized void addFrom(long ts) {
        from = Math.min(from, ts);
    }

    /** What is to be summed up now, up to the given time. It stays unsettled until {@link #settled}. */
    synchronized Snapshot take(long upTo, boolean withLate) {
        reaching = Math.max(until, upTo);
        Snapshot snapshot = new Snapshot(Math.min(from, until), withLate ? late : Map.of(), received, lateReceived);
        takenFrom = from;
        from = NONE;
        if (withLate) {
            taken = late;
            late = new HashMap<>();
        }
        return snapshot;
    }

    synchronized void settled() {
        until = reaching;
        taken = Map.of();
        takenFrom = NONE;
    }

    /** It could not be summed up: next time. */
    synchronized void failed() {
        from = Math.min(from, takenFrom);
        takenFrom = NONE;
        taken.forEach(this::addLate);
        taken = Map.of();
    }

    /** Before when all that came in time is summed up. */
    synchronized long settledUntil() {
        return searched ? Math.min(until, Math.min(from, takenFrom)) : Long.MIN_VALUE;
    }

    synchronized int lateAssets() {
        return late.size();
    }

    /** Before when the sums of an asset are those of all its rows; smaller than all times when they are of none. */
    synchronized long exactUntil(AssetId asset) {
        if (!searched) {
            return Long.MIN_VALUE;
        }
        long end = Math.min(until, Math.min(from, takenFrom));
        for (Map<AssetId, Range> ranges : List.of(late, taken)) {
            Range range = ranges.get(asset);
            if (range != null) {
                end = Math.min(end, range.from());
            }
        }
        return end;
    }
}
