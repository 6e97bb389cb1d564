package dev.muster.rollout.engine;

import dev.muster.actuator.Observation;
import dev.muster.actuator.Observation.Progress;
import java.time.Duration;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The sentences that must never be wrong, each by itself, so that the tests can plant a mistake into one of them and see that
 * it is found.
 */
class Rules {
    private static final long SECOND_MICROS = 1_000_000;
    private static final long MINUTE_MICROS = 60 * SECOND_MICROS;
    /** What keeps an asset from being changed at the moment, by itself or because it is being changed. */
    private static final Set<Reason> UNFIT_NOW =
            Set.of(Reason.BUSY, Reason.MAINTENANCE, Reason.UNSAFE, Reason.INCIDENT, Reason.NO_SPACE);

    private static final Set<Stage> TO_SEND_BACK;
    private static final Set<Stage> TO_RECALL;

    static {
        EnumSet<Stage> stages = EnumSet.copyOf(Stage.IN_FLIGHT);
        stages.addAll(Stage.FORWARD_ENDED);
        stages.addAll(Stage.RETURNS);
        TO_RECALL = Collections.unmodifiableSet(EnumSet.copyOf(stages));
        stages.addAll(Stage.UNTOUCHED);
        TO_SEND_BACK = Collections.unmodifiableSet(stages);
    }

    /** How many orders may go out now. */
    int freeSlots(Rollout rollout) {
        return rollout.conduct().maxInFlight() - rollout.counts().of(Stage.IN_FLIGHT);
    }

    /** How many orders may go out now by the rate; what was not used in the last second may be made up for. */
    int ratedSlots(Rollout rollout) {
        int perMinute = rollout.conduct().perMinute();
        if (perMinute == 0) {
            return Integer.MAX_VALUE;
        }
        long now = rollout.elapsed() * 1_000;
        long free = now - Math.max(rollout.orderAt(), now - SECOND_MICROS);
        return free < 0 ? 0 : Math.toIntExact(free * perMinute / MINUTE_MICROS) + 1;
    }

    /** From when on the next order may go out, after one has just now. */
    long nextOrderAt(Rollout rollout) {
        int perMinute = rollout.conduct().perMinute();
        long now = rollout.elapsed() * 1_000;
        return perMinute == 0
                ? 0
                : Math.max(rollout.orderAt(), now - SECOND_MICROS) + Math.ceilDiv(MINUTE_MICROS, perMinute);
    }

    /** How many orders may go to a place now. */
    int freeSlots(PlaceLimit limit, Place place, Rollout rollout) {
        int free = limit.maxInFlight() - place.inFlight();
        long now = rollout.elapsed() * 1_000;
        return limit.perMinute() > 0 && now < place.orderAt() ? 0 : free;
    }

    /** A place after an order has gone there just now. */
    Place after(PlaceLimit limit, Place place, Rollout rollout) {
        long now = rollout.elapsed() * 1_000;
        return new Place(
                place.name(),
                place.inFlight() + 1,
                limit.perMinute() == 0
                        ? 0
                        : Math.max(place.orderAt(), now) + Math.ceilDiv(MINUTE_MICROS, limit.perMinute()));
    }

    /** Whether nobody is to be ordered any more. */
    boolean isOver(Deadline deadline, Moment now) {
        return deadline.isOver(now);
    }

    /**
     * Whether a target is ordered once more by itself. Not one that came to run the new version: that is bad for it, and shall stop others.
     *
     * @param before as it was
     * @param after as it ended
     */
    boolean mayRetry(Rollout rollout, Target before, Target after, Observation seen) {
        boolean says = seen.progress() == Progress.REBOOTING
                || seen.progress() == Progress.VERIFYING
                || seen.progress() == Progress.SUCCEEDED;
        boolean ran = before.stage() == Stage.REBOOTING
                || before.stage() == Stage.VERIFYING
                || (says && answers(rollout.attempt(before), seen));
        boolean failed = after.reason() == Reason.REPORTED
                || after.reason() == Reason.TIMED_OUT
                || after.reason() == Reason.NOT_HEARD;
        return failed && !ran && before.retries() < rollout.conduct().retries().limit();
    }

    /** Whether a failed target may be bricked: it was not heard of any more since it restarted, or died in its soak. */
    boolean isLost(Target failed, Observation seen) {
        return !seen.alive() && (failed.reason() == Reason.NO_HEARTBEAT || failed.reason() == Reason.SILENT);
    }

    /** How long it waits for that. */
    Duration backoff(Rollout rollout, Target target) {
        return rollout.conduct().retries().waits(target.retries());
    }

    /** Which targets may be changed: those of open waves, before this position. */
    int openUntil(Rollout rollout) {
        return rollout.current().end();
    }

    /** Where a target goes back to: to what it ran itself. */
    @Nullable String returnTo(Rollout rollout, Target target) {
        return target.previous();
    }

    /** To which wave assets belong that join the selection while the rollout runs: they come last. */
    int waveOfJoined(Rollout rollout) {
        return rollout.waves().size() - 1;
    }

    /** How long a target is waited for; null when for ever. */
    @Nullable Duration patience(Reason reason, Conduct conduct) {
        return UNFIT_NOW.contains(reason) ? conduct.patience() : null;
    }

    /** What a rollback looks at: everything that has not been sent back yet. */
    Set<Stage> toSendBack() {
        return TO_SEND_BACK;
    }

    /** What goes back of a stratum that is recalled: everything that was touched; the rest is left out when its turn comes. */
    Set<Stage> toRecall() {
        return TO_RECALL;
    }

    /** From which position on targets go back when the gate of a wave fails. */
    int keeps(Rollout rollout, int failedWave) {
        return rollout.conduct().scope() == Conduct.Scope.WAVE
                ? rollout.waves().get(failedWave).first()
                : 0;
    }

    /** Whether a stratum is worse than the others, and not by chance. */
    Gate.Result judge(Rollout rollout, int stratum) {
        return StratumGate.judge(rollout, stratum);
    }

    /** Whether the stratum of a target has been halted; then it gets no order to change. */
    boolean isHalted(Rollout rollout, Target target) {
        return rollout.isHalted(target);
    }

    /** What is known of a wave decides, and nothing is not enough. */
    Gate.Result judge(WaveState wave, Conduct conduct) {
        return Gate.judge(wave, conduct);
    }

    /** What a person has written decides, and what cannot be told is no yes. */
    Gate.Result check(Check check, WaveState wave, Map<String, Object> measured) {
        return check.judge(wave, measured);
    }

    /** Whether a wave has waited long enough for a gate that knows too little. */
    boolean patienceIsOver(Check check, WaveState wave, Moment now) {
        return now.elapsed() >= wave.asked() + check.patience().toMillis();
    }

    /** Only an answer to this very order counts. */
    boolean answers(String order, Observation observation) {
        return observation.answers(order);
    }

    /** Another run than that in which the order was given; where no run is noted the order needs no restart. */
    boolean restarted(Target target, Observation seen) {
        return target.boot() == null || (seen.boot() != null && !target.boot().equals(seen.boot()));
    }
}
