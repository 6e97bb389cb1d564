package dev.muster.runbook;

import dev.muster.runbook.Hands.Deed;
import dev.muster.runbook.Hands.Progress;
import dev.muster.runbook.Run.At;
import dev.muster.runbook.Run.Cursor;
import dev.muster.runbook.Run.Phase;
import dev.muster.runbook.Run.Section;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a run does next, and where it stands after what was done.
 *
 * <p>A step is written down before it is done. One that is found written down, and nothing more, was interrupted: inside of the database it
 * has not happened, since what it does and that it was done are one transaction, and is done. Outside it may have happened: it is made
 * again only when its receiver tells a repetition from a second call, and is {@code indeterminate} otherwise.
 */
final class RunbookEngine {
    /** For the steps after a failure, beside their own timeouts. */
    private static final Duration TO_TIDY_UP = Duration.ofHours(1);

    /** What is to be done now. */
    sealed interface Turn {
        /** Write this down; then, when {@code act}, do the step. */
        record Write(Stepped stepped, boolean act) implements Turn {}

        /** The step was written down by somebody who did not come to do it. */
        record Act() implements Turn {}

        record Look() implements Turn {}

        record Wait() implements Turn {}

        record Ended() implements Turn {}
    }

    /** @param what such as {@code intended}, {@code succeeded}, {@code indeterminate} */
    record Line(Instant at, String step, String what, String text) {}

    record Stepped(Run run, List<Line> lines) {}

    /** @param worse why it must not go on, null when it may */
    Turn next(Run run, @Nullable String worse, Instant now) {
        if (run.phase().isEnd()) {
            return new Turn.Ended();
        }
        if (run.stopBy() != null) {
            return new Turn.Write(stopped(run, run.stopBy(), now), false);
        }
        if (run.phase() == Phase.WAITING) {
            return waiting(run, now);
        }
        if (run.isThrough()) {
            return new Turn.Write(through(run, now), false);
        }
        Cursor cursor = run.cursor();
        return switch (cursor.at()) {
            case READY -> {
                if (now.isBefore(cursor.since())) {
                    yield new Turn.Wait();
                }
                if (!now.isBefore(run.deadline())) {
                    yield new Turn.Write(late(run, now), false);
                }
                if (worse != null && cursor.section() == Section.STEPS) {
                    String why = "stops before " + run.step().name() + ": " + worse;
                    yield new Turn.Write(
                            broken(run, Phase.FAILED, why, List.of(line(run, now, "failed", why)), now), false);
                }
                yield new Turn.Write(
                        new Stepped(
                                run.at(cursor.to(At.INTENDED, now)),
                                List.of(line(
                                        run,
                                        now,
                                        "intended",
                                        run.step().action().text()))),
                        true);
            }
            case INTENDED -> {
                if (run.step().action().isOutside() && !run.step().action().mayBeRepeated()) {
                    yield new Turn.Write(
                            settled(
                                    run,
                                    new Progress.Unknown(
                                            "the server was interrupted while it was done; it may have happened,"
                                                    + " look at its receiver before you run it again"),
                                    now),
                            false);
                }
                yield new Turn.Act();
            }
            case UNDER_WAY -> new Turn.Look();
        };
    }

    private Turn waiting(Run run, Instant now) {
        String by = run.approvedBy();
        if (by != null) {
            Run going = run.with(
                    Phase.RUNNING,
                    Run.first(now),
                    "approved by " + by,
                    now.plus(run.spec().timeout()),
                    null);
            return new Turn.Write(new Stepped(going, List.of(new Line(now, "", "approved", "by " + by))), false);
        }
        if (!now.isBefore(run.deadline())) {
            String why = "nobody approved it until " + run.deadline();
            return new Turn.Write(
                    new Stepped(run.in(Phase.REFUSED, why, now), List.of(new Line(now, "", "refused", why))), false);
        }
        return new Turn.Wait();
    }

    /** The step was done. */
    Stepped performed(Run run, Deed deed, Instant now) {
        return switch (deed) {
            case Deed.Done(String output) -> settled(run, new Progress.Succeeded(output), now);
            case Deed.Failed(String output) -> settled(run, new Progress.Failed(output), now);
            case Deed.Unknown(String output) -> settled(run, new Progress.Unknown(output), now);
            case Deed.Begun(List<String> waitsFor, String output) ->
                new Stepped(
                        run.at(run.cursor().waitingFor(waitsFor, now)), List.of(line(run, now, "under_way", output)));
        };
    }

