package dev.muster.rollout;

import dev.muster.protocol.AssetId;
import dev.muster.rollout.engine.Reason;
import dev.muster.rollout.engine.Stratum;
import dev.muster.rollout.engine.WaveState;
import dev.muster.rollout.plan.Forecast;
import dev.muster.rollout.spec.RolloutSpec;
import dev.muster.rollout.spec.RolloutSpecReader;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What a rollout would do if it started now.
 *
 * @param selected how many assets its selector selects
 * @param targets those of them that would be changed, in the rollout's order
 * @param groups by which failures are told apart; none where they are not
 * @param group of each target its number among the groups
 * @param strata what the waves are mixed by: the values of each stratum
 * @param byWave how many of each stratum a wave has
 * @param leftOut those that would not be changed, by the reason
 * @param waiting targets that would have to wait if it were their turn now
 * @param withoutRollbackTarget how many of the selected could not go back
 * @param artifacts what is downloaded, by how many
 * @param install how long earlier changes of the component took, from the order to running it; null when none is known
 * @param approvals what the types of the targets ask for
 */
record Plan(
        Instant at,
        int selected,
        List<AssetId> targets,
        List<WaveState> waves,
        List<Stratum> groups,
        int[] group,
        List<List<String>> strata,
        int[][] byWave,
        Map<Reason, Counted> leftOut,
        Map<Reason, Counted> waiting,
        int withoutRollbackTarget,
        List<Artifact> artifacts,
        @Nullable Duration install,
        List<ApprovalRule> approvals,
        Forecast forecast) {
    static final int MAX_EXAMPLES = 1_000;

    /** @param examples some of them, with what was found */
    record Counted(int count, SortedMap<String, String> examples) {}

    /** @param bytes of one */
    record Artifact(String target, long bytes, int assets) {}

    /** @param why for people */
    record ApprovalRule(int needed, String why) {}

    /** By people other than the author. */
    int approvalsNeeded() {
        return approvals.stream().mapToInt(ApprovalRule::needed).max().orElse(0);
    }

    /** The first wave that is not the staging cohort; empty when there is none. */
    Optional<Integer> canary() {
        int first = hasStaging() ? 1 : 0;
        return first < waves.size() ? Optional.of(first) : Optional.empty();
    }

    boolean hasStaging() {
        return !waves.isEmpty() && waves.getFirst().name().equals(RolloutSpecReader.STAGING);
    }

    /** Strata of which a wave after the canary has assets, and the canary has none. */
    List<List<String>> missingInCanary() {
        int canary = canary().orElse(0);
        return IntStream.range(0, strata.size())
                .filter(stratum -> byWave.length > canary
                        && byWave[canary][stratum] == 0
                        && IntStream.range(canary, byWave.length).anyMatch(wave -> byWave[wave][stratum] > 0))
                .mapToObj(strata::get)
                .toList();
    }

    /** How many targets a stratum has. */
    int of(List<String> stratum) {
        int number = strata.indexOf(stratum);
        return Arrays.stream(byWave).mapToInt(wave -> wave[number]).sum();
    }

    /** Why it could not start. */
    List<String> problems(RolloutSpec spec) {
        List<String> problems = new ArrayList<>();
        if (targets.isEmpty()) {
            problems.add(
                    "has no target: its selector selects " + selected + " assets, left out are " + leftOutCounts());
        } else if (spec.staging() != null && !hasStaging()) {
            problems.add("has none of its " + targets.size() + " targets in staging, which is to go first: "
                    + spec.staging());
        }
        if (groups.size() > Stratum.MAX) {
            problems.add("tells failures apart by " + groups.size() + " combinations of values, at most " + Stratum.MAX
                    + " are allowed; name fewer attributes in failures.by");
        }
        return problems;
    }

    int busy() {
        return waiting.containsKey(Reason.BUSY) ? waiting.get(Reason.BUSY).count() : 0;
    }

    SortedMap<String, Integer> leftOutCounts() {
        SortedMap<String, Integer> counts = new TreeMap<>();
        leftOut.forEach((reason, left) -> counts.put(reason.wire(), left.count()));
        return counts;
    }

    /** Assets by a reason, while they are gone through. */
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

        Map<Reason, Counted> counted() {
            Map<Reason, Counted> all = new EnumMap<>(Reason.class);
            counts.forEach((reason, count) ->
                    all.put(reason, new Counted(count, examples.getOrDefault(reason, new TreeMap<>()))));
            return all;
        }
    }
}
