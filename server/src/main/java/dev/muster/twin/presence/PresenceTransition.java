package dev.muster.twin.presence;

import dev.muster.protocol.AssetId;
import dev.muster.registry.Presence;
import java.time.Instant;

/** One change of an asset's presence. {@code (asset, at, to)} names it: worked out again, it is the same. */
public record PresenceTransition(AssetId asset, Instant at, Presence from, Presence to, String reason) {}
