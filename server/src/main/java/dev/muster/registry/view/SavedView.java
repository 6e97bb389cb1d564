package dev.muster.registry.view;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A way to look at the list of assets that somebody gave a name.
 *
 * @param owner who keeps it
 * @param shared whether everybody sees it
 */
record SavedView(String id, String owner, String name, boolean shared, Look look, Instant updated) {
    /**
     * What the list shows, as in its address.
     *
     * @param facets {@code FACET=VALUE}
     * @param columns in their order; empty for the usual ones
     */
    record Look(
            @Nullable String selector,
            @Nullable String q,
            List<String> facets,
            List<String> columns,
            @Nullable String sort) {
        Look {
            facets = List.copyOf(Objects.requireNonNullElse(facets, List.of()));
            columns = List.copyOf(Objects.requireNonNullElse(columns, List.of()));
        }
    }
}
