package dev.muster.rollout.engine;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What was measured of open waves just now, for the gates that people have written.
 *
 * @param byWave by the position of the wave, then by the name of the gate; values by name, such as {@code wave.restarts}
 */
public record Measures(Map<Integer, Map<String, Map<String, Object>>> byWave) {
    /** Nothing was measured: such gates are not judged. */
    public static final Measures NONE = new Measures(Map.of());

    @Nullable Map<String, Object> of(int wave, Check check) {
        Map<String, Map<String, Object>> measured = byWave.get(wave);
        return measured == null ? null : measured.get(check.name());
    }
}
