package dev.muster.twin.reconcile;

import dev.muster.registry.Presence;
import dev.muster.twin.TwinState;
import dev.muster.twin.configuration.ConflictPolicy;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * All that a decision about one asset depends on.
 *
 * @param generation the current one
 * @param changed when it was given
 * @param reportedGeneration of the newest report
 * @param reported receive time of the newest report
 * @param attempts made in this episode
 * @param lastAt when the last of them was made
 */
record Situation(
        String asset,
        TwinState state,
        Presence presence,
        long generation,
        Instant changed,
        @Nullable Long reportedGeneration,
        @Nullable Instant reported,
        List<Fault> faults,
        int attempts,
        @Nullable Instant lastAt,
        @Nullable String lastAction) {

    /**
     * One field that differs.
     *
     * @param field JSON Pointer into the desired document
     * @param reported {@code null} when the asset does not have it
     */
    record Fault(String field, JsonNode desired, @Nullable JsonNode reported, String origin, ConflictPolicy policy) {}
}
