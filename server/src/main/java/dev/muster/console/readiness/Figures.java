package dev.muster.console.readiness;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What was found, before anybody judges it. */
final class Figures {
    private Figures() {}

    /** How many, and the first few of them. */
    record Some(long count, List<String> first) {
        Some {
            first = List.copyOf(first);
        }

        @Override
        public String toString() {
            if (count == 0) {
                return "none";
            }
            String more = count > first.size() ? " and " + (count - first.size()) + " more" : "";
            return String.join(", ", first) + more;
        }
    }

    /**
     * Assets in service, which is all but the retired.
     *
     * @param withoutCertificate have none that was ever issued to them
     * @param expiring within a week
     * @param enrolled have a certificate that has not expired
     * @param heard of the enrolled: within the last hour
     */
    record Assets(
            long all,
            Some ownerless,
            Some withoutCertificate,
            Some expired,
            Some expiring,
            long enrolled,
            long heard,
            Some silent) {}

    /**
     * @param roleExpiry of what people sign: root, targets, delegations; by role
     * @param rootSince when the newest root was accepted; null without one
     * @param ofDemonstration whether the data directory was made by {@code muster demo}, whose keys lie in it
     */
    record Signing(
            long published,
            List<RoleExpiry> roleExpiry,
            @Nullable Instant rootSince,
            boolean ofDemonstration) {}

    record RoleExpiry(String role, Instant expires) {}

    /**
     * @param rules that look at the fleet
     * @param receivers who can be told
     * @param delivered notifications of the last 30 days
     * @param failed those that nobody got
     */
    record Alerting(long rules, long receivers, long delivered, long failed) {}

    /**
     * How a rollout is declared to go.
     *
     * @param waves how many
     * @param firstPercent share of the first wave; null when it is a count
     * @param firstCount of the first wave, when it is a count
     */
    record Conduct(
            String name, int waves, @Nullable Double firstPercent, int firstCount, Duration soak, boolean rollsBack) {}

    /** @param rate null when no asset has a fresh report */
    record Drift(
            long assets,
            long observed,
            long outOfSync,
            long unknown,
            @Nullable Double rate) {}

    /**
     * Tokens that can be used now.
     *
     * @param firstRun those that the server made itself at a first start
     * @param endless other administrators' without an end
     */
    record Tokens(List<FirstRunToken> firstRun, Some endless) {}

    record FirstRunToken(String name, @Nullable Instant lastUsed) {}

    /**
     * @param hostNames at which assets reach this server, as declared
     * @param passphraseBesideKeys whether the passphrase of the CA's keys lies in the same folder
     */
    record Exposure(
            String httpListen,
            boolean httpIsLocal,
            List<String> hostNames,
            boolean passphraseBesideKeys,
            Instant issuingCaExpires) {}
}
