package dev.muster.rollout.plan;

import dev.muster.protocol.AssetId;
import dev.muster.rollout.engine.WaveState;
import dev.muster.rollout.spec.RolloutSpecReader;
import dev.muster.rollout.spec.WaveSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Who goes with which wave.
 *
 * <p>The staging cohort is a wave of its own before all others. Of the rest each wave is a mixture: the first one has one of each
 * stratum as far as it has room, of the largest strata first; all else is shared in proportion, by the largest remainder, so that after
 * each wave a stratum is within one asset of its share. Within a stratum, and within a wave, the order is that of {@link RolloutOrder}.
 *
 * <p>The same seed and members give the same waves, in whatever order the members come.
 */
public final class Cohorts {
    private Cohorts() {}

    /**
     * An asset that is to be changed.
     *
     * @param stratum its number in {@link Strata}
     */
    public record Member(AssetId asset, int stratum, boolean staging) {}

    /**
     * The waves.
     *
     * @param order every asset, in the rollout's order; a wave has those from its first on
     * @param stratum that of each, in the same order
     * @param strata by wave: how many of each stratum it has
     */
    public record Dealt(List<AssetId> order, int[] stratum, List<WaveState> waves, int[][] strata) {
        /** Whether the first wave is the staging cohort. */
        public boolean hasStaging() {
            return !waves.isEmpty() && waves.getFirst().name().equals(RolloutSpecReader.STAGING);
        }
    }

    /** @param strata by number, in the order of the attributes */
    public static Dealt deal(String seed, List<Member> members, List<List<String>> strata, List<WaveSpec> specs) {
        List<Member> ordered = RolloutOrder.of(seed, members, Member::asset);
        List<Member> staging = ordered.stream().filter(Member::staging).toList();
        List<Member> rest = staging.isEmpty()
                ? ordered
                : ordered.stream().filter(member -> !member.staging()).toList();
        List<WaveState> waves = new ArrayList<>();
        List<List<Member>> byWave = new ArrayList<>();
        if (!staging.isEmpty()) {
            waves.add(WaveState.fresh(RolloutSpecReader.STAGING, 0, staging.size(), false));
            byWave.add(staging);
        }
        List<WaveState> cut = WaveSpec.cut(specs, staging.size(), rest.size());
        waves.addAll(cut);
        byWave.addAll(split(rest, strata, cut));
        return new Dealt(
                byWave.stream().flatMap(List::stream).map(Member::asset).toList(),
                byWave.stream().flatMap(List::stream).mapToInt(Member::stratum).toArray(),
                List.copyOf(waves),
                byWave.stream().map(wave -> count(wave, strata.size())).toArray(int[][]::new));
    }

    /** The n-th of its stratum goes with the first wave up to which more than n of the stratum go. */
    private static List<List<Member>> split(List<Member> members, List<List<String>> strata, List<WaveState> waves) {
        int[] sizes = count(members, strata.size());
        int[][] until = new int[waves.size()][];
        int[] before = new int[strata.size()];
        int[] most = represented(
                sizes, strata, waves.isEmpty() ? 0 : waves.getFirst().size());
        int dealt = 0;
        for (int i = 0; i < waves.size(); i++) {
            dealt += waves.get(i).size();
            until[i] = share(dealt, sizes, i == 0 ? most : before, strata);
            before = until[i];
        }
        List<List<Member>> byWave = new ArrayList<>();
        waves.forEach(wave -> byWave.add(new ArrayList<>(wave.size())));
        int[] met = new int[strata.size()];
        for (Member member : members) {
            int rank = met[member.stratum()]++;
            int wave = 0;
            while (until[wave][member.stratum()] <= rank) {
                wave++;
            }
            byWave.get(wave).add(member);
        }
        return byWave;
    }

    /** One of each, of the largest strata first, as far as there is room. */
    private static int[] represented(int[] sizes, List<List<String>> strata, int room) {
        int[] one = new int[sizes.length];
        largestFirst(sizes, strata).stream()
                .filter(stratum -> sizes[stratum] > 0)
                .limit(room)
                .forEach(stratum -> one[stratum] = 1);
        return one;
    }

    /**
     * How many of each stratum go until a wave, {@code seats} in all: as many as its size is worth, and no fewer than {@code least}.
     * Those that are worth less than their least have that; the others share what is left in proportion, fractions by the largest
     * remainder.
     */
    private static int[] share(int seats, int[] sizes, int[] least, List<List<String>> strata) {
        boolean[] fixed = new boolean[sizes.length];
        long left = seats;
        long worth = Arrays.stream(sizes).asLongStream().sum();
        boolean again = true;
        while (again) {
            again = false;
            for (int h = 0; h < sizes.length; h++) {
                if (!fixed[h] && least[h] * worth > left * sizes[h]) {
                    fixed[h] = true;
                    left -= least[h];
                    worth -= sizes[h];
                    again = true;
                }
            }
        }
        int[] until = new int[sizes.length];
        long[] remainder = new long[sizes.length];
        long given = 0;
        for (int h = 0; h < sizes.length; h++) {
            until[h] = fixed[h] || worth == 0 ? least[h] : Math.toIntExact(left * sizes[h] / worth);
            remainder[h] = fixed[h] || worth == 0 ? 0 : left * sizes[h] % worth;
            given += until[h];
        }
        largestFirst(sizes, strata).stream()
                .filter(h -> remainder[h] > 0)
                .sorted(Comparator.comparingLong((Integer h) -> -remainder[h]))
                .limit(seats - given)
                .forEach(h -> until[h]++);
        return until;
    }

    private static List<Integer> largestFirst(int[] sizes, List<List<String>> strata) {
        return IntStream.range(0, sizes.length)
                .boxed()
                .sorted(Comparator.comparingInt((Integer h) -> -sizes[h])
                        .thenComparing(h -> String.join("\0", strata.get(h))))
                .toList();
    }

    private static int[] count(List<Member> members, int strata) {
        int[] counts = new int[strata];
        members.forEach(member -> counts[member.stratum()]++);
        return counts;
    }
}
