package dev.muster.registry.document;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A declared object as the API shows it: what may be applied again, and its status. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record DeclaredObject(
        String apiVersion,
        String kind,
        Metadata metadata,
        Object spec,
        @Nullable Object status) {
    public static final String API_VERSION = "muster.dev/v1";

    /**
     * @param managers who owns which field, by JSON Pointer into the document
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Metadata(
            String name,
            @Nullable SortedMap<String, String> labels,
            String resourceVersion,
            Instant created,
            Instant updated,
            SortedMap<String, String> managers) {
        public static Metadata of(
                String name, long resourceVersion, Instant created, Instant updated, Map<String, String> managers) {
            return new Metadata(name, null, Long.toString(resourceVersion), created, updated, new TreeMap<>(managers));
        }
    }
}
