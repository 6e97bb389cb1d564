package dev.muster.simulator.model;

import java.time.Instant;
import java.time.ZoneOffset;
import java.util.random.RandomGenerator;

/** Shapes that simulated measurements are made of. */
final class Series {
    private static final double DAY_SECONDS = 86_400;
    private static final double ZERO_CELSIUS = 273.15;

    private Series() {}

    /** −1 at four in the morning, +1 at four in the afternoon, UTC. */
    static double dailyCycle(long ts) {
        double secondOfDay = Math.floorMod(ts / 1_000, (long) DAY_SECONDS);
        return -Math.cos(2 * Math.PI * (secondOfDay - 4 * 3_600) / DAY_SECONDS);
    }

    static double hourOfDay(long ts) {
        return Math.floorMod(ts / 1_000, (long) DAY_SECONDS) / 3_600.0;
    }

    static boolean isSunday(long ts) {
        return Instant.ofEpochMilli(ts).atOffset(ZoneOffset.UTC).getDayOfWeek() == java.time.DayOfWeek.SUNDAY;
    }

    /** Moves towards the target as a body warms up: the difference shrinks to 1/e within the time constant. */
    static double approach(double value, double target, double seconds, double timeConstant) {
        return target + (value - target) * Math.exp(-seconds / timeConstant);
    }

    /** One step of a mean-reverting random walk (Ornstein–Uhlenbeck), exact for any step length. */
    static double wander(
            double value, double mean, double spread, double seconds, double memory, RandomGenerator random) {
        double kept = Math.exp(-seconds / memory);
        return mean + (value - mean) * kept + spread * Math.sqrt(1 - kept * kept) * random.nextGaussian();
    }

    /** Celsius is for thinking, kelvin for the wire. */
    static double kelvin(double celsius) {
        return rounded(celsius + ZERO_CELSIUS, 2);
    }

    static double clamp(double value, double low, double high) {
        return Math.max(low, Math.min(high, value));
    }

    /** Rounded to the number of decimals that an instrument would give. */
    static double rounded(double value, int decimals) {
        double scale = Math.pow(10, decimals);
        return Math.round(value * scale) / scale;
    }
}
