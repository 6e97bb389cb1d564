package dev.muster.alert.anomaly;

import java.nio.ByteBuffer;

/** A sample of the runs of eight values that a series has shown; how far the last run is from the nearest of them. */
final class Shapes {
    static final int LENGTH = 8;
    private static final int KEPT = 64;
    private static final int ENOUGH = 50;
    /** Old runs are replaced at this rate, so that what was new becomes known. */
    private static final int REPLACED = 192;

    static final int BYTES = 4 * (KEPT + 1) * LENGTH + 2 * 4 + 2 * 8;

    private final float[] runs = new float[KEPT * LENGTH];
    private final float[] last = new float[LENGTH];
    private int filled;
    private int kept;
    private long seen;
    private long random = 0x9E3779B97F4A7C15L;

    /** @return the distance per value, or NaN while too few are known */
    double distance(double value) {
        System.arraycopy(last, 0, last, 1, LENGTH - 1);
        last[0] = (float) value;
        filled = Math.min(filled + 1, LENGTH);
        if (filled < LENGTH) {
            return Double.NaN;
        }
        double nearest = Double.POSITIVE_INFINITY;
        for (int run = 0; run < kept; run++) {
            double sum = 0;
            for (int i = 0; i < LENGTH && sum < nearest; i++) {
                double difference = (double) last[i] - runs[run * LENGTH + i];
                sum += difference * difference;
            }
            nearest = Math.min(nearest, sum);
        }
        boolean known = kept > ENOUGH;
        remember();
        return known ? Math.sqrt(nearest / LENGTH) : Double.NaN;
    }

    /** The values before a gap are no run with those after it. */
    void interrupt() {
        filled = 0;
    }

    private void remember() {
        seen++;
        if (kept < KEPT) {
            System.arraycopy(last, 0, runs, kept++ * LENGTH, LENGTH);
        } else if (next(seen) < REPLACED) {
            System.arraycopy(last, 0, runs, (int) next(KEPT) * LENGTH, LENGTH);
        }
    }

    /** A random number below the bound; the same for the same series (xorshift). */
    private long next(long bound) {
        random ^= random << 13;
        random ^= random >>> 7;
        random ^= random << 17;
        return Long.remainderUnsigned(random, Math.min(bound, 1 << 15));
    }

    void write(ByteBuffer out) {
        for (float each : runs) {
            out.putFloat(each);
        }
        for (float each : last) {
            out.putFloat(each);
        }
        out.putInt(filled).putInt(kept).putLong(seen).putLong(random);
    }

    void read(ByteBuffer in) {
        for (int i = 0; i < runs.length; i++) {
            runs[i] = in.getFloat();
        }
        for (int i = 0; i < LENGTH; i++) {
            last[i] = in.getFloat();
        }
        filled = in.getInt();
        kept = in.getInt();
        seen = in.getLong();
        random = in.getLong();
    }
}
