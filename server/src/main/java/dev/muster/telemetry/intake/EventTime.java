package dev.muster.telemetry.intake;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The time under which something is stored, and what tells it from others of that time.
 *
 * @param tie 0 when the asset gave the time, and the same message sent again is the same row; else where in the journal
 *     it stands, so that two messages in one millisecond are two rows, also after a replay
 */
public record EventTime(long ts, long tie, Verdict verdict) {
    /** An asset's clock may be ahead by this much. */
    static final Duration MAX_AHEAD = Duration.ofMinutes(5);

    public enum Verdict {
        KEPT,
        FUTURE,
        TOO_OLD
    }

    /**
     * @param ts by the asset's clock; null when it gave none
     * @param offset of the journal's entry
     * @param index in the entry
     * @param retentionDays for which such rows are kept
     */
    public static EventTime of(@Nullable Long ts, long receivedAt, long offset, int index, int retentionDays) {
        if (ts == null) {
            return new EventTime(receivedAt, Keys.place(offset, index), Verdict.KEPT);
        }
        if (ts > receivedAt + MAX_AHEAD.toMillis()) {
            return new EventTime(receivedAt, Keys.place(offset, index), Verdict.FUTURE);
        }
        boolean tooOld = ts < receivedAt - Duration.ofDays(retentionDays).toMillis();
        return new EventTime(ts, 0, tooOld ? Verdict.TOO_OLD : Verdict.KEPT);
    }
}
