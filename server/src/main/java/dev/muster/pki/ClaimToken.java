package dev.muster.pki;

import dev.muster.protocol.AssetId;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Lets devices without a certificate enrol as assets: how many, until when, and as what.
 *
 * @param name for people
 * @param grants what an asset gets that it creates
 * @param allowReenrol whether an asset that holds a valid certificate may be claimed again: for exchanged hardware; without
 *     it nobody who finds a token can take over an asset
 */
record ClaimToken(
        String id,
        String name,
        Grants grants,
        @Nullable IdPattern idPattern,
        int maxUses,
        int uses,
        boolean allowReenrol,
        Instant expiresAt,
        Instant createdAt,
        String createdBy,
        @Nullable Instant revokedAt,
        @Nullable String revokedBy) {
    static final int MAX_USES = 1_000_000;

    /** @param owner empty when the token sets none, as are region and site */
    record Grants(String type, Map<String, String> labels, String owner, String region, String site) {
        Grants {
            labels = Map.copyOf(labels);
        }
    }

    enum State {
        USABLE,
        REVOKED,
        EXPIRED,
        USED_UP
    }

    State state(Instant now) {
        if (revokedAt != null) {
            return State.REVOKED;
        }
        if (!expiresAt.isAfter(now)) {
            return State.EXPIRED;
        }
        return uses >= maxUses ? State.USED_UP : State.USABLE;
    }

    boolean covers(AssetId asset) {
        return idPattern == null || idPattern.matches(asset.value());
    }

    Optional<String> pattern() {
        return Optional.ofNullable(idPattern).map(IdPattern::text);
    }
}
