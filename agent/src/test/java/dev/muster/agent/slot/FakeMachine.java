package dev.muster.agent.slot;

import dev.muster.agent.desired.Wanted;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** A machine in memory: its slots, its processes and its disk outlive the agent. It objects to what must never happen. */
final class FakeMachine implements SlotRecords {
    final Map<Slot, String> files = new EnumMap<>(Slot.class);
    final List<Slot> processes = new ArrayList<>();
    final Set<String> ill = new HashSet<>();
    final Set<String> unavailable = new HashSet<>();
    final List<String> violations = new ArrayList<>();
    SlotRecord onDisk = SlotRecord.empty();

    @Nullable String fetched;

    int stuck;

    @Override
    public SlotRecord load() {
        return onDisk;
    }

    @Override
    public void save(SlotRecord slots) {
        SlotRecord.Change change = slots.change();
        boolean back = change != null && change.phase() == SlotRecord.Phase.ROLLED_BACK && !slots.equals(onDisk);
        require(
                !back || (slots.active() != null && processes.equals(List.of(slots.active()))),
                "told to be back while " + processes + " runs");
        onDisk = slots;
    }

    /** The kernel goes down, too. */
    void loseProcesses() {
        processes.clear();
    }

    /** What an agent of this machine works with. */
    SlotWorld world(CrashPoint.Observer crashes) {
        return new World(crashes);
    }

    private final class World implements SlotWorld {
        private final CrashPoint.Observer crashes;

        World(CrashPoint.Observer crashes) {
            this.crashes = crashes;
        }

        @Override
        public Optional<String> check(Wanted wanted) {
            return Optional.empty();
        }

        @Override
        public Optional<String> fetch(Wanted wanted, IntConsumer percent, BooleanSupplier superseded) {
            fetched = null;
            percent.accept(50);
            crashes.passed(CrashPoint.HALF_FETCHED);
            if (unavailable.contains(wanted.version())) {
                return Optional.of("not found");
            }
            fetched = wanted.version();
            return Optional.empty();
        }

        @Override
        public Optional<String> unpack(Wanted wanted, Slot into) {
            require(!processes.contains(into), "unpacked over the running slot " + into);
            files.remove(into);
            crashes.passed(CrashPoint.PARTLY_UNPACKED);
            crashes.passed(CrashPoint.UNPACKED_UNDER_ANOTHER_NAME);
            if (fetched == null) {
                return Optional.of("nothing was fetched");
            }
            files.put(into, fetched);
            return Optional.empty();
        }

        @Override
        public Optional<String> stop() {
            if (stuck > 0) {
                stuck--;
                return Optional.of("a process does not end");
            }
            processes.clear();
            return Optional.empty();
        }

        @Override
        public Optional<String> start(Slot slot) {
            if (!processes.equals(List.of(slot))) {
                require(processes.isEmpty(), "started " + slot + " while " + processes + " runs");
                run(slot);
            }
            return Optional.empty();
        }

        private void run(Slot slot) {
            require(files.containsKey(slot), "started the empty slot " + slot);
            processes.add(slot);
            crashes.passed(CrashPoint.STARTED_AND_NOT_NOTED);
        }

        @Override
        public Optional<String> verify(Slot slot) {
            require(processes.equals(List.of(slot)), "verified " + slot + " while " + processes + " runs");
            String version = files.get(slot);
            if (ill.contains(version)) {
                processes.clear();
                return Optional.of(version + " ended with 1");
            }
            return Optional.empty();
        }

        @Override
        public void keep(@Nullable Slot slot) {
            if (slot == null || !processes.equals(List.of(slot))) {
                processes.clear();
            }
            if (slot != null && processes.isEmpty()) {
                run(slot);
            }
            fetched = null;
        }

        @Override
        public void pause() {}
    }

    private void require(boolean holds, String violation) {
        if (!holds) {
            violations.add(violation);
        }
    }
}
