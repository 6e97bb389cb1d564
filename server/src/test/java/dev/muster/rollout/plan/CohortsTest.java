package dev.muster.rollout.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.protocol.AssetId;
import dev.muster.rollout.engine.Percent;
import dev.muster.rollout.engine.WaveState;
import dev.muster.rollout.plan.Cohorts.Dealt;
import dev.muster.rollout.plan.Cohorts.Member;
import dev.muster.rollout.spec.WaveSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CohortsTest {
    private static final int CASES = 2_000;

    @Test
    void theSameMembersInAnotherOrderGiveTheSameWavesAndAnotherSeedOthers() {
        Fleet fleet = new Fleet(7);
        List<Member> shuffled = new ArrayList<>(fleet.members);
        Collections.shuffle(shuffled, new Random(1));
        Dealt once = fleet.deal("a", fleet.members);
        Dealt again = fleet.deal("a", shuffled);
        assertThat(again.order()).isEqualTo(once.order());
        assertThat(again.waves()).isEqualTo(once.waves());
        assertThat(fleet.deal("b", shuffled).order()).isNotEqualTo(once.order());
    }

    @Test
    void everybodyGoesOnceWithWavesOfTheirExactSizesWhateverTheStrata() {
        for (int seed = 1; seed <= CASES; seed++) {
            Fleet fleet = new Fleet(seed);
            Dealt dealt = fleet.deal("x", fleet.members);
            assertThat(new HashSet<>(dealt.order()))
                    .as("seed %d", seed)
                    .hasSize(fleet.members.size())
                    .hasSize(dealt.order().size());
            List<WaveState> waves = new ArrayList<>(dealt.waves());
            if (fleet.staging > 0) {
                WaveState staging = waves.removeFirst();
                assertThat(staging.name()).isEqualTo("staging");
                assertThat(dealt.order().subList(0, staging.size()))
                        .as("seed %d: staging goes first", seed)
                        .allMatch(asset -> fleet.of(asset).staging());
            }
            assertThat(waves)
                    .as("seed %d: sizes", seed)
                    .isEqualTo(WaveSpec.cut(fleet.specs, fleet.staging, fleet.members.size() - fleet.staging));
            for (int i = 0; i < dealt.waves().size(); i++) {
                WaveState wave = dealt.waves().get(i);
                assertThat(fleet.count(dealt.order().subList(wave.first(), wave.end())))
                        .as("seed %d: strata of wave %d", seed, i)
                        .isEqualTo(dealt.strata()[i]);
            }
        }
    }

    /** Worked out anew: a stratum has what it had, or its share of what those get who have more than they had. */
    @Test
    void afterEachWaveEveryStratumIsWithinOneOfItsShare() {
        int shared = 0;
        for (int seed = 1; seed <= CASES; seed++) {
            Fleet fleet = new Fleet(seed);
            Dealt dealt = fleet.deal("x", fleet.members);
            int first = dealt.hasStaging() ? 1 : 0;
            int[] sizes = fleet.count(
                    dealt.order().subList(fleet.staging, dealt.order().size()));
            int[] until = new int[sizes.length];
            for (int wave = first; wave < dealt.waves().size(); wave++) {
                int[] least = wave == first ? ones(sizes, dealt.strata()[wave]) : until.clone();
                for (int h = 0; h < sizes.length; h++) {
                    until[h] += dealt.strata()[wave][h];
                }
                double share = level(Arrays.stream(until).sum(), sizes, least);
                for (int h = 0; h < sizes.length; h++) {
                    double due = Math.max(least[h], share * sizes[h]);
                    assertThat(until[h] - due)
                            .as(
                                    "seed %d, wave %d, stratum %d of %d: %d, due %f",
                                    seed, wave, h, sizes[h], until[h], due)
                            .isBetween(-1 + 1e-9, 1 - 1e-9);
                    shared++;
                }
            }
        }
        assertThat(shared).isGreaterThan(10 * CASES);
    }

    @Test
    void theFirstWaveHasOneOfEveryStratumWhenItHasRoomAndElseOfTheLargest() {
        for (int seed = 1; seed <= CASES; seed++) {
            Fleet fleet = new Fleet(seed);
            Dealt dealt = fleet.deal("x", fleet.members);
            int canary = dealt.hasStaging() ? 1 : 0;
            if (canary == dealt.waves().size()) {
                continue;
            }
            int[] sizes = fleet.count(
                    dealt.order().subList(fleet.staging, dealt.order().size()));
            int[] first = dealt.strata()[canary];
            long there = Arrays.stream(sizes).filter(size -> size > 0).count();
            assertThat(Arrays.stream(first).filter(count -> count > 0).count())
                    .as("seed %d: %s of %s", seed, Arrays.toString(first), Arrays.toString(sizes))
                    .isEqualTo(Math.min(there, dealt.waves().get(canary).size()));
            int smallestIn = Integer.MAX_VALUE;
            int largestOut = 0;
            for (int h = 0; h < sizes.length; h++) {
                smallestIn = first[h] > 0 ? Math.min(smallestIn, sizes[h]) : smallestIn;
                largestOut = first[h] == 0 ? Math.max(largestOut, sizes[h]) : largestOut;
            }
            assertThat(largestOut).as("seed %d", seed).isLessThanOrEqualTo(smallestIn);
        }
    }

    private static int[] ones(int[] sizes, int[] first) {
        int[] least = new int[sizes.length];
        for (int h = 0; h < sizes.length; h++) {
            least[h] = first[h] > 0 ? 1 : 0;
        }
        return least;
    }

    /** By bisection: the share at which max(least, share × size) adds up to the seats. */
    private static double level(int seats, int[] sizes, int[] least) {
        double low = 0;
        double high = 1;
        for (int i = 0; i < 80; i++) {
            double middle = (low + high) / 2;
            double sum = 0;
            for (int h = 0; h < sizes.length; h++) {
                sum += Math.max(least[h], middle * sizes[h]);
            }
            if (sum > seats) {
                high = middle;
            } else {
                low = middle;
            }
        }
        return low;
    }

    /** Members of strata of very different sizes, and waves, from a seed. */
    private static final class Fleet {
        final List<Member> members = new ArrayList<>();
        final List<List<String>> strata = new ArrayList<>();
        final List<WaveSpec> specs = new ArrayList<>();
        final Map<AssetId, Member> byAsset = new HashMap<>();
        final int staging;

        Fleet(long seed) {
            Random random = new Random(seed);
            int count = 1 + random.nextInt(12);
            boolean staged = random.nextInt(3) == 0;
            for (int h = 0; h < count; h++) {
                strata.add(List.of("v" + h));
                int size = random.nextInt(3) == 0 ? 1 + random.nextInt(3) : 1 + random.nextInt(120);
                for (int i = 0; i < size; i++) {
                    members.add(new Member(new AssetId("a-" + h + "-" + i), h, staged && random.nextInt(10) == 0));
                }
            }
            Collections.shuffle(members, random);
            members.forEach(member -> byAsset.put(member.asset(), member));
            staging = (int) members.stream().filter(Member::staging).count();
            if (random.nextBoolean()) {
                specs.add(new WaveSpec("canary", null, 1 + random.nextInt(15), 0, false));
            }
            int percent = 0;
            while (percent < 60 && random.nextInt(4) != 0) {
                percent += 1 + random.nextInt(30);
                specs.add(new WaveSpec("to-" + percent, new Percent(percent * 100), 0, random.nextInt(10), false));
            }
            specs.add(new WaveSpec("all", Percent.ALL, 0, 0, random.nextBoolean()));
        }

        Dealt deal(String name, List<Member> given) {
            return Cohorts.deal(name, given, strata, specs);
        }

        Member of(AssetId asset) {
            return Objects.requireNonNull(byAsset.get(asset));
        }

        int[] count(List<AssetId> assets) {
            int[] counts = new int[strata.size()];
            assets.forEach(asset -> counts[of(asset).stratum()]++);
            return counts;
        }
    }
}
