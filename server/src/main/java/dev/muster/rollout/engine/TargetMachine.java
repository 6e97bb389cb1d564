package dev.muster.rollout.engine;

import dev.muster.actuator.EvidenceLevel;
import dev.muster.actuator.Observation;
import dev.muster.actuator.Observation.Progress;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Judges one target that has an order by what is observed of it.
 *
 * <p>Stages only go onward: a late or repeated report moves nothing back. A report that does not answer the order counts for
 * nothing. Time alone never makes a success.
 */
final class TargetMachine {
    /** When a target whose soak is over and that is not heard of is looked at again. */
    static final Duration LOOK_AGAIN = Duration.ofSeconds(15);

    private final Conduct conduct;
    private final Rules rules;
    private final Moment now;

    TargetMachine(Conduct conduct, Rules rules, Moment now) {
        this.conduct = conduct;
        this.rules = rules;
        this.now = now;
    }

    /** The target as it is from now on; the same object when nothing changed. */
    Target step(Target target, String attempt, Observation seen) {
        return switch (target.stage()) {
            case ORDERED, NOTIFIED, DOWNLOADING, INSTALLED, REBOOTING -> forward(target, attempt, seen);
            case VERIFYING -> soaking(target, attempt, seen, conduct.version(), Stage.SUCCEEDED, Stage.FAILED);
            case ROLLING_BACK -> back(target, attempt, seen);
            case RETURNING, RECOVERING -> returning(target, attempt, seen);
            case CONFIRMING_BACK ->
                soaking(target, attempt, seen, previous(target), Stage.ROLLED_BACK, Stage.ROLLBACK_FAILED);
            case PENDING,
                    WAITING,
                    SUCCEEDED,
                    FAILED,
                    STRANDED,
                    BRICKED,
                    UNREACHABLE,
                    INDETERMINATE,
                    ROLLED_BACK,
                    ROLLBACK_FAILED,
                    EXCLUDED -> target;
        };
    }

    private Target forward(Target target, String attempt, Observation seen) {
        Target next = rules.answers(attempt, seen) ? answered(target, seen) : target;
        if (!next.stage().terminal() && next.stage() != Stage.VERIFYING && isOver(next)) {
            if (next.stage() == Stage.REBOOTING && !seen.alive()) {
                return next.at(Stage.FAILED, Reason.NO_HEARTBEAT, "was not heard of any more since it restarted", now);
            }
            return next.stage() == Stage.ORDERED
                    ? next.at(Stage.UNREACHABLE, Reason.NOT_HEARD, "not heard of since its order", now)
                    : next.at(
                            Stage.FAILED,
                            Reason.TIMED_OUT,
                            "was " + next.stage().wire() + " when its time was over" + words(seen),
                            now);
        }
        return next;
    }

    private Target answered(Target target, Observation seen) {
        return switch (seen.progress()) {
            case NONE, NOTIFIED -> onward(target, Stage.NOTIFIED, null);
            case DOWNLOADING -> downloading(target, seen.percent());
            case INSTALLED -> onward(target, Stage.INSTALLED, null);
            case REBOOTING -> onward(target, Stage.REBOOTING, null);
            case FAILED -> target.at(Stage.FAILED, Reason.REPORTED, seen.reason(), now);
            case WENT_BACK -> target.at(Stage.FAILED, Reason.WENT_BACK, seen.reason(), now);
            case VERIFYING, SUCCEEDED -> arrived(target, seen);
        };
    }

    private Target downloading(Target target, @Nullable Integer percent) {
        if (percent == null || target.stage() != Stage.DOWNLOADING) {
            return onward(target, Stage.DOWNLOADING, percent == null ? null : percent + "%");
        }
        String known = target.detail();
        boolean further = known == null || percent > Integer.parseInt(known.substring(0, known.length() - 1));
        return further ? target.detailed(percent + "%") : target;
    }

