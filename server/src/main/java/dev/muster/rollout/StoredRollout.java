package dev.muster.rollout;

import dev.muster.identity.Scope;
import dev.muster.rollout.engine.Phase;
import dev.muster.rollout.engine.Rollout;
import dev.muster.rollout.engine.Stratum;
import dev.muster.rollout.engine.WaveState;
import dev.muster.rollout.spec.RolloutSpec;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A rollout as it is stored.
 *
 * @param json the spec as people wrote it
 * @param waves none before the start
 * @param strata by which failures are told apart; none where they are not
 * @param keeps targets before this position keep the change when it goes back
 * @param overtime whether its deadline has passed, and what follows from that has been done
 * @param leftOut how many assets the start left out, by reason
 * @param scope of the one who started it
 */
record StoredRollout(
        int id,
        String name,
        JsonNode json,
        RolloutSpec spec,
        Map<String, String> managers,
        Instant created,
        Instant updated,
        long resourceVersion,
        Phase phase,
        Instant phaseSince,
        long elapsed,
        Instant lookedAt,
        int wave,
        long orderAt,
        List<WaveState> waves,
        List<Stratum> strata,
        int keeps,
        boolean overtime,
        SortedMap<String, Integer> leftOut,
        @Nullable Instant started,
        @Nullable Instant ended,
        Scope scope) {

    /** As the engine sees it; it has waves only once it has started. */
    Rollout engine() {
        return new Rollout(
                name, key(), spec.conduct(), phase, elapsed, lookedAt, wave, orderAt, waves, strata, keeps, overtime);
    }

    /** The same, of which nobody has seen anything since the last look: its own time goes on from now. */
    StoredRollout unwatchedUntil(Instant now) {
        return new StoredRollout(
                id,
                name,
                json,
                spec,
                managers,
                created,
                updated,
                resourceVersion,
                phase,
                phaseSince,
                elapsed,
                now,
                wave,
                orderAt,
                waves,
                strata,
                keeps,
                overtime,
                leftOut,
                started,
                ended,
                scope);
    }

    /** The strata that do not go on. */
    Set<Integer> halted() {
        return IntStream.range(0, strata.size())
                .filter(stratum -> strata.get(stratum).isHalted())
                .boxed()
                .collect(Collectors.toUnmodifiableSet());
    }

    /** Begins every attempt; the name alone may be used again. */
    String key() {
        return name + "." + id;
    }

    String component() {
        return spec.change().component();
    }
}
