package dev.muster.agent.slot;

import dev.muster.agent.desired.Wanted;
import dev.muster.agent.slot.SlotRecord.Change;
import dev.muster.agent.slot.SlotRecord.Installed;
import dev.muster.agent.slot.SlotRecord.Phase;
import dev.muster.agent.state.StateDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The agent itself as a component with two slots. It is started by ending: the launcher starts the new version, counts its
 * starts, and goes back to the old one when it does not confirm itself. A new version is healthy when it is connected.
 */
final class AgentWorld implements SlotWorld {
    private static final Duration LOOK = Duration.ofMillis(200);
    private static final Duration RETRY = Duration.ofSeconds(5);
    private static final String PROGRAM = "agent.jar";

    private final AgentHome home;
    private final Supplier<SlotRecord> slots;
    private final AppWorld.Artifacts artifacts;
    private final BooleanSupplier connected;
    private final Probation probation;
    private final Exit exit;
    private final CrashPoint.Observer crashes;

    /**
     * @param steady for how long it must be connected
     * @param timeout within which it must have been
     */
    record Probation(Duration steady, Duration timeout) {}

    /** Ends the agent, so that its launcher starts what is to run now. Applications go on running. */
    @FunctionalInterface
    interface Exit {
        void exit() throws InterruptedException;
    }

    AgentWorld(
            AgentHome home,
            Supplier<SlotRecord> slots,
            AppWorld.Artifacts artifacts,
            BooleanSupplier connected,
            Probation probation,
            Exit exit,
            CrashPoint.Observer crashes) {
        this.home = home;
        this.slots = slots;
        this.artifacts = artifacts;
        this.connected = connected;
        this.probation = probation;
        this.exit = exit;
        this.crashes = crashes;
    }

    /** What is recorded follows what runs: the first version was installed by somebody else, and so may others have been. */
    static SlotRecord asItRuns(SlotRecord slots, Slot running, String version) {
        Change change = slots.change();
        if (change != null && !change.phase().settled()) {
            return slots;
        }
        Installed installed = slots.in(running);
        boolean known = slots.active() == running
                && installed != null
                && installed.version().equals(version);
        return known ? slots : slots.with(running, new Installed(version, null)).activate(running);
    }

    @Override
    public Optional<String> check(Wanted wanted) {
        return artifacts.check(wanted);
    }

    @Override
    public Optional<String> fetch(Wanted wanted, IntConsumer percent, BooleanSupplier superseded)
            throws InterruptedException {
        return artifacts.fetch(
                AgentHome.COMPONENT, wanted, Optional.empty(), downloads(), percent, superseded, crashes);
    }

    @Override
    public Optional<String> unpack(Wanted wanted, Slot into) {
        if (into == home.running()) {
            return Optional.of("slot " + into.folder() + " is the one that runs");
        }
        Path unfinished = home.slots().resolve(into.folder() + ".new");
        try {
            Unpacking.delete(unfinished);
            artifacts.unpack(
                    wanted, downloads(), unfinished, PROGRAM, () -> crashes.passed(CrashPoint.PARTLY_UNPACKED));
            Optional<Path> content = content(unfinished);
            if (content.isEmpty()) {
                return Optional.of("there is no " + PROGRAM + " in the artifact");
            }
            crashes.passed(CrashPoint.UNPACKED_UNDER_ANOTHER_NAME);
            Unpacking.delete(home.slot(into));
            Files.move(content.get(), home.slot(into), StandardCopyOption.ATOMIC_MOVE);
            StateDirectory.sync(home.slots());
            Unpacking.delete(unfinished);
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    /** An artifact holds a slot, or a whole installation as people unpack it the first time. */
    private static Optional<Path> content(Path unpacked) throws IOException {
        try (Stream<Path> inner = Files.list(unpacked)) {
            List<Path> candidates = Stream.concat(Stream.of(unpacked), inner.filter(Files::isDirectory))
                    .flatMap(folder -> Stream.of(folder, folder.resolve("slots/a")))
                    .toList();
            return candidates.stream()
                    .filter(folder -> Files.isRegularFile(folder.resolve(PROGRAM)))
                    .findFirst();
        }
    }

    /** As the new version: makes room for the old one. As the old version: nothing of the new one runs. */
    @Override
    public Optional<String> stop() throws InterruptedException {
        Change change = slots.get().change();
        try {
            if (change != null && change.phase() == Phase.BACKING_OUT && change.into() == home.running()) {
                home.giveUp(home.running(), change.reason() == null ? "" : change.reason());
                exit.exit();
                return Optional.of("the old version is not started yet");
            }
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    @Override
    public Optional<String> start(Slot slot) throws InterruptedException {
        if (slot == home.running()) {
            return Optional.empty();
        }
        try {
            Optional<String> failure = home.failure(slot);
            if (failure.isPresent()) {
                return failure;
            }
            home.putOnProbation(slot);
            crashes.passed(CrashPoint.STARTED_AND_NOT_NOTED);
        } catch (IOException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
        exit.exit();
        return Optional.of("the new version was not started");
    }

    /** The old version that runs again has nothing to prove: that it says so is heard only when it is connected. */
    @Override
    public Optional<String> verify(Slot slot) throws InterruptedException {
        Change change = slots.get().change();
        if (change != null && change.phase() == Phase.GOING_BACK) {
            return confirmed(slot);
        }
        long begin = System.nanoTime();
        long since = begin;
        while (true) {
            long now = System.nanoTime();
            if (!connected.getAsBoolean()) {
                since = now;
                if (now - begin >= probation.timeout().toNanos()) {
                    return Optional.of(
                            "it was not connected within " + probation.timeout().toSeconds() + " s");
                }
            } else if (now - since >= probation.steady().toNanos()) {
                return confirmed(slot);
            }
            Thread.sleep(LOOK);
        }
    }

    private Optional<String> confirmed(Slot slot) {
        try {
            home.confirm(slot);
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    @Override
    public void keep(@Nullable Slot slot) {
        try {
            if (slot == home.running()) {
                home.confirm(slot);
            }
            home.forgetFailure();
            Change change = slots.get().change();
            if (change != null && change.phase() != Phase.FAILED) {
                Unpacking.delete(downloads());
            }
        } catch (IOException e) {
            System.getLogger(AgentWorld.class.getName())
                    .log(System.Logger.Level.WARNING, "tidying up after an update of the agent", e);
        }
    }

    @Override
    public void pause() throws InterruptedException {
        Thread.sleep(RETRY);
    }

    private Path downloads() {
        return home.slots().resolve("download");
    }
}
