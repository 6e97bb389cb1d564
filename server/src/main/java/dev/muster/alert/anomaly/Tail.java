package dev.muster.alert.anomaly;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * How rarely a positive quantity was as large as now: a histogram in half octaves, and beyond its 95th percentile a Pareto tail with
 * Hill's estimator, so that what is larger than all that was seen has a probability too. Free of the quantity's unit and scale.
 */
final class Tail {
    static final int BYTES = 4 * Tail.BINS + 4 * 4 + 2 * 8;
    private static final int BINS = 128;
    private static final int PER_OCTAVE = 2;
    private static final double QUANTILE = 0.95;
    /** The tail's prior: as if four values had exceeded the percentile by this much, in natural logarithms. */
    private static final double PRIOR = 0.3;

    private static final double PRIOR_WEIGHT = 4;
    private static final double MOST_EXCESS = 5;
    private static final int LEARNING = 30;
    private static final int FITTED = 60;
    private static final int REFIT = 16;
    /** Counts are halved here: what was long ago weighs less. */
    private static final int MOST = 1 << 15;

    private static final double LOG_2 = Math.log(2);

    private final float[] counts = new float[BINS];
    private double total;
    /** Of bin 0, in half octaves. */
    private int lowest = Integer.MIN_VALUE;

    private double percentile;
    private float excess = (float) PRIOR;
    private int sinceFit;

    /** @return minus the decimal logarithm of the share of earlier values that were at least as large; 0 while too few are known */
    double surprise(double value) {
        if (total < LEARNING) {
            return 0;
        }
        if (percentile > 0 && value > percentile) {
            double tail = (1 - QUANTILE) * Math.exp(-Math.log(value / percentile) / excess);
            return -Math.log10(Math.max(tail, 1e-30));
        }
        double place = place(value);
        int bin = (int) place;
        double above = counts[bin] * (1 - (place - bin));
        for (int i = BINS - 1; i > bin; i--) {
            above += counts[i];
        }
        return -Math.log10((above + 0.5) / (total + 1));
    }

    void learn(double value) {
        makeRoom(value);
        counts[(int) place(value)]++;
        total++;
        if (total >= MOST) {
            for (int i = 0; i < BINS; i++) {
                counts[i] /= 2;
            }
            total /= 2;
        }
        if (++sinceFit >= REFIT && total >= FITTED) {
            sinceFit = 0;
            fit();
        }
    }

    /** The value that half of the earlier ones exceeded. */
    double median() {
        double seen = 0;
        for (int i = 0; i < BINS; i++) {
            seen += counts[i];
            if (seen * 2 >= total && counts[i] > 0) {
                return at(i + 1 - (seen - total / 2) / counts[i]);
            }
        }
        return 0;
    }

    private void fit() {
        double wanted = (1 - QUANTILE) * total;
        double above = 0;
        int bin = BINS - 1;
        while (bin > 0 && above + counts[bin] < wanted) {
            above += counts[bin];
            bin--;
        }
        double part = wanted - above;
        double place = bin + 1 - (counts[bin] > 0 ? part / counts[bin] : 0);
        percentile = at(place);
        double sum = PRIOR_WEIGHT * PRIOR + part * Math.log(at((place + bin + 1) / 2) / percentile);
        double weight = PRIOR_WEIGHT + part;
        for (int i = bin + 1; i < BINS; i++) {
            sum += counts[i] * Math.min(MOST_EXCESS, Math.log(at(i + 0.5) / percentile));
            weight += counts[i];
        }
        excess = (float) (sum / weight);
    }

    /** Shifts the histogram so that a value above its top has a bin; the lowest bins become one. */
    private void makeRoom(double value) {
        int half = (int) Math.floor(halfOctaves(value));
        if (lowest == Integer.MIN_VALUE) {
            lowest = half - BINS / 2;
        }
        int shift = half - (lowest + BINS - 1);
        if (shift <= 0) {
            return;
        }
        float merged = 0;
        for (int i = 0; i < Math.min(shift, BINS); i++) {
            merged += counts[i];
        }
        if (shift < BINS) {
            System.arraycopy(counts, shift, counts, 0, BINS - shift);
            Arrays.fill(counts, BINS - shift, BINS, 0);
        } else {
            Arrays.fill(counts, 0);
        }
        counts[0] += merged;
        lowest += shift;
    }

    private double place(double value) {
        return Math.clamp(halfOctaves(value) - lowest, 0, BINS - 1e-6);
    }

    private double at(double place) {
        return Math.exp((place + lowest) / PER_OCTAVE * LOG_2);
    }

    private static double halfOctaves(double value) {
        return Math.log(Math.max(value, Double.MIN_NORMAL)) / LOG_2 * PER_OCTAVE;
    }

    void write(ByteBuffer out) {
        for (float count : counts) {
            out.putFloat(count);
        }
        out.putDouble(total)
                .putDouble(percentile)
                .putFloat(excess)
                .putInt(lowest)
                .putInt(sinceFit)
                .putInt(0);
    }

    void read(ByteBuffer in) {
        for (int i = 0; i < BINS; i++) {
            counts[i] = in.getFloat();
        }
        total = in.getDouble();
        percentile = in.getDouble();
        excess = in.getFloat();
        lowest = in.getInt();
        sinceFit = in.getInt();
        in.getInt();
    }
}
