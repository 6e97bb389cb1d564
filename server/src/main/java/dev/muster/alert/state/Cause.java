package dev.muster.alert.state;

import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;

/**
 * What many assets that are wrong have in common; one alert stands for all of them.
 *
 * @param label such as {@code gateway}, or {@code selection} when it is all that the rule looks at
 * @param alerts how many assets are wrong
 * @param of how many that share the cause
 * @param first names of some of those that are wrong, in their order
 */
@Schema(name = "AlertCause")
public record Cause(String label, String value, int alerts, int of, List<String> first) {
    public Cause {
        first = List.copyOf(first);
    }
}
