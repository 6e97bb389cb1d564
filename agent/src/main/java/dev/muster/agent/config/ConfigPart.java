package dev.muster.agent.config;

import java.util.List;
import tools.jackson.databind.JsonNode;

/** One key of the desired {@code config} that something on the asset understands. Called on one thread. */
public interface ConfigPart {
    /** The key. */
    String name();

    /** Everything that is wrong with the wanted value, each with found, allowed and what to try; empty when it can be applied. */
    List<String> problems(JsonNode wanted);

    /** Puts a value without problems into effect, and nothing else of it remains. A missing key comes as an empty object. */
    void apply(JsonNode wanted);

    /** What is in effect, as it is reported: read back where somebody else could have changed it. */
    JsonNode current();

    /** Looks after what is in effect, from time to time: what was changed by hand is told or repaired. Does not throw for that. */
    default void inspect() {}
}
