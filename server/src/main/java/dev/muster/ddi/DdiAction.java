package dev.muster.ddi;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One version of one component for one asset.
 *
 * @param id 0 until it is stored
 * @param attempt of the order
 * @param previous what ran before, when it is known
 * @param source where it comes from; null when nobody knows
 * @param shown whether the asset has read it
 * @param kept whether the asset has refused to give it up
 * @param confirmed whether the asset has confirmed it
 * @param status in hawkBit's words
 * @param messages the newest first
 */
record DdiAction(
        int id,
        String component,
        String version,
        String attempt,
        @Nullable String previous,
        @Nullable Source source,
        State state,
        boolean shown,
        boolean kept,
        boolean confirmed,
        String status,
        List<String> messages) {
    static final int MAX_MESSAGES = 50;

    DdiAction {
        messages = List.copyOf(messages);
    }

    /** @param target path in the signed metadata */
    record Source(String target, String sha256, long size) {
        String file() {
            return target.substring(target.lastIndexOf('/') + 1);
        }
    }

    enum State {
        OPEN,
        CANCELLING,
        SUCCEEDED,
        FAILED,
        CANCELLED;

        boolean ended() {
            return switch (this) {
                case OPEN, CANCELLING -> false;
                case SUCCEEDED, FAILED, CANCELLED -> true;
            };
        }

        String wire() {
            return name().toLowerCase(Locale.ROOT);
        }

        static State of(String wire) {
            return valueOf(wire.toUpperCase(Locale.ROOT));
        }
    }

    static DdiAction open(
            String component, String version, String attempt, @Nullable String previous, @Nullable Source source) {
        return new DdiAction(
                0,
                component,
                version,
                attempt,
                previous,
                source,
                State.OPEN,
                false,
                false,
                false,
                "running",
                List.of());
    }

    DdiAction as(State next) {
        return new DdiAction(
                id, component, version, attempt, previous, source, next, shown, kept, confirmed, word(next), messages);
    }

    private String word(State next) {
        return switch (next) {
            case OPEN -> "running";
            case CANCELLING -> "canceling";
            case SUCCEEDED -> "finished";
            case FAILED -> "error";
            case CANCELLED -> "canceled";
        };
    }

    DdiAction asShown() {
        return new DdiAction(
                id, component, version, attempt, previous, source, state, true, kept, confirmed, "retrieved", messages);
    }

    DdiAction asKept() {
        return new DdiAction(
                id,
                component,
                version,
                attempt,
                previous,
                source,
                State.OPEN,
                shown,
                true,
                confirmed,
                "cancel_rejected",
                messages);
    }

    DdiAction asConfirmed() {
        return new DdiAction(
                id, component, version, attempt, previous, source, state, shown, kept, true, "running", messages);
    }

    DdiAction saying(String word, List<String> said) {
        List<String> all = new ArrayList<>(said);
        all.addAll(messages);
        return new DdiAction(
                id,
                component,
                version,
                attempt,
                previous,
                source,
                state,
                shown,
                kept,
                confirmed,
                word,
                all.subList(0, Math.min(all.size(), MAX_MESSAGES)));
    }

    DdiAction saying(List<String> said) {
        return saying(status, said);
    }
}
