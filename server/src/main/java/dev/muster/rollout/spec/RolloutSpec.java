package dev.muster.rollout.spec;

import dev.muster.rollout.engine.Conduct;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is to reach which assets, and how.
 *
 * @param selector in CEL, over assets
 * @param window null for any time
 */
public record RolloutSpec(
        String description,
        String selector,
        Change change,
        List<WaveSpec> waves,
        @Nullable WindowSpec window,
        Conduct conduct) {
    public RolloutSpec {
        waves = List.copyOf(waves);
    }

    /** What moves. */
    public sealed interface Change {
        String component();

        String version();

        /** A version of a component, from the catalog of releases. */
        record ReleaseChange(String component, String version) implements Change {}
    }
}
