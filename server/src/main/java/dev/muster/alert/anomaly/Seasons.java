package dev.muster.alert.anomaly;

import java.nio.ByteBuffer;

/** What a series shows at each half hour of the day and each hour of the week, in UTC; older days weigh less. */
final class Seasons {
    private static final int DAY = 48;
    private static final int WEEK = 168;
    private static final int MEMORY = 20;

    static final int BYTES = (DAY + WEEK) * 5;

    private final float[] levels = new float[DAY + WEEK];
    private final byte[] counts = new byte[DAY + WEEK];

    static int halfHour(long seconds) {
        return (int) (Math.floorMod(seconds, 86_400L) / 1_800);
    }

    /** 0 is Thursday 00:00, as the epoch was. */
    static int hourOfWeek(long seconds) {
        return (int) (Math.floorMod(seconds, 604_800L) / 3_600);
    }

    boolean knows(long seconds) {
        return counts[halfHour(seconds)] > 1;
    }

    /** What is nearest to the value of that which the day and the week let expect; what neither knows is the fallback. */
    double expected(long seconds, double value, double fallback) {
        double day = counts[halfHour(seconds)] > 0 ? levels[halfHour(seconds)] : fallback;
        int hour = DAY + hourOfWeek(seconds);
        double week = counts[hour] > 0 ? levels[hour] : day;
        return Math.abs(value - day) < Math.abs(value - week) ? day : week;
    }

    void learn(long seconds, double value) {
        learn(halfHour(seconds), value);
        learn(DAY + hourOfWeek(seconds), value);
    }

    private void learn(int cell, double value) {
        if (counts[cell] < MEMORY) {
            counts[cell]++;
        }
        levels[cell] += (float) ((value - levels[cell]) / counts[cell]);
    }

    void write(ByteBuffer out) {
        for (float level : levels) {
            out.putFloat(level);
        }
        out.put(counts);
    }

    void read(ByteBuffer in) {
        for (int i = 0; i < levels.length; i++) {
            levels[i] = in.getFloat();
        }
        in.get(counts);
    }
}
