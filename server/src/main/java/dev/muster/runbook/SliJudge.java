package dev.muster.runbook;

import dev.muster.runbook.Hands.Progress;
import dev.muster.runbook.RunbookSpec.Worse;
import dev.muster.slo.Buckets;
import dev.muster.slo.Reading;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/** Judges what indicators read: what is not known is never good. */
final class SliJudge {
    private SliJudge() {}

    /** @param since what was counted has to end after it; a figure from before says nothing of what was done */
    static Progress met(Action.CheckSli wanted, Optional<Reading> read, Instant since) {
        String what = wanted.sli() + " of " + wanted.scope().wire();
        if (read.isEmpty()) {
            return new Progress.Pending(what + " is not known");
        }
        Reading reading = read.get();
        Double value = reading.value();
        if (value == null || reading.total() < wanted.minSamples()) {
            return new Progress.Pending(
                    what + " is not known: " + count(reading) + " counted, and minSamples is " + wanted.minSamples());
        }
        String said = what + " is " + percent(value) + " of " + count(reading);
        if (!reading.to().isAfter(since)) {
            return new Progress.Pending(said + ", until " + reading.to() + ", before the step began");
        }
        return value >= wanted.atLeast()
                ? new Progress.Succeeded(said)
                : new Progress.Pending(said + ", and " + percent(wanted.atLeast()) + " is wanted");
    }

    /** How far back to look for what came of the run: to its start, not further than the guard says. */
    static Duration since(Worse guard, Instant started, Instant now) {
        Duration passed = Duration.between(started, now);
        return passed.compareTo(Buckets.SIZE) < 0
                ? Buckets.SIZE
                : passed.compareTo(guard.window()) > 0 ? guard.window() : passed;
    }

    /**
     * Why a run must not go on; empty when it may.
     *
     * @param before up to the start
     * @param now since the start
     */
    static Optional<String> worse(Worse guard, Instant started, Optional<Reading> before, Optional<Reading> now) {
        String what = guard.sli() + " of " + guard.scope().wire();
        if (before.isEmpty() || now.isEmpty()) {
            return Optional.of(what + " is not known, so that nobody could tell that it gets worse");
        }
        Reading then = before.get();
        Reading since = now.get();
        Double was = then.value();
        Double is = since.value();
        if (was == null
                || is == null
                || then.total() < guard.minSamples()
                || since.total() < guard.minSamples()
                || !since.to().isAfter(started)) {
            return Optional.empty();
        }
        return was - is > guard.margin()
                ? Optional.of(what + " is " + percent(is) + ", was " + percent(was)
                        + " when the run began, and may fall by " + percent(guard.margin()))
                : Optional.empty();
    }

    static String percent(double share) {
        return String.format(Locale.ROOT, "%.2f%%", share * 100);
    }

    private static String count(Reading reading) {
        return String.format(Locale.ROOT, "%.0f", reading.total());
    }
}
