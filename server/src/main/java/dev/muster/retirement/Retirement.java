package dev.muster.retirement;

import dev.muster.protocol.AssetId;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One asset's way out of the fleet.
 *
 * @param since of the phase
 * @param wipeDetail why it is unconfirmed or was not needed; null otherwise
 * @param command the wipe; null without one
 * @param deadline of the wipe; null without one
 * @param certificates how many it revoked
 * @param claimTokens how many of those that were for this asset alone it revoked
 */
record Retirement(
        String id,
        AssetId asset,
        Phase phase,
        Instant since,
        Wipe wipe,
        @Nullable String wipeDetail,
        @Nullable String command,
        @Nullable Instant deadline,
        IfUnconfirmed ifUnconfirmed,
        String reason,
        Instant requestedAt,
        String requestedBy,
        int certificates,
        int claimTokens,
        @Nullable Instant endedAt,
        @Nullable Restored restored) {

    record Restored(Instant at, String by) {}

    Retirement in(Phase next, Instant now) {
        return with(next, now, wipe, wipeDetail, certificates, claimTokens);
    }

    Retirement wiped(Wipe found, @Nullable String detail, Phase next, Instant now) {
        return with(next, now, found, detail, certificates, claimTokens);
    }

    /** Counts add up over a step that was repeated. */
    Retirement cutOff(int moreCertificates, int moreClaimTokens, Instant now) {
        return with(
                Phase.SETTLING, now, wipe, wipeDetail, certificates + moreCertificates, claimTokens + moreClaimTokens);
    }

    private Retirement with(
            Phase next, Instant now, Wipe found, @Nullable String detail, int revokedCertificates, int revokedTokens) {
        return new Retirement(
                id,
                asset,
                next,
                now,
                found,
                detail,
                command,
                deadline,
                ifUnconfirmed,
                reason,
                requestedAt,
                requestedBy,
                revokedCertificates,
                revokedTokens,
                next.isEnd() ? now : null,
                restored);
    }

    /** In a sentence, for people. */
    String summary() {
        return switch (phase) {
            case WIPING -> "waits for the asset to wipe itself, until " + deadline;
            case LEAVING -> "the asset says that it is wiped; waits for the end of its session";
            case CUTTING_OFF -> "about to revoke its certificates; " + wipeText();
            case SETTLING -> "is cut off; what belongs to it is being withdrawn; " + wipeText();
            case RETIRED -> "retired, " + wipeText();
            case KEPT -> "not retired, " + wipeText();
            case TAKEN_BACK -> "taken back" + (wipeDetail == null ? "" : ": " + wipeDetail);
        };
    }

    private String wipeText() {
        return switch (wipe) {
            case NOT_ASKED -> "no wipe was asked for";
            case NOT_NEEDED -> "there was nothing to wipe" + (wipeDetail == null ? "" : ": " + wipeDetail);
            case PENDING -> "wipe pending";
            case CONFIRMED -> "wipe confirmed";
            case UNCONFIRMED -> "wipe unconfirmed: " + wipeDetail;
        };
    }
}
