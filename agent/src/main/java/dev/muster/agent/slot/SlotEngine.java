package dev.muster.agent.slot;

import dev.muster.agent.desired.Wanted;
import dev.muster.agent.slot.SlotRecord.Change;
import dev.muster.agent.slot.SlotRecord.Installed;
import dev.muster.agent.slot.SlotRecord.Phase;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Decides how an application gets from one version to another over its two slots. Pure: each phase of the record has its
 * steps, which the caller does in order; what came of a step makes the next record, which the caller stores before it goes on.
 * Whatever was interrupted is done again from the beginning of its phase.
 *
 * <pre>
 *  wanted        CHECK            FETCH            UNPACK          STOP_OLD          START, VERIFY
 *  ─────▶ NOTIFIED ──▶ DOWNLOADING ──▶ UNPACKING ──▶ STOPPING ──────▶ VERIFYING ──────▶ SUCCEEDED
 *            │  └─ installed beside already ───────────▲  │               │ unhealthy
 *            ▼                 ▼              ▼           ▼               ▼
 *          FAILED            FAILED         FAILED      FAILED       BACKING_OUT
 *                                                                         │ STOP_NEW
 *                                                                         ├─ nothing to go back to ──▶ FAILED
 *                                                                         ▼
 *                                                                    GOING_BACK ──START_OLD, VERIFY_OLD──▶ ROLLED_BACK
 *                                                                         └─ the old one is not healthy either ──▶ FAILED
 * </pre>
 */
final class SlotEngine {
    /** Of the agent during the probation of one version: it may be the version that brings the machine down. */
    static final int MAX_STARTS = 3;

    private SlotEngine() {}

    enum Step {
        CHECK,
        FETCH,
        UNPACK,
        STOP_OLD,
        START,
        VERIFY,
        STOP_NEW,
        START_OLD,
        VERIFY_OLD,
        /** Nothing changes: what is active is kept running. */
        KEEP
    }

    static List<Step> steps(SlotRecord record) {
        Change change = record.change();
        if (change == null) {
            return List.of(Step.KEEP);
        }
        return switch (change.phase()) {
            case NOTIFIED -> List.of(Step.CHECK);
            case DOWNLOADING -> List.of(Step.FETCH);
            case UNPACKING -> List.of(Step.UNPACK);
            case STOPPING -> List.of(Step.STOP_OLD);
            case VERIFYING -> List.of(Step.START, Step.VERIFY);
            case BACKING_OUT -> List.of(Step.STOP_NEW);
            case GOING_BACK -> List.of(Step.START_OLD, Step.VERIFY_OLD);
            case SUCCEEDED, FAILED, ROLLED_BACK -> List.of(Step.KEEP);
        };
    }

    /** The same version of the same attempt is not begun again, whatever became of it. */
    static SlotRecord wanted(SlotRecord record, Wanted wanted) {
        Change change = record.change();
        if (change != null && same(change.wanted(), wanted)) {
            return refreshed(record, change, wanted);
        }
        if (change != null && !change.phase().replaceable()) {
            return record;
        }
        Installed running = record.running();
        Slot into = record.active() == null ? Slot.A : record.active().other();
        if (running != null && running.is(wanted)) {
            Installed beside = record.in(into);
            return record.with(
                    new Change(wanted, Phase.SUCCEEDED, into, beside == null ? null : beside.version(), 0, null));
        }
        return record.with(
                new Change(wanted, Phase.NOTIFIED, into, running == null ? null : running.version(), 0, null));
    }

    private static boolean same(Wanted one, Wanted other) {
        return one.version().equals(other.version())
                && Objects.equals(one.attempt(), other.attempt())
                && Objects.equals(one.sha256(), other.sha256());
    }

    /** Addresses expire and are given anew; the change is the same. */
    private static SlotRecord refreshed(SlotRecord record, Change change, Wanted wanted) {
        if (change.wanted().equals(wanted) || change.phase().settled()) {
            return record;
        }
        return record.with(
                new Change(wanted, change.phase(), change.into(), change.previous(), change.starts(), change.reason()));
    }

    /** The agent starts. */
    static SlotRecord restarted(SlotRecord record) {
        Change change = record.change();
        if (change == null || change.phase() != Phase.VERIFYING) {
            return record;
        }
        if (change.starts() >= MAX_STARTS) {
            return record.with(change.because(
                    Phase.BACKING_OUT,
                    "the agent was started " + change.starts() + " times while it was on probation"));
        }
        return record.with(new Change(
                change.wanted(), change.phase(), change.into(), change.previous(), change.starts() + 1, null));
    }

    /** @param failure empty when the step was done */
    static SlotRecord done(SlotRecord record, Step step, Optional<String> failure) {
        Change change = record.change();
        if (change == null) {
            return record;
        }
        return switch (step) {
            case CHECK -> failure.map(why -> failed(record, change, why)).orElseGet(() -> checked(record, change));
            case FETCH ->
                failure.map(why -> failed(record, change, why))
                        .orElseGet(() -> record.with(change.into(), null).with(change.in(Phase.UNPACKING)));
            case UNPACK ->
                failure.map(why -> failed(record, change, why))
                        .orElseGet(() ->
                                record.with(change.into(), installed(change)).with(change.in(Phase.STOPPING)));
            case STOP_OLD ->
                failure.map(why -> failed(record, change, why))
                        .orElseGet(() -> record.activate(change.into()).with(change.in(Phase.VERIFYING)));
            case START ->
                failure.map(why -> record.with(change.because(Phase.BACKING_OUT, why)))
                        .orElse(record);
            case VERIFY ->
                record.with(failure.map(why -> change.because(Phase.BACKING_OUT, why))
                        .orElseGet(() -> change.in(Phase.SUCCEEDED)));
            // never two at once: as long as the new one cannot be ended, the old one is not started
            case STOP_NEW -> failure.isPresent() ? record : backedOut(record, change);
            case START_OLD ->
                failure.map(why -> notEvenBack(record, change, why)).orElse(record);
            case VERIFY_OLD ->
                failure.map(why -> notEvenBack(record, change, why))
                        .orElseGet(() -> record.with(change.in(Phase.ROLLED_BACK)));
            case KEEP -> record;
        };
    }

    private static SlotRecord failed(SlotRecord record, Change change, String why) {
        return record.with(change.because(Phase.FAILED, why));
    }

    private static SlotRecord checked(SlotRecord record, Change change) {
        Installed beside = record.in(change.into());
        boolean installed = beside != null && beside.is(change.wanted());
        return record.with(change.in(installed ? Phase.STOPPING : Phase.DOWNLOADING));
    }

    private static Installed installed(Change change) {
        return new Installed(change.wanted().version(), change.wanted().sha256());
    }

    /** The failed version is forgotten: its files may be as broken as it is, another attempt fetches them anew. */
    private static SlotRecord backedOut(SlotRecord record, Change change) {
        Slot old = change.into().other();
        @Nullable Installed previous = record.in(old);
        SlotRecord without = record.with(change.into(), null);
        return previous == null
                ? without.activate(null).with(change.in(Phase.FAILED))
                : without.activate(old).with(change.in(Phase.GOING_BACK));
    }

    /** The old version is kept all the same: there is no other. */
    private static SlotRecord notEvenBack(SlotRecord record, Change change, String why) {
        return failed(
                record,
                change,
                change.reason() + "; and " + change.previous() + ", which ran before, is not healthy either: " + why);
    }
}
