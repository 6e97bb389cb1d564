package dev.muster.rollout.engine;

import java.time.Instant;
import java.util.Locale;
import java.util.Map;

/**
 * What was decided about a rollout, and why; kept for ever.
 *
 * @param wave by its position
 * @param outcome such as {@code pass}, {@code fail}, {@code inconclusive}; for what people do: what became of it
 * @param reason in words
 * @param inputs the values that it was worked out from
 * @param threshold what they were held against; empty when against nothing
 */
public record Decision(
        Instant at,
        Kind kind,
        int wave,
        String outcome,
        String reason,
        Map<String, Object> inputs,
        Map<String, Object> threshold) {

    /** What it was about. */
    public enum Kind {
        START,
        OPEN_WAVE,
        GATE,
        PAUSE,
        RESUME,
        RETRY,
        JOIN,
        /** A stratum that does not go on while the rest does. */
        STRATUM,
        PROMOTE,
        EXCLUDE,
        DEADLINE,
        ABORT,
        ROLL_BACK,
        END;

        public String wire() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    static Decision of(Moment now, Kind kind, int wave, String outcome, String reason) {
        return new Decision(now.wall(), kind, wave, outcome, reason, Map.of(), Map.of());
    }
}
