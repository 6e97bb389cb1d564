package dev.muster.registry.type;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * An asset type as it stands in the database.
 *
 * @param spec as declared
 * @param shippedVersion version of the shipped definition that it came from, {@code null} when it is the user's own
 * @param modified whether a user changed it since
 * @param managers who owns which declared field
 */
public record StoredAssetType(
        AssetType type,
        JsonNode spec,
        @Nullable Integer shippedVersion,
        boolean modified,
        Map<String, String> managers,
        Instant created,
        Instant updated,
        long resourceVersion) {}
