package dev.muster.telemetry.intake;

import dev.muster.protocol.AssetId;
import java.util.Optional;

/** Knows the type of every asset, from memory: asked for every message, also while the database is away. */
@FunctionalInterface
public interface AssetSchemas {

    /**
     * Empty when there is no such asset.
     *
     * @throws dev.muster.telemetry.store.StoreUnavailableException when it is not remembered and the registry does not answer
     */
    Optional<TypeSchema> of(AssetId asset);
}
