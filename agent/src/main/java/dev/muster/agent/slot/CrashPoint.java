package dev.muster.agent.slot;

import dev.muster.agent.slot.SlotEngine.Step;
import dev.muster.agent.slot.SlotRecord.Phase;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A moment at which the machine may go dark while an application is changed. Made of the steps and phases themselves, so that
 * a new one has its points without anybody remembering to add them.
 */
record CrashPoint(String name) {

    /** Told of each point as it is passed; does nothing outside of tests. */
    @FunctionalInterface
    interface Observer {
        void passed(CrashPoint point);
    }

    static final Observer NOBODY = point -> {};

    static final CrashPoint HALF_FETCHED = new CrashPoint("half fetched");
    static final CrashPoint PARTLY_UNPACKED = new CrashPoint("partly unpacked");
    static final CrashPoint UNPACKED_UNDER_ANOTHER_NAME = new CrashPoint("unpacked under another name");
    static final CrashPoint STARTED_AND_NOT_NOTED = new CrashPoint("started and not noted");

    static CrashPoint before(Step step) {
        return new CrashPoint("before " + name(step));
    }

    static CrashPoint after(Step step) {
        return new CrashPoint("after " + name(step));
    }

    static CrashPoint beforeRecording(Phase phase) {
        return new CrashPoint("before recording " + name(phase));
    }

    static CrashPoint afterRecording(Phase phase) {
        return new CrashPoint("after recording " + name(phase));
    }

    static List<CrashPoint> all() {
        List<CrashPoint> points = new ArrayList<>();
        for (Step step : Step.values()) {
            points.add(before(step));
            points.add(after(step));
        }
        for (Phase phase : Phase.values()) {
            points.add(beforeRecording(phase));
            points.add(afterRecording(phase));
        }
        points.addAll(List.of(HALF_FETCHED, PARTLY_UNPACKED, UNPACKED_UNDER_ANOTHER_NAME, STARTED_AND_NOT_NOTED));
        return List.copyOf(points);
    }

    private static String name(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    @Override
    public String toString() {
        return name;
    }
}
