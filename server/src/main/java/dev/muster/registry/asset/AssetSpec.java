package dev.muster.registry.asset;

import dev.muster.registry.Asset;
import dev.muster.registry.Lifecycle;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What people declare of an asset; see {@link Asset} for the fields.
 *
 * @param lifecycle {@code null} leaves it as it is; a new asset is registered
 */
public record AssetSpec(
        String type,
        Map<String, String> labels,
        String owner,
        String region,
        String site,
        String hardware,
        @Nullable Lifecycle lifecycle) {

    public AssetSpec {
        labels = Map.copyOf(labels);
    }

    public static AssetSpec of(Asset asset) {
        return new AssetSpec(
                asset.type(),
                asset.labels(),
                asset.owner(),
                asset.region(),
                asset.site(),
                asset.hardware(),
                asset.lifecycle());
    }

    /** A known asset with this declared; its version is the one before. */
    public Asset onto(Asset known, Instant updated) {
        return new Asset(
                known.id(),
                type,
                labels,
                owner,
                region,
                site,
                hardware,
                lifecycle == null ? known.lifecycle() : lifecycle,
                known.presence(),
                known.presenceSince(),
                known.lastSeen(),
                known.certificateExpires(),
                known.software(),
                known.drift(),
                known.created(),
                updated,
                known.resourceVersion());
    }

    public AssetSpec with(Map<String, String> otherLabels) {
        return new AssetSpec(type, otherLabels, owner, region, site, hardware, lifecycle);
    }

    public AssetSpec withLifecycle(@Nullable Lifecycle next) {
        return new AssetSpec(type, labels, owner, region, site, hardware, next);
    }
}
