package dev.muster.rollout.spec;

import dev.muster.actuator.ConfigurationActuator;
import dev.muster.rollout.engine.Conduct;
import dev.muster.twin.document.Revision;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What is to reach which assets, and how.
 *
 * @param selector in CEL, over assets
 * @param staging those of them that go before all others, in CEL; null for none
 * @param stratify what each wave is mixed by; empty for nothing
 * @param failuresBy those of them by which failures are told apart; empty where they are not
 * @param seed decides the order together with the assets' ids
 * @param priority of several that want an asset the highest changes it first
 * @param placesBy what names the place of an asset; null when places are not limited
 * @param window null for any time
 * @param blackouts times in which nobody is changed
 * @param quarantine whether a release that a gate sends back is quarantined
 */
public record RolloutSpec(
        String description,
        String selector,
        Change change,
        @Nullable String staging,
        List<Attribute> stratify,
        List<Attribute> failuresBy,
        String seed,
        List<WaveSpec> waves,
        List<GateSpec> gates,
        int priority,
        @Nullable Attribute placesBy,
        @Nullable WindowSpec window,
        List<Blackout> blackouts,
        boolean quarantine,
        Conduct conduct) {
    public RolloutSpec {
        stratify = List.copyOf(stratify);
        failuresBy = List.copyOf(failuresBy);
        waves = List.copyOf(waves);
        gates = List.copyOf(gates);
        blackouts = List.copyOf(blackouts);
    }

    /** When orders to change may go out. */
    public Timetable timetable() {
        return new Timetable(window, blackouts);
    }

    /** What moves. */
    public sealed interface Change {
        String component();

        String version();

        /** For people. */
        String text();

        /** A version of a component, from the catalog of releases. */
        record ReleaseChange(String component, String version) implements Change {
            @Override
            public String text() {
                return component + " " + version;
            }
        }

        /**
         * A content of a configuration; its version is the content's revision.
         *
         * @param config a JSON Merge Patch, in place of what the configuration says now
         */
        record ConfigurationChange(String name, JsonNode config, String version) implements Change {
            public ConfigurationChange(String name, JsonNode config) {
                this(name, config, Revision.of(config));
            }

            @Override
            public String component() {
                return ConfigurationActuator.component(name);
            }

            @Override
            public String text() {
                return "configuration " + name + " " + version;
            }
        }
    }
}