    /** The asset says that the new version runs; what that is worth is the rollout's to say. */
    private Target arrived(Target target, Observation seen) {
        boolean claimed = seen.progress() == Progress.SUCCEEDED;
        return switch (conduct.evidence()) {
            case CLAIMED ->
                claimed ? target.at(Stage.SUCCEEDED, null, null, now) : onward(target, Stage.REBOOTING, null);
            case SEEN_AGAIN -> claimed ? verifying(target, seen) : onward(target, Stage.REBOOTING, null);
            case CONFIRMED, HEALTHY -> confirmed(target, seen);
        };
    }

    private Target confirmed(Target target, Observation seen) {
        if (!rules.restarted(target, seen)) {
            return onward(target, Stage.REBOOTING, null);
        }
        if (seen.version() != null && !conduct.version().equals(seen.version())) {
            return target.at(
                    Stage.FAILED,
                    Reason.WRONG_VERSION,
                    "runs " + seen.version() + " after its restart" + words(seen),
                    now);
        }
        if (seen.version() == null) {
            return onward(target, Stage.REBOOTING, null);
        }
        return conduct.evidence() == EvidenceLevel.CONFIRMED
                ? target.at(Stage.SUCCEEDED, null, null, now).boot(seen.boot())
                : verifying(target, seen);
    }

    private Target verifying(Target target, Observation seen) {
        return target.at(Stage.VERIFYING, null, null, now).boot(seen.boot()).due(now.elapsed() + soak().toMillis());
    }

    /**
     * In the soak: what contradicts ends it at once; that it is over is not enough, the asset must be heard of, and must not be in
     * the middle of its own checks: a soak may be shorter than those.
     */
    private Target soaking(Target target, String attempt, Observation seen, String version, Stage good, Stage bad) {
        boolean answers = rules.answers(attempt, seen);
        if (answers && (seen.progress() == Progress.FAILED || seen.progress() == Progress.WENT_BACK)) {
            return target.at(bad, Reason.WENT_BACK, seen.reason(), now);
        }
        if (answers && conduct.evidence().covers(EvidenceLevel.CONFIRMED)) {
            if (seen.version() != null && !version.equals(seen.version())) {
                return target.at(bad, Reason.WRONG_VERSION, "runs " + seen.version() + " in its soak", now);
            }
            if (conduct.assetRestart()
                    && target.boot() != null
                    && seen.boot() != null
                    && !target.boot().equals(seen.boot())) {
                return target.at(bad, Reason.RESTARTED, "restarted in its soak" + words(seen), now);
            }
            if (Boolean.FALSE.equals(seen.healthy())) {
                return target.at(bad, Reason.UNHEALTHY, seen.reason(), now);
            }
        }
        long over = target.began() + soak().toMillis();
        if (now.elapsed() < over) {
            return target;
        }
        boolean stillVerifies = seen.progress() == Progress.VERIFYING;
        if (answers && !stillVerifies && seen.alive() && isAfter(seen.lastSeen(), target.since())) {
            return target.at(good, null, null, now);
        }
        if (now.elapsed() >= over + conduct.timeout().toMillis()) {
            return answers && stillVerifies
                    ? target.at(bad, Reason.TIMED_OUT, "still verifies long after its soak" + words(seen), now)
                    : target.at(bad, Reason.SILENT, "was not heard of when its soak was over", now);
        }
        return target.due(now.elapsed() + LOOK_AGAIN.toMillis());
    }

    private Target back(Target target, String attempt, Observation seen) {
        if (rules.answers(attempt, seen)) {
            switch (seen.progress()) {
                case FAILED, WENT_BACK -> {
                    return target.at(Stage.ROLLBACK_FAILED, Reason.REPORTED, seen.reason(), now);
                }
                case VERIFYING, SUCCEEDED -> {
                    if (isBack(target, seen)) {
                        return returned(target, seen);
                    }
                }
                case NONE, NOTIFIED, DOWNLOADING, INSTALLED, REBOOTING -> {}
            }
        }
        if (!isOver(target)) {
            return target;
        }
        if (seen.alive() && isSilentSinceItsTimeWasOver(target, seen) && !isOver(target, conduct.timeout())) {
            return target.due(now.elapsed() + LOOK_AGAIN.toMillis());
        }
        return target.at(
                Stage.ROLLBACK_FAILED,
                seen.alive() && !isSilentSinceItsTimeWasOver(target, seen) ? Reason.TIMED_OUT : Reason.NOT_HEARD,
                "was not seen to run " + previous(target) + " in time" + words(seen),
                now);
    }

