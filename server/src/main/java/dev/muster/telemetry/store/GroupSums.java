package dev.muster.telemetry.store;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Values of many assets summed up by group and step. Percentiles come from a histogram of 64 classes per power of two, so they
 * are within 1% of the exact one. Not safe for threads.
 */
public final class GroupSums {
    /** Classes of all histograms together: some 24 MB. */
    static final int MAX_CLASSES = 2_000_000;

    private final long stepMillis;
    private final long firstStep;
    private final int steps;
    private final @Nullable Cell[] cells;
    private int classes;

    /**
     * @param from milliseconds since the epoch, inclusive
     * @param to exclusive
     */
    public GroupSums(int groups, long from, long to, Duration step) {
        this.stepMillis = step.toMillis();
        this.firstStep = Math.floorDiv(from, stepMillis);
        this.steps = Math.toIntExact(Math.floorDiv(to - 1, stepMillis) - firstStep + 1);
        this.cells = new Cell[Math.multiplyExact(groups, steps)];
    }

    /** How many steps touch a span. */
    public static long steps(long from, long to, Duration step) {
        return Math.floorDiv(to - 1, step.toMillis()) - Math.floorDiv(from, step.toMillis()) + 1;
    }

    /** One step of a group. */
    public record GroupStep(
            long ts, long count, double min, double max, double avg, double p10, double p50, double p90, double p99) {}

    /** @param ts within the span; what is not a finite number does not count */
    public void add(int group, long ts, double value) {
        if (!Double.isFinite(value)) {
            return;
        }
        int index = group * steps + (int) (Math.floorDiv(ts, stepMillis) - firstStep);
        Cell cell = cells[index];
        if (cell == null) {
            cell = new Cell();
            cells[index] = cell;
        }
        if (cell.add(value)) {
            classes++;
        }
    }

    /** Whether the histograms have grown beyond what an answer may take. */
    public boolean isTooMuch() {
        return classes > MAX_CLASSES;
    }

    /** Of one group, without empty steps. */
    public List<GroupStep> points(int group) {
        List<GroupStep> points = new ArrayList<>();
        for (int step = 0; step < steps; step++) {
            Cell cell = cells[group * steps + step];
            if (cell != null) {
                points.add(cell.step((firstStep + step) * stepMillis));
            }
        }
        return points;
    }

    private static final class Cell {
        /** What is left of a double's bits: sign, exponent and six of the fraction. */
        private static final int DROPPED_BITS = 46;

        private long count;
        private double sum;
        private double min = Double.POSITIVE_INFINITY;
        private double max = Double.NEGATIVE_INFINITY;
        /** Open addressing: class + 1 or 0, and how many values are of it. */
        private int[] keys = new int[16];

        private int[] counts = new int[16];
        private int used;

        /** Whether the value is the first of its class. */
        boolean add(double value) {
            count++;
            sum += value;
            min = Math.min(min, value);
            max = Math.max(max, value);
            // plus zero: -0.0 is no class of its own
            int key = (int) (Double.doubleToRawLongBits(value + 0.0) >>> DROPPED_BITS) + 1;
            int slot = slot(keys, key);
            counts[slot]++;
            if (keys[slot] == key) {
                return false;
            }
            keys[slot] = key;
            used++;
            if (used * 2 > keys.length) {
                grow();
            }
            return true;
        }

        private static int slot(int[] keys, int key) {
            int mask = keys.length - 1;
            int slot = (key * 0x9E3779B9) >>> 8 & mask;
            while (keys[slot] != 0 && keys[slot] != key) {
                slot = slot + 1 & mask;
            }
            return slot;
        }

        private void grow() {
            int[] oldKeys = keys;
            int[] oldCounts = counts;
            keys = new int[oldKeys.length * 2];
            counts = new int[keys.length];
            for (int i = 0; i < oldKeys.length; i++) {
                if (oldKeys[i] != 0) {
                    int slot = slot(keys, oldKeys[i]);
                    keys[slot] = oldKeys[i];
                    counts[slot] = oldCounts[i];
                }
            }
        }

        /** A value that stands for a class, and how many are of it. */
        private record Weight(double value, int count) {}

        GroupStep step(long ts) {
            List<Weight> weights = new ArrayList<>(used);
            for (int i = 0; i < keys.length; i++) {
                if (keys[i] != 0) {
                    weights.add(new Weight(middle(keys[i] - 1), counts[i]));
                }
            }
            weights.sort(Comparator.comparingDouble(Weight::value));
            return new GroupStep(
                    ts,
                    count,
                    min,
                    max,
                    sum / count,
                    percentile(0.10, weights),
                    percentile(0.50, weights),
                    percentile(0.90, weights),
                    percentile(0.99, weights));
        }

        /** The value of the nearest rank. */
        private double percentile(double share, List<Weight> weights) {
            double rank = Math.ceil(share * count);
            double passed = 0;
            for (Weight weight : weights) {
                passed += weight.count();
                if (passed >= rank) {
                    return Math.clamp(weight.value(), min, max);
                }
            }
            return max;
        }

        private static double middle(int key) {
            double middle = Double.longBitsToDouble((long) key << DROPPED_BITS | 1L << (DROPPED_BITS - 1));
            return Math.abs(middle) < Double.MIN_NORMAL ? 0 : middle; // the class of zero
        }
    }
}
