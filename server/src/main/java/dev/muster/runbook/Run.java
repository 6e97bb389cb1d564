package dev.muster.runbook;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * One time that a runbook is carried out.
 *
 * @param parent the run of which it is a step, null for none
 * @param trigger {@code alert}, {@code schedule}, {@code manual} or {@code runbook}
 * @param incident number of the one that it works on, null for none
 * @param subject what cool-downs are counted for
 * @param targets whom it acts on; fixed when it starts
 * @param json the spec with every variable filled in
 * @param reason why it is where it is
 * @param stopBy who wants it to end
 * @param approvedBy the second person
 * @param alertOver whether its alert has ended since
 */
record Run(
        String id,
        String runbook,
        int revision,
        @Nullable String parent,
        int depth,
        String trigger,
        String startedBy,
        @Nullable Long incident,
        @Nullable String fingerprint,
        String subject,
        List<String> targets,
        JsonNode json,
        RunbookSpec spec,
        Phase phase,
        Cursor cursor,
        String reason,
        @Nullable String stopBy,
        @Nullable String approvedBy,
        boolean alertOver,
        Instant startedAt,
        Instant deadline,
        @Nullable Instant endedAt) {

    enum Phase {
        /** For a second person. */
        WAITING,
        RUNNING,
        SUCCEEDED,
        FAILED,
        /** A step may have happened, and nobody knows. */
        INDETERMINATE,
        STOPPED,
        /** A guard, or the second person, said no. */
        REFUSED;

        boolean isEnd() {
            return this != WAITING && this != RUNNING;
        }

        String wire() {
            return name().toLowerCase(Locale.ROOT);
        }

        static Phase ofWire(String text) {
            return valueOf(text.toUpperCase(Locale.ROOT));
        }
    }

    enum Section {
        STEPS,
        ON_FAILURE
    }

    enum At {
        /** Nothing was done for the step. */
        READY,
        /** It was written down that it is about to be done. */
        INTENDED,
        /** It was done, and its end is waited for. */
        UNDER_WAY
    }

    /**
     * Where a run stands.
     *
     * @param attempt from 1
     * @param since of {@code at}; the step may begin from then on when it is ready
     * @param waitsFor ids of what was begun: commands, a run, claim tokens
     * @param answer of the person whom the step asks, null before
     * @param verdict how the run ends when its steps for a failure are through, null without a failure
     */
    record Cursor(
            Section section,
            int index,
            int attempt,
            At at,
            Instant since,
            List<String> waitsFor,
            @Nullable String answer,
            @Nullable Phase verdict) {
        Cursor {
            waitsFor = List.copyOf(waitsFor);
        }

        Cursor to(At next, Instant now) {
            return new Cursor(section, index, attempt, next, now, waitsFor, answer, verdict);
        }

        Cursor waitingFor(List<String> ids, Instant now) {
            return new Cursor(section, index, attempt, At.UNDER_WAY, now, ids, null, verdict);
        }

        Cursor again(Instant from) {
            return new Cursor(section, index, attempt + 1, At.READY, from, List.of(), null, verdict);
        }

        Cursor step(Section inSection, int next, @Nullable Phase ends, Instant now) {
            return new Cursor(inSection, next, 1, At.READY, now, List.of(), null, ends);
        }

        Cursor answered(String by) {
            return new Cursor(section, index, attempt, at, since, waitsFor, by, verdict);
        }
    }

    static Cursor first(Instant now) {
        return new Cursor(Section.STEPS, 0, 1, At.READY, now, List.of(), null, null);
    }

    List<Step> steps() {
        return cursor.section() == Section.STEPS ? spec.steps() : spec.onFailure();
    }

    /** @throws IndexOutOfBoundsException when it is through */
    Step step() {
        return steps().get(cursor.index());
    }

    boolean isThrough() {
        return cursor.index() >= steps().size();
    }

    /** Whether nobody said anything of it since: to stop it, to approve it, an answer, that its alert is over or back. */
    boolean isSaidAs(Run loaded) {
        return phase == loaded.phase
                && cursor.equals(loaded.cursor)
                && Objects.equals(stopBy, loaded.stopBy)
                && Objects.equals(approvedBy, loaded.approvedBy)
                && alertOver == loaded.alertOver;
    }

    /** The same for every attempt to find out whether the same call was heard. */
    String idempotencyKey() {
        return id + "-" + cursor.section().name().toLowerCase(Locale.ROOT) + "-" + cursor.index() + "-"
                + cursor.attempt();
    }

    Run at(Cursor next) {
        return with(phase, next, reason, deadline, endedAt);
    }

    Run in(Phase next, String why, @Nullable Instant ended) {
        return with(next, cursor, why, deadline, ended);
    }

    Run with(Phase next, Cursor where, String why, Instant until, @Nullable Instant ended) {
        return new Run(
                id,
                runbook,
                revision,
                parent,
                depth,
                trigger,
                startedBy,
                incident,
                fingerprint,
                subject,
                targets,
                json,
                spec,
                next,
                where,
                why,
                stopBy,
                approvedBy,
                alertOver,
                startedAt,
                until,
                ended);
    }
}
