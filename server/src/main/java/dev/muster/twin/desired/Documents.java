package dev.muster.twin.desired;

import dev.muster.twin.desired.Inputs.Subject;
import dev.muster.twin.document.CanonicalJson;
import dev.muster.twin.document.DesiredMerge;
import dev.muster.twin.document.DesiredMerge.Merged;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The texts of the documents of many assets. What applies to many is merged and written once; of each asset only what is assigned to it,
 * which a rollout does with an attempt of its own for each.
 */
final class Documents {
    /** Beyond it a document stands still and says so. */
    static final int MAX_BYTES = 1 << 20;

    private static final int MAX_BYTES_OF_CHARACTER = 3;

    private final Inputs inputs;
    private final Map<String, Shared> byKey = new HashMap<>();

    Documents(Inputs inputs) {
        this.inputs = inputs;
    }

    /** All texts of a document. @param problem why it is not to be used */
    record Texts(
            @Nullable String body, String origins, @Nullable String problem) {}

    /** Assets with the same inputs get the same. */
    Texts of(Subject subject) {
        return byKey.computeIfAbsent(
                        inputs.key(subject),
                        key -> new Shared(DesiredMerge.merge(inputs.layers(subject), inputs.accepted(subject))))
                .with(subject);
    }

    /** What applies to all assets with one key. */
    private static final class Shared {
        private final Merged merged;
        private final String config;
        private final Map<String, Texts> byAssigned = new HashMap<>();
        private final Map<SortedMap<String, String>, String> origins = new HashMap<>();

        Shared(Merged merged) {
            this.merged = merged;
            this.config = CanonicalJson.text(merged.config());
        }

        Texts with(Subject subject) {
            String assigned = subject.assigned();
            return byAssigned.computeIfAbsent(assigned == null ? "" : assigned, key -> texts(subject));
        }

        private Texts texts(Subject subject) {
            Merged whole = merged.assigned(Inputs.assigned(subject));
            if (whole.isEmpty()) {
                return new Texts(null, "", null);
            }
            String body = whole.body(config);
            int bytes = bytes(body);
            if (bytes > MAX_BYTES) {
                return new Texts(
                        null,
                        "",
                        "the desired document would have " + bytes + " bytes, at most " + MAX_BYTES
                                + " are allowed; it stays as it was until the configurations "
                                + String.join(", ", subject.configurations()) + " are smaller");
            }
            return new Texts(body, origins.computeIfAbsent(whole.origins(), Shared::written), null);
        }

        /** Counted only where there may be too many. */
        private static int bytes(String body) {
            return body.length() <= MAX_BYTES / MAX_BYTES_OF_CHARACTER
                    ? body.length()
                    : body.getBytes(StandardCharsets.UTF_8).length;
        }

        private static String written(SortedMap<String, String> origins) {
            ObjectNode object = JsonNodeFactory.instance.objectNode();
            origins.forEach(object::put);
            return CanonicalJson.text(object);
        }
    }
}
