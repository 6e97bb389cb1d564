package dev.muster.rollout;

import dev.muster.protocol.AssetId;
import dev.muster.rollout.engine.Reason;
import dev.muster.rollout.engine.WaveState;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a rollout would do if it started now.
 *
 * @param selected how many assets its selector selects
 * @param targets those of them that would be changed, in the rollout's order
 * @param leftOut the others, by the reason
 * @param withoutRollbackTarget how many of the selected could not go back
 * @param busy how many targets another rollout changes right now: they will wait for it
 */
record Plan(
        int selected,
        List<AssetId> targets,
        List<WaveState> waves,
        Map<Reason, LeftOut> leftOut,
        int withoutRollbackTarget,
        int busy) {
    static final int MAX_EXAMPLES = 1_000;

    /** @param examples some of them, with what was found */
    record LeftOut(int count, SortedMap<String, String> examples) {}

    /** Why assets are left out, while they are gone through. */
    static final class Tally {
        private final Map<Reason, Integer> counts = new EnumMap<>(Reason.class);
        private final Map<Reason, SortedMap<String, String>> examples = new EnumMap<>(Reason.class);

        void add(Reason reason, AssetId asset, String detail) {
            counts.merge(reason, 1, Integer::sum);
            SortedMap<String, String> known = examples.computeIfAbsent(reason, key -> new TreeMap<>());
            if (known.size() < MAX_EXAMPLES) {
                known.put(asset.value(), detail);
            }
        }

        Map<Reason, LeftOut> leftOut() {
            Map<Reason, LeftOut> all = new EnumMap<>(Reason.class);
            counts.forEach((reason, count) ->
                    all.put(reason, new LeftOut(count, examples.getOrDefault(reason, new TreeMap<>()))));
            return all;
        }
    }

    SortedMap<String, Integer> leftOutCounts() {
        SortedMap<String, Integer> counts = new TreeMap<>();
        leftOut.forEach((reason, left) -> counts.put(reason.wire(), left.count()));
        return counts;
    }
}