    /**
     * Whether nobody knows if it lives still: it counts as reachable for as long as its heartbeat may take, after a restart of the server
     * for as long as it may take to come back, and who died meanwhile shall not pass for one that lives and did not go back.
     */
    private boolean isSilentSinceItsTimeWasOver(Target target, Observation seen) {
        Instant over = now.wall().minusMillis(now.elapsed() - target.began()).plus(conduct.timeout());
        return seen.lastSeen() != null && !seen.lastSeen().isAfter(over);
    }

    /** Failed it has, whatever becomes of this; what is watched is that it does not stay on what it failed with. */
    private Target returning(Target target, String attempt, Observation seen) {
        if (rules.answers(attempt, seen)) {
            switch (seen.progress()) {
                case FAILED, WENT_BACK -> {
                    return ended(target, Stage.STRANDED, "did not return" + words(seen));
                }
                case VERIFYING, SUCCEEDED -> {
                    if (isBack(target, seen)) {
                        return ended(target, Stage.FAILED, "runs " + previous(target) + " again");
                    }
                }
                case NONE, NOTIFIED, DOWNLOADING, INSTALLED, REBOOTING -> {}
            }
        }
        boolean mayBeLost = target.stage() == Stage.RECOVERING || target.reason() == Reason.TIMED_OUT;
        if (isOver(target) && mayBeLost && !seen.alive()) {
            return ended(
                    target,
                    Stage.BRICKED,
                    "was told to " + (target.stage() == Stage.RECOVERING ? "recover" : "return") + " and not heard of");
        }
        return isOver(target)
                ? ended(
                        target,
                        Stage.STRANDED,
                        "was not seen to run " + previous(target) + " again in time" + words(seen))
                : target;
    }

    private Target ended(Target target, Stage stage, String what) {
        String before = target.detail() == null ? "" : target.detail() + "; ";
        return target.at(stage, target.reason(), before + what, now);
    }

    /** Verified as the change itself would be. */
    private Target returned(Target target, Observation seen) {
        return switch (conduct.evidence()) {
            case CLAIMED, CONFIRMED -> target.at(Stage.ROLLED_BACK, null, null, now);
            case SEEN_AGAIN, HEALTHY ->
                target.at(Stage.CONFIRMING_BACK, null, null, now)
                        .boot(seen.boot())
                        .due(now.elapsed() + soak().toMillis());
        };
    }

    private Duration soak() {
        return conduct.evidence() == EvidenceLevel.HEALTHY ? conduct.soak() : Duration.ZERO;
    }

    private boolean isBack(Target target, Observation seen) {
        return switch (conduct.evidence()) {
            case CLAIMED, SEEN_AGAIN -> seen.progress() == Progress.SUCCEEDED;
            case CONFIRMED, HEALTHY ->
                rules.restarted(target, seen) && previous(target).equals(seen.version());
        };
    }

    /** Onward only; what was reached before stays. */
    private Target onward(Target target, Stage stage, @Nullable String detail) {
        if (stage.code() > target.stage().code()) {
            return target.onward(stage, detail, now);
        }
        return target;
    }

    private boolean isOver(Target target) {
        return isOver(target, Duration.ZERO);
    }

    private boolean isOver(Target target, Duration more) {
        return now.elapsed() >= target.began() + conduct.timeout().plus(more).toMillis();
    }

    private static String previous(Target target) {
        if (target.previous() == null) {
            throw new IllegalStateException("target " + target.asset() + " goes back and nobody knows to what");
        }
        return target.previous();
    }

    private static boolean isAfter(@Nullable Instant seen, Instant since) {
        return seen != null && seen.isAfter(since);
    }

    private static String words(Observation seen) {
        return seen.reason() == null ? "" : ": " + seen.reason();
    }
}
