package dev.muster.registry.bulk;

import dev.muster.identity.Actor;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One change of many assets, and how far it is.
 *
 * @param atMost more assets than this stop it: as many as whoever wants it was shown
 * @param stopped why it did not go on to its end
 * @param doneTo the last asset that was looked at, in the order of their ids
 */
record BulkChange(
        String id,
        Actor actor,
        Selection selection,
        AssetEdit edit,
        @Nullable Integer atMost,
        State state,
        @Nullable String stopped,
        String doneTo,
        Tally tally,
        Instant createdAt,
        @Nullable Instant endedAt) {

    enum State {
        RUNNING,
        DONE,
        STOPPED;

        String wire() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * Which assets: the named ones, or those that a selector and words choose.
     *
     * @param ids null when they are not named
     */
    record Selection(
            @Nullable String selector,
            @Nullable String q,
            @Nullable List<String> ids) {
        static final int MAX_IDS = 10_000;

        Selection {
            ids = ids == null ? null : ids.stream().distinct().sorted().toList();
        }
    }

    /** @param leftOut by reason how many; {@code sample} some of them */
    record Tally(int changed, int unchanged, Map<String, Integer> leftOut, List<LeftOut> sample) {
        static final Tally NOTHING = new Tally(0, 0, Map.of(), List.of());

        int seen() {
            return changed
                    + unchanged
                    + leftOut.values().stream().mapToInt(Integer::intValue).sum();
        }
    }

    record LeftOut(String asset, String reason, String why) {}
}