    /** The step was looked at. @return the run itself, and no line, when nothing is to be written */
    Stepped looked(Run run, Progress progress, Instant now) {
        if (!(progress instanceof Progress.Pending(String output))) {
            return settled(run, progress, now);
        }
        if (!now.isBefore(run.cursor().since().plus(run.step().timeout()))) {
            return settled(
                    run,
                    new Progress.Failed(
                            "was not done within " + run.step().timeout().toSeconds() + " s: " + output),
                    now);
        }
        if (!now.isBefore(run.deadline())) {
            return late(run, now);
        }
        return new Stepped(run, List.of());
    }

    private Stepped settled(Run run, Progress progress, Instant now) {
        Step step = run.step();
        return switch (progress) {
            case Progress.Succeeded(String output) -> onward(run, List.of(line(run, now, "succeeded", output)), now);
            case Progress.Failed(String output) -> {
                Line line = line(run, now, "failed", output);
                if (run.cursor().attempt() <= step.retries()) {
                    yield new Stepped(run.at(run.cursor().again(now.plus(step.retryPause()))), List.of(line));
                }
                yield step.onward() || run.cursor().section() == Section.ON_FAILURE
                        ? onward(run, List.of(line), now)
                        : broken(run, Phase.FAILED, step.name() + " failed: " + output, List.of(line), now);
            }
            case Progress.Unknown(String output) -> {
                Line line = line(run, now, "indeterminate", output);
                yield step.onward() || run.cursor().section() == Section.ON_FAILURE
                        ? onward(run, List.of(line), now)
                        : broken(
                                run,
                                Phase.INDETERMINATE,
                                step.name() + " is indeterminate: " + output,
                                List.of(line),
                                now);
            }
            case Progress.Pending _ -> throw new IllegalStateException("a step is settled that goes on: " + step);
        };
    }

    private static Stepped onward(Run run, List<Line> lines, Instant now) {
        Cursor cursor = run.cursor();
        return new Stepped(run.at(cursor.step(cursor.section(), cursor.index() + 1, cursor.verdict(), now)), lines);
    }

    /** It goes no further; what is to be done after a failure is. */
    private static Stepped broken(Run run, Phase verdict, String why, List<Line> lines, Instant now) {
        if (run.cursor().section() == Section.STEPS && !run.spec().onFailure().isEmpty()) {
            Cursor next = run.cursor().step(Section.ON_FAILURE, 0, verdict, now);
            return new Stepped(run.with(Phase.RUNNING, next, why, now.plus(TO_TIDY_UP), null), lines);
        }
        Phase end = run.cursor().verdict() == null ? verdict : run.cursor().verdict();
        return new Stepped(run.in(end, why, now), lines);
    }

    private static Stepped late(Run run, Instant now) {
        String why = "its time was over at " + run.deadline() + ", in the step "
                + run.step().name();
        return broken(run, Phase.FAILED, why, List.of(line(run, now, "failed", why)), now);
    }

    private static Stepped through(Run run, Instant now) {
        Phase verdict = run.cursor().verdict();
        return new Stepped(
                run.in(verdict == null ? Phase.SUCCEEDED : verdict, verdict == null ? "" : run.reason(), now),
                List.of());
    }

    private static Stepped stopped(Run run, String by, Instant now) {
        String why = "stopped by " + by;
        boolean unknown = run.phase() == Phase.RUNNING
                && !run.isThrough()
                && run.cursor().at() == At.INTENDED
                && run.step().action().isOutside();
        Line line = unknown
                ? line(run, now, "indeterminate", why + " while it was done; it may have happened")
                : new Line(now, run.isThrough() ? "" : run.step().name(), "stopped", why);
        return new Stepped(run.in(Phase.STOPPED, why, now), List.of(line));
    }

    private static Line line(Run run, Instant now, String what, String text) {
        return new Line(now, run.step().name(), what, text.length() <= 2_000 ? text : text.substring(0, 1_999) + "…");
    }
}
