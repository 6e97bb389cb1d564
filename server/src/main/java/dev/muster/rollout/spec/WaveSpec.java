package dev.muster.rollout.spec;

import dev.muster.rollout.engine.Percent;
import dev.muster.rollout.engine.WaveState;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Until how many targets a wave goes, with those of the waves before it.
 *
 * @param percent of all targets; null when it is a count
 * @param minimum at least so many, as long as there are
 * @param manual whether a person has to let it begin
 */
public record WaveSpec(String name, @Nullable Percent percent, int count, int minimum, boolean manual) {

    private int until(int targets) {
        int share = percent == null ? count : percent.of(targets);
        return Math.min(targets, Math.max(share, minimum));
    }

    /**
     * The waves for so many targets; one that would have none is left out, what is left over belongs to the last.
     *
     * @param offset targets that come before in waves of their own
     */
    public static List<WaveState> cut(List<WaveSpec> specs, int offset, int targets) {
        List<WaveState> waves = new ArrayList<>();
        int first = 0;
        boolean manual = false;
        for (int i = 0; i < specs.size(); i++) {
            WaveSpec spec = specs.get(i);
            manual |= spec.manual();
            int end = i == specs.size() - 1 ? targets : spec.until(targets);
            if (end > first) {
                waves.add(WaveState.fresh(spec.name(), offset + first, end - first, manual && offset + first > 0));
                first = end;
                manual = false;
            }
        }
        return waves;
    }
}
