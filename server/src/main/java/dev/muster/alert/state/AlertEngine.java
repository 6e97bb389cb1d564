package dev.muster.alert.state;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Takes an alert from state to state. Knows no clock and stores nothing.
 *
 * <p>An alert that began to fire {@value #FLAPPING} times within an hour flaps: from then on it is resolved only when nothing was wrong
 * for {@link #CALM}, so that whoever was told is told once. What cannot be told is neither wrong nor fine: a pending alert is given up,
 * one that fires fires on.
 */
public final class AlertEngine {
    static final int FLAPPING = 3;
    static final Duration FLAPPING_WITHIN = Duration.ofHours(1);
    static final Duration CALM = Duration.ofMinutes(20);
    private static final int REMEMBERED = 8;

    private AlertEngine() {}

    /** What has happened to an alert that others are told. */
    public enum Change {
        FIRING,
        RESOLVED,
        ACKNOWLEDGED
    }

    /**
     * @param after empty when nothing is left to remember
     * @param change null when nobody needs to know
     */
    public record Step(Optional<Alert> after, @Nullable Change change) {
        static Step to(Alert after) {
            return new Step(Optional.of(after), null);
        }
    }

    public static Step observe(@Nullable Alert before, String source, Observation observation) {
        return switch (observation.says()) {
            case WRONG -> wrong(before, source, observation);
            case FINE -> fine(before, observation.at(), observation.keepFiring());
            case UNKNOWN -> unknown(before, observation.at());
        };
    }

    /** What time alone brings: an alert that was to be said again, and was not, is over. */
    public static Step lapse(Alert alert, Instant now) {
        Instant expires = alert.expiresAt();
        return alert.state() != AlertState.RESOLVED && expires != null && !expires.isAfter(now)
                ? fine(alert, now, Duration.ZERO)
                : Step.to(alert);
    }

    /** @return the alert as it was when it is acknowledged already, or does not fire */
    public static Step acknowledge(Alert alert, Acknowledgement by) {
        return alert.isFiring() && alert.acknowledgement() == null
                ? new Step(Optional.of(alert.acknowledged(by)), Change.ACKNOWLEDGED)
                : Step.to(alert);
    }

    public static boolean isFlapping(Alert alert, Instant now) {
        return lately(alert.recentStarts(), now).size() >= FLAPPING;
    }

    private static Step wrong(@Nullable Alert before, String source, Observation observation) {
        Instant now = observation.at();
        if (before != null && before.isFiring()) {
            return Step.to(Alert.said(source, observation, before, AlertState.FIRING, before.since()));
        }
        Instant since = before != null && before.state() == AlertState.PENDING ? before.since() : now;
        Alert said = Alert.said(source, observation, before, AlertState.PENDING, since);
        if (now.isBefore(since.plus(observation.lasting()))) {
            return Step.to(said);
        }
        List<Instant> starts = new ArrayList<>(lately(said.recentStarts(), now));
        starts.add(now);
        if (starts.size() > REMEMBERED) {
            starts.removeFirst();
        }
        return new Step(Optional.of(said.started(now, starts)), Change.FIRING);
    }

    private static Step fine(@Nullable Alert before, Instant now, Duration keepFiring) {
        if (before == null || before.state() == AlertState.PENDING) {
            return givenUp(before, now);
        }
        if (before.state() == AlertState.RESOLVED) {
            return Step.to(before);
        }
        Duration hold = isFlapping(before, now) && CALM.compareTo(keepFiring) > 0 ? CALM : keepFiring;
        if (now.isBefore(before.lastWrong().plus(hold))) {
            return Step.to(before.unknown(null));
        }
        return new Step(Optional.of(before.in(AlertState.RESOLVED, now)), Change.RESOLVED);
    }

    private static Step unknown(@Nullable Alert before, Instant now) {
        if (before == null || before.state() == AlertState.PENDING) {
            return givenUp(before, now);
        }
        return Step.to(before.isFiring() && before.unknownSince() == null ? before.unknown(now) : before);
    }

    /** Nobody was told of it; that it fired lately is remembered. */
    private static Step givenUp(@Nullable Alert before, Instant now) {
        return before == null || lately(before.recentStarts(), now).isEmpty()
                ? new Step(Optional.empty(), null)
                : Step.to(before.in(AlertState.RESOLVED, now));
    }

    private static List<Instant> lately(List<Instant> starts, Instant now) {
        return starts.stream()
                .filter(start -> start.isAfter(now.minus(FLAPPING_WITHIN)))
                .toList();
    }
}
