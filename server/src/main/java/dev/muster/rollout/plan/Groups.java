package dev.muster.rollout.plan;

import dev.muster.rollout.engine.Stratum;
import dev.muster.rollout.engine.WaveState;
import dev.muster.rollout.spec.Attribute;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * By which strata failures are told apart: those of the mixture, less the attributes that do not count for it. Waves mixed by region and
 * hardware can be told apart by hardware.
 *
 * @param strata none where failures are not told apart
 * @param ofMixture the number among them of each stratum of the mixture
 */
public record Groups(List<Stratum> strata, int[] ofMixture) {

    /** @param by some of the attributes that the waves are mixed by */
    public static Groups of(List<Attribute> mixedBy, List<Attribute> by, List<List<String>> mixture) {
        if (by.isEmpty()) {
            return new Groups(List.of(), new int[mixture.size()]);
        }
        Strata groups = new Strata();
        int[] ofMixture = mixture.stream()
                .mapToInt(values -> groups.of(values(mixedBy, by, values)))
                .toArray();
        return new Groups(groups.values().stream().map(Stratum::going).toList(), ofMixture);
    }

    private static List<String> values(List<Attribute> mixedBy, List<Attribute> by, List<String> values) {
        return by.stream()
                .map(attribute -> values.get(mixedBy.indexOf(attribute)))
                .toList();
    }

    public int[] of(int[] mixture) {
        return Arrays.stream(mixture).map(each -> ofMixture[each]).toArray();
    }

    /** @param mixed by wave: how many targets it has of each stratum of the mixture */
    public List<WaveState> into(List<WaveState> waves, int[][] mixed) {
        if (strata.isEmpty()) {
            return waves;
        }
        List<WaveState> told = new ArrayList<>();
        for (int i = 0; i < waves.size(); i++) {
            int[] sizes = new int[strata.size()];
            for (int each = 0; each < ofMixture.length; each++) {
                sizes[ofMixture[each]] += mixed[i][each];
            }
            told.add(waves.get(i).mixedOf(sizes));
        }
        return told;
    }
}
