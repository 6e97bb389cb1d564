package dev.muster.alert.anomaly;

import dev.muster.alert.anomaly.Verdict.Sign;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Locale;

/**
 * Finds what is unusual in one series, value by value, with {@value #BYTES} bytes of memory and no parameter to be set for a series.
 *
 * <p>Nine quantities are looked at: how far the value is from its short, middle and long running mean and from what the hour shows, how
 * far the level is from its long mean and from the season's, whether it varies more or less than usual, and how far the last eight
 * values are from any eight before. Each is turned into a surprise by its own history ({@link Tail}); the root of the sum of their
 * squares is how unusual the value is. What has just been told is not told again: the score has to exceed the last peak, which fades.
 *
 * <p>Not safe for several threads.
 */
public final class Detector {
    /** The score from which on a value is called unusual where nobody says otherwise; see {@code docs/anomaly.md}. */
    public static final double USUAL_THRESHOLD = 0.55;

    private static final int SIGNS = 9;
    /** Of the stored state, and about that in memory. */
    public static final int BYTES = 1 + SIGNS * Tail.BYTES + Seasons.BYTES + Shapes.BYTES + 12 * 8 + 2 * 8 + 2 * 4;

    private static final byte VERSION = 1;
    /** The surprise that has a score of one half. */
    private static final double HALF = 5;
    /** A peak fades within about so many values. */
    private static final double FADING = 300;
    /** No verdict before. */
    static final int LEARNING = 100;

    private static final int LONG = 512;
    private static final int SEASON_SPAN = 24;
    private static final int SPREAD_SPAN = 500;
    private static final int NOISE_SPAN = 16;
    /** A gap is longer than so many usual steps. */
    private static final double GAP = 12;
    /** So many values in a row that are not newer mean that the clock was set back. */
    private static final int SET_BACK = 50;
    /** Beyond it squares overflow and differences are noise. */
    private static final double LARGEST = 1e30;

    private static final Sign[] SIGN = {
        Sign.JUMP,
        Sign.DEPARTURE,
        Sign.DEPARTURE,
        Sign.SEASON,
        Sign.LEVEL,
        Sign.SEASON_LEVEL,
        Sign.NOISE,
        Sign.STILLNESS,
        Sign.SHAPE
    };

    private final Tail[] tails = new Tail[SIGNS];
    private final double[] now = new double[SIGNS];
    private final Seasons seasons = new Seasons();
    private final Shapes shapes = new Shapes();

    private long count;
    private long lastSeconds = Long.MIN_VALUE;
    private int notNewer;
    private double last;
    private double mean4;
    private double mean16;
    private double mean64;
    private double meanLong;
    private double step;
    private double size;
    private double noise;
    private double usualNoise;
    private double offSeason;
    private double peak;
    private double interval;

    public Detector() {
        for (int i = 0; i < SIGNS; i++) {
            tails[i] = new Tail();
        }
    }

    /** Of how many values it has learned. */
    public long count() {
        return count;
    }

    /** Seconds since the epoch of the newest value, or {@link Long#MIN_VALUE}. */
    public long lastSeconds() {
        return lastSeconds;
    }

    /** Judges the value by what was before it, then learns from it. */
    public Verdict take(Instant time, double value) {
        return take(time.getEpochSecond(), value);
    }

    /** @param seconds since the epoch */
    public Verdict take(long seconds, double value) {
        if (!Double.isFinite(value) || Math.abs(value) > LARGEST) {
            return ignored("%s is no number that can be judged", value);
        }
        if (lastSeconds != Long.MIN_VALUE && seconds <= lastSeconds && ++notNewer < SET_BACK) {
            return ignored("the value of %s is not newer than the one before", Instant.ofEpochSecond(seconds));
        }
        arrive(seconds, value);
        double floor = 1e-3 * size + 1e-12 + 0.2 * step;
        double expected = measure(seconds, value, floor);
        double sum = 0;
        int most = 0;
        double mostSurprise = 0;
        for (int i = 0; i < SIGNS; i++) {
            if (now[i] > 0) {
                double surprise = tails[i].surprise(now[i]);
                tails[i].learn(now[i]);
                sum += surprise * surprise;
                if (surprise > mostSurprise) {
                    mostSurprise = surprise;
                    most = i;
                }
            }
        }
        Verdict verdict = verdict(seconds, value, expected, Math.sqrt(sum), most);
        learn(seconds, value);
        return verdict;
    }

    private static Verdict ignored(String text, Object about) {
        return new Verdict(0, 0, 0, Sign.IGNORED, String.format(Locale.ROOT, text, about));
    }

    private void arrive(long seconds, double value) {
        if (count == 0) {
            last = mean4 = mean16 = mean64 = meanLong = value;
        } else if (notNewer == 0) {
            double passed = seconds - lastSeconds;
            if (interval > 0 && passed > GAP * interval) {
                // What the last values were says little about the first one after a gap.
                last = mean4 = mean16 = value;
                shapes.interrupt();
            } else {
                interval += (passed - interval) / Math.min(count, SPREAD_SPAN);
            }
        }
        notNewer = 0;
        lastSeconds = seconds;
    }

    /** @return what the season lets expect */
    private double measure(long seconds, double value, double floor) {
        double expected = seasons.expected(seconds, value, mean64);
        double residual = value - expected;
        offSeason += (residual - offSeason) / SEASON_SPAN;
        double ratio = Math.max(noise, floor) / Math.max(usualNoise, floor);
        double distance = shapes.distance(value);
        now[0] = Math.abs(value - mean4) + floor;
        now[1] = Math.abs(value - mean16) + floor;
        now[2] = Math.abs(value - mean64) + floor;
        now[3] = seasons.knows(seconds) ? Math.abs(residual) + floor : 0;
        now[4] = Math.abs(mean16 - meanLong) + floor;
        now[5] = Math.abs(offSeason) + floor;
        now[6] = ratio;
        now[7] = 1 / ratio;
        now[8] = Double.isNaN(distance) ? 0 : distance + floor;
        return expected;
    }

