package dev.muster.twin.reconcile;

import dev.muster.registry.Presence;
import dev.muster.twin.TwinState;
import dev.muster.twin.configuration.ConflictPolicy;
import dev.muster.twin.document.Drift;
import dev.muster.twin.reconcile.Situation.Fault;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.random.RandomGenerator;

/** Decides what to do about an asset that is not as desired. Knows no clock; never acts on a stale report. */
final class ReconcileEngine {
    static final int MAX_RESENDS = 8;
    static final int MAX_REAPPLIES = 5;
    static final Duration MAX_BACKOFF = Duration.ofHours(1);
    /** Of an asset with an open session that is silent: it may speak without opening another. */
    static final Duration LOOK_AGAIN = Duration.ofMinutes(5);

    static final String NOTED = "noted";
    private static final double JITTER = 0.2;

    private final Duration resendAfter;
    private final RandomGenerator random;

    /** @param resendAfter the first wait; each further one is twice as long */
    ReconcileEngine(Duration resendAfter, RandomGenerator random) {
        this.resendAfter = resendAfter;
        this.random = random;
    }

    Decision decide(Situation asset, Instant now) {
        return switch (asset.state()) {
            case IN_SYNC, UNMANAGED, REJECTED -> new Decision.Idle();
            case UNKNOWN ->
                asset.presence() == Presence.STALE ? new Decision.Wait(now.plus(LOOK_AGAIN)) : new Decision.Park();
            case PENDING -> pending(asset, now);
            case DRIFTED -> drifted(asset, now);
        };
    }

    /** Of one that takes no configuration. */
    static Decision leave(Situation asset) {
        return asset.state() == TwinState.DRIFTED && !NOTED.equals(asset.lastAction())
                ? new Decision.Note(asset.faults())
                : new Decision.Idle();
    }

    private Decision pending(Situation asset, Instant now) {
        Long reported = asset.reportedGeneration();
        if (reported != null && reported == asset.generation()) {
            return new Decision.Idle(); // software is on its way, and whoever sent it watches it
        }
        Instant due = later(asset.changed().plus(resendAfter), notBefore(asset));
        if (now.isBefore(due)) {
            return new Decision.Wait(due);
        }
        if (asset.attempts() >= MAX_RESENDS) {
            return new Decision.Stall("generation " + asset.generation() + " was not applied after " + asset.attempts()
                    + " attempts; the asset reports "
                    + (reported == null ? "no generation" : "generation " + reported));
        }
        return new Decision.Resend(asset.attempts() + 1, now.plus(jittered(backoff(asset.attempts() + 1))));
    }

    private Decision drifted(Situation asset, Instant now) {
        List<Fault> acceptable =
                asset.faults().stream().filter(ReconcileEngine::isAcceptable).toList();
        if (!acceptable.isEmpty()) {
            return new Decision.Accept(acceptable);
        }
        List<Fault> enforced = asset.faults().stream()
                .filter(fault -> fault.policy() == ConflictPolicy.ENFORCE)
                .toList();
        if (enforced.isEmpty()) {
            return NOTED.equals(asset.lastAction()) ? new Decision.Idle() : new Decision.Note(asset.faults());
        }
        Instant due = notBefore(asset);
        if (now.isBefore(due)) {
            return new Decision.Wait(due);
        }
        if (asset.attempts() >= MAX_REAPPLIES) {
            return new Decision.Stall(enforced.size() + (enforced.size() == 1 ? " field differs" : " fields differ")
                    + " again after " + asset.attempts()
                    + " attempts to enforce them, the first is "
                    + enforced.getFirst().field()
                    + "; something on the asset keeps changing them, or it cannot apply them");
        }
        return new Decision.Reapply(enforced, asset.attempts() + 1, now.plus(jittered(backoff(asset.attempts() + 1))));
    }

    /** A hash stands for a value that nobody here knows, and so does the description of a file. */
    private static boolean isAcceptable(Fault fault) {
        return fault.policy() == ConflictPolicy.ACCEPT
                && fault.field().startsWith("/config/")
                && !Drift.isDescription(fault.field())
                && !Drift.isHash(fault.reported());
    }

    /** The least that the jitter leaves of the wait after the last attempt. */
    private Instant notBefore(Situation asset) {
        Instant last = asset.lastAt();
        return last == null || asset.attempts() == 0
                ? Instant.MIN
                : last.plusMillis((long) (backoff(asset.attempts()).toMillis() * (1 - JITTER)));
    }

    private Duration backoff(int attempt) {
        Duration doubled = resendAfter.multipliedBy(1L << Math.min(attempt - 1, 20));
        return doubled.compareTo(MAX_BACKOFF) < 0 ? doubled : later(MAX_BACKOFF, resendAfter);
    }

    private Duration jittered(Duration wait) {
        return Duration.ofMillis((long) (wait.toMillis() * (1 + JITTER * (2 * random.nextDouble() - 1))));
    }

    private static <T extends Comparable<? super T>> T later(T one, T other) {
        return one.compareTo(other) >= 0 ? one : other;
    }
}
