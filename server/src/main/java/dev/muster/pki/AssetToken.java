package dev.muster.pki;

import dev.muster.protocol.AssetId;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Lets one asset in over MQTT without TLS, until it expires or is revoked. */
record AssetToken(
        String id,
        AssetId asset,
        String secretHash,
        Instant expiresAt,
        Instant createdAt,
        String createdBy,
        @Nullable Instant revokedAt,
        @Nullable String revokedBy) {

    enum State {
        USABLE,
        REVOKED,
        EXPIRED
    }

    State state(Instant now) {
        if (revokedAt != null) {
            return State.REVOKED;
        }
        return expiresAt.isAfter(now) ? State.USABLE : State.EXPIRED;
    }
}
