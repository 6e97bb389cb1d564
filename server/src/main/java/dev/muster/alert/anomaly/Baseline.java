package dev.muster.alert.anomaly;

import java.nio.ByteBuffer;
import java.time.DayOfWeek;
import java.time.ZonedDateTime;
import java.util.Locale;
import java.util.Optional;

/**
 * What a metric shows at each hour of the day on weekdays, Saturdays, Sundays, and on any day, with its robust spread; learned from
 * sums of hours. What is far outside moves it little, and what was long ago weighs less.
 */
final class Baseline {
    private static final int CLASSES = 4;
    private static final int ANY_DAY = 3;
    private static final int CELLS = CLASSES * 24;
    static final int BYTES = 1 + 4 + CELLS * 12;
    private static final byte VERSION = 1;
    private static final int ENOUGH = 3;
    private static final int OWN_MEMORY = 20;
    private static final int GROUP_MEMORY = 500;
    /** A value that is farther than so many spreads counts as if it were there; assets of a group may be unlike each other. */
    private static final double OWN_CLIP = 3;

    private static final double GROUP_CLIP = 10;
    /** Of a normal distribution, the deviation is so much larger than the mean of the absolute differences. */
    private static final double NORMAL = 1.2533;

    private final boolean ofGroup;
    private final int[] counts = new int[CELLS];
    private final float[] levels = new float[CELLS];
    private final float[] spreads = new float[CELLS];

    /** @param ofGroup whether many assets are learned: it remembers more, and takes them as they are */
    Baseline(boolean ofGroup) {
        this.ofGroup = ofGroup;
    }

    /**
     * @param spread as a standard deviation, never 0
     * @param when such as {@code Saturdays at 14:00}
     */
    record Usual(double level, double spread, String when) {
        double times(double value) {
            return Math.abs(value - level) / spread;
        }
    }

    /** Empty while this hour was seen on fewer than three such days. */
    Optional<Usual> at(ZonedDateTime time) {
        int own = cell(time, dayClass(time.getDayOfWeek()));
        int any = cell(time, ANY_DAY);
        int cell = counts[own] >= ENOUGH ? own : any;
        if (counts[cell] < ENOUGH) {
            return Optional.empty();
        }
        double floor = 1e-3 * Math.abs(levels[cell]) + 1e-9;
        return Optional.of(new Usual(
                levels[cell],
                Math.max(spreads[cell] * NORMAL, floor),
                name(cell == own ? time.getDayOfWeek() : null, time)));
    }

    /** One hour's sum. */
    void learn(ZonedDateTime hour, double average, double least, double most) {
        if (!Double.isFinite(average) || Math.abs(average) > 1e30) {
            return;
        }
        double within = Math.min((most - least) / 4 / NORMAL, Float.MAX_VALUE);
        learn(cell(hour, dayClass(hour.getDayOfWeek())), average, within);
        learn(cell(hour, ANY_DAY), average, within);
    }

    private void learn(int cell, double average, double within) {
        int count = Math.min(++counts[cell], ofGroup ? GROUP_MEMORY : OWN_MEMORY);
        double difference = average - levels[cell];
        if (count > ENOUGH) {
            double most = (ofGroup ? GROUP_CLIP : OWN_CLIP)
                    * Math.max(spreads[cell] * NORMAL, 1e-3 * Math.abs(levels[cell]) + 1e-9);
            difference = Math.clamp(difference, -most, most);
        }
        levels[cell] += (float) (difference / count);
        if (count > 1) {
            double seen = Math.max(Math.abs(difference), within);
            spreads[cell] += (float) ((seen - spreads[cell]) / (count - 1));
        }
    }

    private static int cell(ZonedDateTime time, int dayClass) {
        return dayClass * 24 + time.getHour();
    }

    private static int dayClass(DayOfWeek day) {
        return switch (day) {
            case SATURDAY -> 1;
            case SUNDAY -> 2;
            case MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY -> 0;
        };
    }

    private static String name(@org.jspecify.annotations.Nullable DayOfWeek day, ZonedDateTime time) {
        String days = day == null
                ? "all days"
                : switch (dayClass(day)) {
                    case 1 -> "Saturdays";
                    case 2 -> "Sundays";
                    default -> "weekdays";
                };
        return String.format(Locale.ROOT, "%s at %02d:00 show", days, time.getHour());
    }

    byte[] state() {
        ByteBuffer out = ByteBuffer.allocate(BYTES).put(VERSION).putInt(ofGroup ? 1 : 0);
        for (int i = 0; i < CELLS; i++) {
            out.putInt(counts[i]).putFloat(levels[i]).putFloat(spreads[i]);
        }
        return out.array();
    }

    /** @throws IllegalArgumentException when it is no state of this version */
    static Baseline restore(byte[] state) {
        if (state.length != BYTES || state[0] != VERSION) {
            throw new IllegalArgumentException("a baseline's state has " + BYTES + " bytes of version " + VERSION
                    + ", found " + state.length + " bytes");
        }
        ByteBuffer in = ByteBuffer.wrap(state, 1, state.length - 1);
        Baseline baseline = new Baseline(in.getInt() == 1);
        for (int i = 0; i < CELLS; i++) {
            baseline.counts[i] = in.getInt();
            baseline.levels[i] = in.getFloat();
            baseline.spreads[i] = in.getFloat();
        }
        return baseline;
    }
}
