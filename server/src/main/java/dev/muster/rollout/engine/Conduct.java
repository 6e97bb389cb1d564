package dev.muster.rollout.engine;

import dev.muster.actuator.EvidenceLevel;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a rollout behaves; fixed when it starts.
 *
 * @param version that every target is to run
 * @param maxInFlight targets that have an order and no outcome, at most
 * @param perMinute orders to change in any minute, at most, and a second's worth more at once; 0 for no limit
 * @param soak how long a target stays on the new version, healthy, before it counts as succeeded
 * @param timeout from the order to running the new version, and again from the end of the soak to being heard of
 * @param threshold share of failed targets that a wave bears
 * @param minSamples outcomes that a wave needs, unless it has fewer targets
 * @param scope how much of the rollout that is about
 * @param evidence what counts as success
 * @param assetRestart whether the asset itself has to restart, as for an operating system; otherwise the component's restart, which the
 *     asset tells by its progress, is enough
 * @param allowNoRollbackTarget whether targets that could not go back are changed all the same
 * @param joins whether assets become targets that are selected only after the start
 * @param patience how long a target waits, once it is its turn, for being free and safe to change
 * @param checks gates besides the one on outcomes
 * @param deadline null for none
 * @param perPlace what each place bears; null for no limit
 */
public record Conduct(
        String version,
        int maxInFlight,
        int perMinute,
        Duration soak,
        Duration timeout,
        Percent threshold,
        int minSamples,
        OnFailure onFailure,
        Scope scope,
        EvidenceLevel evidence,
        boolean assetRestart,
        boolean allowNoRollbackTarget,
        boolean joins,
        Duration patience,
        List<Check> checks,
        Retries retries,
        @Nullable Deadline deadline,
        @Nullable PlaceLimit perPlace) {

    /** What happens when a gate fails. */
    public enum OnFailure {
        PAUSE,
        ROLLBACK
    }

    /** How much a failure stops or sends back. */
    public enum Scope {
        /** Everything that the rollout has touched. */
        ALL,
        /** The wave that failed, and those after it; the waves before keep the change. */
        WAVE,
        /** The stratum that fails more often than the others, where one does; else everything. */
        STRATUM
    }

    public Conduct {
        checks = List.copyOf(checks);
        if (maxInFlight < 1
                || perMinute < 0
                || minSamples < 1
                || soak.isNegative()
                || !timeout.isPositive()
                || !patience.isPositive()) {
            throw new IllegalArgumentException(
                    "a rollout needs at least 1 in flight, 1 sample, a soak of 0 or more, a timeout and patience, found "
                            + maxInFlight + ", " + minSamples + ", " + soak + ", " + timeout + ", " + patience);
        }
    }
}
