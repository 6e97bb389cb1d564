package dev.muster.retirement;

import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A retirement over HTTP, in the audit trail and in the event log. */
@Schema(name = "Retirement")
record RetirementView(
        String asset,

        @Schema(
                description = "how far it is",
                allowableValues = {"wiping", "leaving", "cutting_off", "settling", "retired", "kept", "taken_back"})
        String phase,

        Instant since,

        @Schema(
                description = "confirmed only by the asset's own word",
                allowableValues = {"not_asked", "not_needed", "pending", "confirmed", "unconfirmed"})
        String wipe,

        @Nullable String wipeDetail,

        @Schema(description = "id of the command that wipes it") @Nullable String command,

        @Schema(description = "until when the asset has time to wipe itself") @Nullable Instant deadline,

        @Schema(allowableValues = {"retire", "keep"}) String ifUnconfirmed,
        String reason,
        Instant requestedAt,
        String requestedBy,
        int certificatesRevoked,
        int claimTokensRevoked,
        @Nullable Instant endedAt,
        @Nullable Instant restoredAt,
        @Nullable String restoredBy,

        @Schema(description = "for people", example = "retired, wipe unconfirmed: the asset could not do it")
        String summary) {

    static RetirementView of(Retirement is) {
        Retirement.Restored restored = is.restored();
        return new RetirementView(
                is.asset().value(),
                is.phase().wire(),
                is.since(),
                is.wipe().wire(),
                is.wipeDetail(),
                is.command(),
                is.deadline(),
                is.ifUnconfirmed().wire(),
                is.reason(),
                is.requestedAt(),
                is.requestedBy(),
                is.certificates(),
                is.claimTokens(),
                is.endedAt(),
                restored == null ? null : restored.at(),
                restored == null ? null : restored.by(),
                is.summary());
    }
}
