package dev.muster.command;

import dev.muster.identity.Scope;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The same command for a selection of assets, so many at a time.
 *
 * @param selector null for a retry of what was left over of the run {@code retryOf}
 * @param parameters as they were given, before the defaults of each type
 * @param maxFailures more commands than this that did not succeed stop the run; null never does
 * @param stopped why it did not go on to its end; null when it did or still does
 * @param skipped assets of the selection that could not be told: retired or quarantined
 * @param deadline what is still queued then is cancelled
 */
record Run(
        String id,
        String name,
        @Nullable String selector,
        @Nullable String retryOf,
        Scope scope,
        JsonNode parameters,
        int concurrency,
        @Nullable Integer maxFailures,
        State state,
        @Nullable String stopped,
        int assets,
        int skipped,
        Instant createdAt,
        String createdBy,
        Instant deadline,
        @Nullable Instant endedAt) {

    /**
     * <pre>
     * running ──▶ stopping ──▶ ended
     *    └───────────────────────▲
     * </pre>
     */
    enum State {
        RUNNING,
        /** What is queued is being cancelled; what is under way goes on to its end. */
        STOPPING,
        ENDED;

        String wire() {
            return name().toLowerCase(Locale.ROOT);
        }

        static State ofWire(String text) {
            return valueOf(text.toUpperCase(Locale.ROOT));
        }
    }

    /** What is to be done with a run now. */
    sealed interface Turn {
        /** @param count queued commands that may go out */
        record Give(int count) implements Turn {}

        /** @param reason why no more go out */
        record Stop(String reason) implements Turn {}

        /** Cancels what is queued. */
        record Clear() implements Turn {}

        record Wait() implements Turn {}

        record End() implements Turn {}
    }

    /**
     * @param underWay commands that are pending, accepted or running
     * @param unsuccessful commands that are settled and have not succeeded, without cancelled ones
     */
    Turn turn(int queued, int underWay, int unsuccessful, Instant now) {
        if (queued == 0) {
            return underWay == 0 ? new Turn.End() : new Turn.Wait();
        }
        return switch (state) {
            case STOPPING -> new Turn.Clear();
            case RUNNING -> {
                if (maxFailures != null && unsuccessful > maxFailures) {
                    yield new Turn.Stop(unsuccessful + " commands did not succeed, and " + maxFailures + " may");
                }
                if (!now.isBefore(deadline)) {
                    yield new Turn.Stop("its time was over at " + deadline);
                }
                int free = concurrency - underWay;
                yield free > 0 ? new Turn.Give(Math.min(free, queued)) : new Turn.Wait();
            }
            case ENDED ->
                throw new IllegalStateException("run " + id + " has ended with " + queued + " queued commands");
        };
    }
}
