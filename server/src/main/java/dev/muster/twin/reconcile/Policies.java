package dev.muster.twin.reconcile;

import dev.muster.twin.configuration.ConfigurationService;
import dev.muster.twin.configuration.ConflictPolicy;
import dev.muster.twin.document.DesiredMerge;
import java.util.Collection;
import java.util.Map;
import java.util.function.Function;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/** Says by which policy a field is looked after, from where it comes. */
@Component
public class Policies {
    private static final String CONFIGURATION = "configuration/";
    private static final String BASELINE = "baseline/";

    private final ConfigurationService configurations;

    Policies(ConfigurationService configurations) {
        this.configurations = configurations;
    }

    /** Of a field that differs: what is desired may say itself that it is left alone. */
    public static ConflictPolicy of(JsonNode drift, Function<String, ConflictPolicy> byOrigin) {
        return drift.path("leftAlone").asBoolean(false)
                ? ConflictPolicy.REPORT
                : byOrigin.apply(drift.path("origin").asString(""));
    }

    /** What rollouts assign is only reported: they look after it themselves. */
    public Function<String, ConflictPolicy> of(Collection<String> origins) {
        Map<String, ConflictPolicy> named = configurations.policies(origins.stream()
                .filter(origin -> origin.startsWith(CONFIGURATION))
                .map(origin -> origin.substring(CONFIGURATION.length()))
                .toList());
        return origin -> {
            if (origin.startsWith(CONFIGURATION)) {
                return named.getOrDefault(origin.substring(CONFIGURATION.length()), ConflictPolicy.REPORT);
            }
            if (origin.startsWith(BASELINE)) {
                return ConflictPolicy.ENFORCE;
            }
            return origin.equals(DesiredMerge.LOCAL) ? ConflictPolicy.ACCEPT : ConflictPolicy.REPORT;
        };
    }
}
