package dev.muster.registry.asset;

import dev.muster.protocol.AssetId;
import dev.muster.registry.Presence;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What became known of an asset's presence.
 *
 * @param since when this presence began; kept as it was when the presence is the stored one
 * @param lastSeen receive time of the last sign of life; the later of this and the stored one is kept
 */
public record PresenceUpdate(
        AssetId id,
        Presence presence,
        Instant since,
        @Nullable Instant lastSeen) {}
