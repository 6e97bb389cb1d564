package dev.muster.rollout.engine;

import dev.muster.protocol.AssetId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What the world has to say to a rollout: who is gone, busy or not safe to change, when the window is open, what signals tell. */
final class Circumstances {
    private final long seed;
    private final Timeline timeline;
    private final Random random;
    private final Statistics statistics;

    private final Map<AssetId, Long> busyUntil = new HashMap<>();
    private final Map<AssetId, Long> unsafeUntil = new HashMap<>();
    private final Map<AssetId, Reason> left = new HashMap<>();
    /** What the written gates ask for; null when it is not known. */
    private final Map<String, @Nullable Integer> signals = new TreeMap<>();

    private long windowClosedUntil;

    /** @param checks that the rollout asks, all of whose signals are well at first */
    Circumstances(long seed, Timeline timeline, Random random, Statistics statistics, List<Check> checks) {
        this.seed = seed;
        this.timeline = timeline;
        this.random = random;
        this.statistics = statistics;
        checks.forEach(check -> signals.put(check.name(), 1));
    }

    /** What goes wrong. */
    enum Change {
        WINDOW,
        DELETED,
        SELECTION,
        ANOTHER_CHANGE,
        UNSAFE,
        SIGNALS
    }

    /** @param any draws an asset that it happens to */
    void change(Change what, Supplier<SimulatedAsset> any) {
        switch (what) {
            case WINDOW -> {
                statistics.fault("window closed");
                windowClosedUntil = timeline.now() + random.nextInt(40 * 60_000);
            }
            case DELETED -> {
                statistics.fault("asset deleted");
                left.putIfAbsent(any.get().id, Reason.GONE);
            }
            case SELECTION -> {
                statistics.fault("selection changed");
                left.putIfAbsent(any.get().id, Reason.NOT_SELECTED);
            }
            case ANOTHER_CHANGE -> {
                statistics.fault("another change");
                busyUntil.put(any.get().id, timeline.now() + random.nextInt(30 * 60_000));
            }
            case UNSAFE -> {
                statistics.fault("asset not safe to change");
                unsafeUntil.put(any.get().id, timeline.now() + random.nextInt(60 * 60_000));
            }
            case SIGNALS -> {
                statistics.fault("gate signal changed");
                signals.replaceAll((name, before) -> random.nextInt(3) == 0 ? null : random.nextInt(4) == 0 ? 0 : 1);
            }
        }
    }

    /** Nothing hinders any more. */
    void mend() {
        windowClosedUntil = 0;
        signals.replaceAll((name, before) -> 1);
    }

    /**
     * Why an asset is not changed, for good or for now; null when nothing is in the way.
     *
     * @param back whether it goes back, which only being gone hinders
     */
    @Nullable Clearance hinders(SimulatedAsset asset, boolean back) {
        Reason gone = left.get(asset.id);
        if (gone == Reason.GONE) {
            return new Clearance.Out(Reason.GONE, "is deleted");
        }
        if (!back && gone != null) {
            return new Clearance.Out(gone, "is not selected any more");
        }
        if (!back && !asset.compatible) {
            return new Clearance.Out(Reason.INCOMPATIBLE, "no artifact is for it");
        }
        if (!back && timeline.now() < windowClosedUntil) {
            return new Clearance.Wait(Reason.WINDOW, timeline.wall(windowClosedUntil), "the window opens later");
        }
        if (!back && isUntil(busyUntil, asset)) {
            return new Clearance.Wait(
                    seed % 2 == 0 ? Reason.BUSY : Reason.YIELDING, null, "another rollout changes it");
        }
        if (!back && isUntil(unsafeUntil, asset)) {
            return new Clearance.Wait(Reason.UNSAFE, null, "is under load");
        }
        return null;
    }

    /** Why no order to change may go to an asset now, by the facts of the world; null when one may. */
    @Nullable String forbids(SimulatedAsset asset) {
        if (!asset.compatible) {
            return "no artifact is for it";
        }
        if (left.containsKey(asset.id)) {
            return "it is not selected any more";
        }
        if (timeline.now() < windowClosedUntil) {
            return "its window is closed";
        }
        if (isUntil(unsafeUntil, asset)) {
            return "it is not safe to change";
        }
        return isUntil(busyUntil, asset) ? "another change is under way" : null;
    }

    private boolean isUntil(Map<AssetId, Long> until, SimulatedAsset asset) {
        return timeline.now() < until.getOrDefault(asset.id, 0L);
    }

    /** What is asked for, when it can be measured just now. */
    Measures measured(Map<Integer, List<Check>> wanted) {
        if (wanted.isEmpty() || random.nextInt(4) == 0) {
            return Measures.NONE;
        }
        Map<Integer, Map<String, Map<String, Object>>> byWave = new HashMap<>();
        wanted.forEach((wave, checks) -> {
            Map<String, Map<String, Object>> byCheck = new HashMap<>();
            for (Check check : checks) {
                Integer signal = signals.get(check.name());
                byCheck.put(check.name(), signal == null ? Map.of() : Map.of(check.name(), signal));
            }
            byWave.put(wave, byCheck);
        });
        return new Measures(byWave);
    }
}
