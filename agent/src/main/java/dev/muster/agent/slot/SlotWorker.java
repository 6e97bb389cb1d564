package dev.muster.agent.slot;

import dev.muster.agent.desired.Wanted;
import dev.muster.agent.slot.SlotEngine.Step;
import dev.muster.agent.slot.SlotRecord.Change;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Carries out what {@link SlotEngine} decides for one component. One thread; what is wanted may come from another. */
final class SlotWorker {
    private final SlotRecords records;
    private final SlotWorld world;
    private final CrashPoint.Observer crashes;
    private final Consumer<SlotWorker> changed;
    private final AtomicReference<@Nullable Wanted> wanted = new AtomicReference<>();
    private volatile SlotRecord current = SlotRecord.empty();
    private volatile int progress;

    /** @param changed told after each change of what {@link #current} and {@link #progress} say */
    SlotWorker(SlotRecords records, SlotWorld world, CrashPoint.Observer crashes, Consumer<SlotWorker> changed) {
        this.records = records;
        this.world = world;
        this.crashes = crashes;
        this.changed = changed;
    }

    /** Before the first {@link #round}. */
    void start() throws IOException {
        start(UnaryOperator.identity());
    }

    /** @param asFound brings what is recorded to what is found, where somebody else may have changed it */
    void start(UnaryOperator<SlotRecord> asFound) throws IOException {
        SlotRecord loaded = records.load();
        SlotRecord restarted = SlotEngine.restarted(asFound.apply(loaded));
        current = loaded;
        if (!restarted.equals(loaded)) {
            record(restarted);
        }
    }

    /** The newest wins; a change that is past the point where the old version is stopped is finished first. */
    void want(Wanted newest) {
        wanted.set(newest);
    }

    SlotRecord current() {
        return current;
    }

    /** Of a download, percent. */
    int progress() {
        return progress;
    }

    /** Whether there is something to do at once. */
    boolean restless() {
        Change change = current.change();
        return (change != null && !change.phase().settled()) || !takenOver().equals(current);
    }

    /** Does the steps of the present phase. */
    void round() throws IOException, InterruptedException {
        takeOver();
        SlotRecord before = current;
        for (Step step : SlotEngine.steps(before)) {
            crashes.passed(CrashPoint.before(step));
            Optional<String> failure = perform(step, before);
            crashes.passed(CrashPoint.after(step));
            if (superseded()) {
                return;
            }
            SlotRecord after = SlotEngine.done(before, step, failure);
            if (!after.equals(before)) {
                record(after);
                return;
            }
            if (failure.isPresent()) {
                world.pause();
            }
        }
    }

    private void takeOver() throws IOException {
        SlotRecord next = takenOver();
        if (!next.equals(current)) {
            record(next);
        }
    }

    private SlotRecord takenOver() {
        Wanted newest = wanted.get();
        return newest == null ? current : SlotEngine.wanted(current, newest);
    }

    /** Another version is wanted instead of the one that is worked at, and can still be. */
    private boolean superseded() {
        Change now = current.change();
        Change next = takenOver().change();
        return now != null
                && next != null
                && !now.phase().settled()
                && now.phase().replaceable()
                && next.phase() != now.phase();
    }

    private Optional<String> perform(Step step, SlotRecord slots) throws InterruptedException {
        Change change = slots.change();
        if (change == null || step == Step.KEEP) {
            world.keep(slots.active());
            return Optional.empty();
        }
        return switch (step) {
            case CHECK -> world.check(change.wanted());
            case FETCH -> world.fetch(change.wanted(), this::progressed, this::superseded);
            case UNPACK -> world.unpack(change.wanted(), change.into());
            case STOP_OLD, STOP_NEW -> world.stop();
            case START -> world.start(change.into());
            case VERIFY -> world.verify(change.into());
            case START_OLD -> world.start(change.into().other());
            case VERIFY_OLD -> world.verify(change.into().other());
            case KEEP -> Optional.empty();
        };
    }

    private void progressed(int percent) {
        if (percent / 10 != progress / 10 || percent == 100) {
            progress = percent;
            changed.accept(this);
        }
    }

    private void record(SlotRecord next) throws IOException {
        Change change = next.change();
        if (change != null) {
            crashes.passed(CrashPoint.beforeRecording(change.phase()));
        }
        records.save(next);
        current = next;
        if (change != null) {
            crashes.passed(CrashPoint.afterRecording(change.phase()));
            progress = change.phase() == SlotRecord.Phase.DOWNLOADING ? progress : 0;
        }
        changed.accept(this);
    }
}
