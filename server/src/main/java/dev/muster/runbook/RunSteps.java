package dev.muster.runbook;

import dev.muster.runbook.Run.At;
import dev.muster.runbook.Run.Phase;
import dev.muster.runbook.Run.Section;
import dev.muster.runbook.RunbookEngine.Line;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Every step of a run with what it came to: the lines of its timeline, held against the steps that it has. */
final class RunSteps {
    enum State {
        /** Its turn has not come. */
        PENDING,
        RUNNING,
        /** An attempt failed, and the next one waits for its time. */
        RETRYING,
        SUCCEEDED,
        FAILED,
        /** It may have happened, and nobody knows. */
        INDETERMINATE,
        STOPPED,
        /** The run ended, or went on with what follows a failure, before its turn came. */
        SKIPPED;

        String wire() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * @param attempts that were begun
     * @param since when its newest attempt began, null before the first
     * @param endedAt null while it goes on
     * @param output the newest word about it, empty before the first
     */
    record Shown(
            Section section,
            Step step,
            State state,
            int attempts,
            @Nullable Instant since,
            @Nullable Instant endedAt,
            String output) {}

    private final Run run;
    private final List<Told> steps = new ArrayList<>();
    private int current = -1;

    private RunSteps(Run run) {
        this.run = run;
        run.spec().steps().forEach(step -> steps.add(new Told(Section.STEPS, step)));
        run.spec().onFailure().forEach(step -> steps.add(new Told(Section.ON_FAILURE, step)));
    }

    /** @param lines of the run, oldest first */
    static List<Shown> of(Run run, List<Line> lines) {
        RunSteps all = new RunSteps(run);
        lines.stream().filter(line -> !line.step().isEmpty()).forEach(all::take);
        return all.steps.stream().map(all::shown).toList();
    }

    private void take(Line line) {
        int found = place(line.step());
        if (found >= 0) {
            current = found;
            steps.get(found).take(line);
        }
    }

    /** A name may stand in both sections: after a failure that ends the first, it is that of the second. */
    private int place(String name) {
        Told before = current < 0 ? null : steps.get(current);
        if (before != null && before.step.name().equals(name) && !before.isGivenUp()) {
            return current;
        }
        boolean tidying = before != null
                && (before.section == Section.ON_FAILURE || (before.isBroken() && !before.step.onward()));
        for (int i = Math.max(0, current); i < steps.size(); i++) {
            Told each = steps.get(i);
            if (each.step.name().equals(name) && (!tidying || each.section == Section.ON_FAILURE)) {
                return i;
            }
        }
        return -1;
    }

    private Shown shown(Told told) {
        boolean here = !run.phase().isEnd()
                && !run.isThrough()
                && run.cursor().section() == told.section
                && run.step() == told.step;
        if (run.phase() == Phase.RUNNING && here) {
            State state = run.cursor().at() != At.READY
                    ? State.RUNNING
                    : run.cursor().attempt() > 1 ? State.RETRYING : State.PENDING;
            return told.as(state, null);
        }
        return switch (told.what) {
            case "succeeded" -> told.as(State.SUCCEEDED, told.at);
            case "failed" -> told.as(State.FAILED, told.at);
            case "indeterminate" -> told.as(State.INDETERMINATE, told.at);
            case "stopped" -> told.as(State.STOPPED, told.at);
            case "" -> told.as(isBehind(told) ? State.SKIPPED : State.PENDING, null);
            // The run ended, or was stopped, while it was under way.
            default -> told.as(State.STOPPED, run.endedAt());
        };
    }

    private boolean isBehind(Told told) {
        return run.phase().isEnd()
                || (told.section == Section.STEPS && run.cursor().section() == Section.ON_FAILURE);
    }

    private static final class Told {
        private final Section section;
        private final Step step;
        private String what = "";
        private String text = "";
        private int attempts;
        private @Nullable Instant began;
        private @Nullable Instant at;

        Told(Section section, Step step) {
            this.section = section;
            this.step = step;
        }

        void take(Line line) {
            if (line.what().equals("intended")) {
                attempts++;
                began = line.at();
            }
            what = line.what();
            at = line.at();
            text = line.text();
        }

        boolean isBroken() {
            return what.equals("failed") || what.equals("indeterminate");
        }

        boolean isGivenUp() {
            return what.equals("indeterminate") || (what.equals("failed") && attempts > step.retries());
        }

        Shown as(State state, @Nullable Instant ended) {
            return new Shown(section, step, state, attempts, began, ended, text);
        }
    }
}