    private void learn(long seconds, double value) {
        double change = count == 0 ? 0 : Math.abs(value - last);
        count++;
        mean4 += (value - mean4) / 4;
        mean16 += (value - mean16) / 16;
        mean64 += (value - mean64) / 64;
        meanLong += (value - meanLong) / Math.min(count, LONG);
        step += (change - step) / Math.min(count, SPREAD_SPAN);
        size += (Math.abs(value) - size) / Math.min(count, SPREAD_SPAN);
        noise += (change - noise) / NOISE_SPAN;
        usualNoise += (change - usualNoise) / Math.min(count, LONG);
        last = value;
        seasons.learn(seconds, value);
    }

    private Verdict verdict(long seconds, double value, double expected, double surprise, int most) {
        double before = peak;
        peak = Math.max(peak, surprise) * (1 - 1 / FADING);
        if (count < LEARNING) {
            return new Verdict(
                    0, 0, confidence(), Sign.LEARNING, "learning: " + count + " of " + LEARNING + " values known");
        }
        double strangeness = surprise / (surprise + HALF);
        boolean told = surprise <= before;
        if (strangeness < 0.3) {
            return new Verdict(told ? 0 : strangeness, strangeness, confidence(), Sign.NOTHING, "usual");
        }
        return new Verdict(
                told ? 0 : strangeness, strangeness, confidence(), SIGN[most], words(seconds, value, expected, most));
    }

    private double confidence() {
        return count / (count + 300.0);
    }

    private String words(long seconds, double value, double expected, int most) {
        double times = now[most] / Math.max(tails[most].median(), Double.MIN_NORMAL);
        return switch (SIGN[most]) {
            case JUMP -> words("%s is %s times its usual step %s its last values (%s)", value, times, mean4);
            case DEPARTURE ->
                words(
                        "%s is %s times its usual spread %s its running mean of %s",
                        value, times, most == 1 ? mean16 : mean64);
            case SEASON ->
                words(
                        "%s is %s times its usual spread %s the %s that " + Hours.name(seconds) + " shows",
                        value,
                        times,
                        expected);
            case LEVEL ->
                words("the level of %s is %s times its usual spread %s the long mean of %s", mean16, times, meanLong);
            case SEASON_LEVEL ->
                words(
                        "for a while %s is %s times the usual spread %s what the hours show (%s)",
                        expected + offSeason, times, expected);
            case NOISE ->
                "varies " + figure(noise / Math.max(usualNoise, Double.MIN_NORMAL)) + " times as much as usual, by "
                        + figure(noise) + " from value to value";
            case STILLNESS ->
                noise < usualNoise * 0.02
                        ? "flat at " + figure(value) + ", usually varies by " + figure(usualNoise)
                                + " from value to value"
                        : "varies by " + figure(noise) + " from value to value, usually by " + figure(usualNoise);
            case SHAPE ->
                "the last " + Shapes.LENGTH + " values are unlike any run before, by " + figure(times)
                        + " times the usual difference";
            case NOTHING, LEARNING, IGNORED -> "usual";
        };
    }

    private static String words(String text, double value, double times, double from) {
        return String.format(
                Locale.ROOT, text, figure(value), figure(times), value >= from ? "above" : "below", figure(from));
    }

    static String figure(double value) {
        if (value == 0) {
            return "0";
        }
        double size = Math.abs(value);
        return size >= 1e7 || size < 1e-3
                ? String.format(Locale.ROOT, "%.3g", value)
                : String.format(Locale.ROOT, size >= 1_000 ? "%.0f" : size >= 100 ? "%.1f" : "%.3g", value);
    }

    /** The state of exactly {@link #BYTES} bytes; {@link #restore} goes on as if nothing had happened. */
    public byte[] state() {
        ByteBuffer out = ByteBuffer.allocate(BYTES).put(VERSION);
        for (Tail tail : tails) {
            tail.write(out);
        }
        seasons.write(out);
        shapes.write(out);
        for (double each : new double[] {
            last, mean4, mean16, mean64, meanLong, step, size, noise, usualNoise, offSeason, peak, interval
        }) {
            out.putDouble(each);
        }
        out.putLong(count).putLong(lastSeconds).putInt(notNewer).putInt(0);
        return out.array();
    }

    /** @throws IllegalArgumentException when it is no state of this version */
    public static Detector restore(byte[] state) {
        if (state.length != BYTES || state[0] != VERSION) {
            throw new IllegalArgumentException("a detector's state has " + BYTES + " bytes of version " + VERSION
                    + ", found " + state.length + " bytes" + (state.length == 0 ? "" : " of version " + state[0]));
        }
        ByteBuffer in = ByteBuffer.wrap(state, 1, state.length - 1);
        Detector detector = new Detector();
        for (Tail tail : detector.tails) {
            tail.read(in);
        }
        detector.seasons.read(in);
        detector.shapes.read(in);
        detector.last = in.getDouble();
        detector.mean4 = in.getDouble();
        detector.mean16 = in.getDouble();
        detector.mean64 = in.getDouble();
        detector.meanLong = in.getDouble();
        detector.step = in.getDouble();
        detector.size = in.getDouble();
        detector.noise = in.getDouble();
        detector.usualNoise = in.getDouble();
        detector.offSeason = in.getDouble();
        detector.peak = in.getDouble();
        detector.interval = in.getDouble();
        detector.count = in.getLong();
        detector.lastSeconds = in.getLong();
        detector.notNewer = in.getInt();
        return detector;
    }
}
