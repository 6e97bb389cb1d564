package dev.muster.registry.asset;

import dev.muster.registry.Asset;
import java.time.Instant;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * An asset as the API shows it.
 *
 * @param software by component the version that runs, as the newest report says; empty before one
 */
public record AssetView(
        String id,
        String type,
        SortedMap<String, String> labels,
        String owner,
        String region,
        String site,
        String hardware,
        String lifecycle,
        String presence,
        Instant presenceSince,
        @Nullable Instant lastSeen,
        @Nullable Instant certificateExpires,
        SortedMap<String, String> software,
        Instant created,
        Instant updated,
        String resourceVersion) {

    AssetView seen(Instant at) {
        return new AssetView(
                id,
                type,
                labels,
                owner,
                region,
                site,
                hardware,
                lifecycle,
                presence,
                presenceSince,
                at,
                certificateExpires,
                software,
                created,
                updated,
                resourceVersion);
    }

    public static AssetView of(Asset asset) {
        return new AssetView(
                asset.id().value(),
                asset.type(),
                new TreeMap<>(asset.labels()),
                asset.owner(),
                asset.region(),
                asset.site(),
                asset.hardware(),
                asset.lifecycle().wire(),
                asset.presence().wire(),
                asset.presenceSince(),
                asset.lastSeen(),
                asset.certificateExpires(),
                new TreeMap<>(asset.software()),
                asset.created(),
                asset.updated(),
                Long.toString(asset.resourceVersion()));
    }
}
