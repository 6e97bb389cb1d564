package dev.muster.alert.anomaly;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/**
 * Series of a simulated fleet with one labelled fault each, from a seed: what a judge finds of them, and what it finds where nothing is.
 * Three weeks with a value each five minutes, a day's and a week's rhythm of random strength and noise; the fault is in the last six days.
 */
public final class Trial {
    private static final int STEP_SECONDS = 300;
    private static final int DAY = 86_400 / STEP_SECONDS;
    private static final int ROWS = 21 * DAY;
    private static final int JUDGED_FROM = 7 * DAY;
    /** Alarms that are closer belong together. */
    private static final int EPISODE = DAY / 4;
    /** A fault that is found so much later was found. */
    private static final int GRACE = DAY / 24;

    private static final long BEGIN = 1_767_225_600L;

    private Trial() {}

    /** What is wrong with a series. Missing data is none of a detector's faults: it must not be frightened by them. */
    public enum Fault {
        NONE,
        MISSING,
        SPIKE,
        LEVEL,
        DRIFT,
        STUCK,
        NOISE;

        boolean isToBeFound() {
            return this != NONE && this != MISSING;
        }
    }

    /** Judges the values of one series in their order. */
    public interface Judge {
        /** @return whether it raises an alarm */
        boolean alarms(long seconds, double value);
    }

    /**
     * Of all series of one fault.
     *
     * @param found series whose fault was found
     * @param falseAlarms outside of faults, in all of them
     */
    public record Tally(int series, int found, int falseAlarms) {}

    /** Of a whole fleet. */
    public record Outcome(long seed, Map<Fault, Tally> tallies) {
        /** Which part of the faults was found. */
        public double recall() {
            return found() / (double) sum(true, Tally::series);
        }

        /** Which part of the alarms, counted once per fault and per episode, was about a fault. */
        public double precision() {
            int alarms = found() + falseAlarms();
            return alarms == 0 ? 0 : found() / (double) alarms;
        }

        /** False alarms per series and week. */
        public double falseAlarmsPerWeek() {
            return falseAlarms() / (2.0 * sum(false, Tally::series));
        }

        private int found() {
            return sum(true, Tally::found);
        }

        private int falseAlarms() {
            return sum(false, Tally::falseAlarms);
        }

        private int sum(boolean faultsOnly, java.util.function.ToIntFunction<Tally> what) {
            return tallies.entrySet().stream()
                    .filter(each -> !faultsOnly || each.getKey().isToBeFound())
                    .mapToInt(each -> what.applyAsInt(each.getValue()))
                    .sum();
        }

        @Override
        public String toString() {
            StringBuilder text = new StringBuilder(String.format(
                    Locale.ROOT,
                    "seed %d: recall %.3f, precision %.3f, %.3f false alarms per series and week;",
                    seed,
                    recall(),
                    precision(),
                    falseAlarmsPerWeek()));
            tallies.forEach((fault, tally) -> text.append(String.format(
                    Locale.ROOT,
                    " %s %s%d false",
                    fault.name().toLowerCase(Locale.ROOT),
                    fault.isToBeFound() ? tally.found() + " of " + tally.series() + ", " : tally.series() + " series, ",
                    tally.falseAlarms())));
            return text.toString();
        }
    }

    /** Alarms when the detector's score reaches a threshold. */
    public static Supplier<Judge> detector(double threshold) {
        return () -> {
            Detector detector = new Detector();
            return (seconds, value) -> detector.take(seconds, value).score() >= threshold;
        };
    }

    /** What is used without a detector: the range of the first week with a tenth of it added on both sides. */
    public static Supplier<Judge> staticThreshold() {
        return () -> new Judge() {
            private double least = Double.POSITIVE_INFINITY;
            private double most = Double.NEGATIVE_INFINITY;

            @Override
            public boolean alarms(long seconds, double value) {
                if (seconds < BEGIN + (long) JUDGED_FROM * STEP_SECONDS) {
                    least = Math.min(least, value);
                    most = Math.max(most, value);
                    return false;
                }
                double margin = (most - least) / 10;
                return value < least - margin || value > most + margin;
            }
        };
    }

    /** @param perFault how many series of each fault */
    public static Outcome run(long seed, int perFault, Supplier<Judge> judges) {
        Map<Fault, Tally> tallies = new EnumMap<>(Fault.class);
        SplittableRandom random = new SplittableRandom(seed);
        for (Fault fault : Fault.values()) {
            int found = 0;
            int falseAlarms = 0;
            for (int i = 0; i < perFault; i++) {
                Series series = new Series(fault, random.split());
                Tally one = series.judge(judges.get());
                found += one.found();
                falseAlarms += one.falseAlarms();
            }
            tallies.put(fault, new Tally(perFault, found, falseAlarms));
        }
        return new Outcome(seed, tallies);
    }

    /** One series with its fault. */
    private static final class Series {
        private final Fault fault;
        private final SplittableRandom random;
        private final double level;
        private final double noise;
        private final double daily;
        private final double weekend;
        private final double phase;
        private final int from;
        private final int to;
        private final double sign;
        private double slow;
        private double stuck;

        Series(Fault fault, SplittableRandom random) {
            this.fault = fault;
            this.random = random;
            noise = Math.exp(random.nextDouble(-3, 3));
            level = noise * random.nextDouble(-50, 200);
            daily = random.nextInt(4) == 0 ? 0 : noise * random.nextDouble(1, 8);
            weekend = random.nextBoolean() ? 1 : random.nextDouble(0.3, 1);
            phase = random.nextDouble();
            from = random.nextInt(15 * DAY, 19 * DAY);
            to = from
                    + switch (fault) {
                        case NONE -> 0;
                        case SPIKE -> random.nextInt(1, 4);
                        case STUCK, NOISE, MISSING -> DAY / 4;
                        case LEVEL -> DAY;
                        case DRIFT -> 2 * DAY;
                    };
            sign = random.nextBoolean() ? 1 : -1;
        }

        Tally judge(Judge judge) {
            boolean found = false;
            int falseAlarms = 0;
            int lastFalse = Integer.MIN_VALUE / 2;
            for (int row = 0; row < ROWS; row++) {
                double value = value(row);
                boolean faulty = row >= from && row < to;
                if (faulty && fault == Fault.MISSING) {
                    continue;
                }
                if (!judge.alarms(BEGIN + (long) row * STEP_SECONDS, value) || row < JUDGED_FROM) {
                    continue;
                }
                if (fault.isToBeFound() && row >= from && row < to + GRACE) {
                    found = true;
                } else if (!fault.isToBeFound() || row < from || row >= to + DAY) {
                    falseAlarms += row - lastFalse > EPISODE ? 1 : 0;
                    lastFalse = row;
                }
            }
            return new Tally(1, found ? 1 : 0, falseAlarms);
        }

        private double value(int row) {
            slow += (random.nextDouble() - 0.5) * 0.1 - slow / 200;
            double day = Math.sin(2 * Math.PI * (row / (double) DAY + phase));
            boolean atWeekend = row / DAY % 7 == 2 || row / DAY % 7 == 3;
            double usual = level + daily * day * (atWeekend ? weekend : 1) + noise * slow;
            boolean faulty = row >= from && row < to;
            double deviation = noise * gaussian();
            if (!faulty) {
                stuck = usual + deviation;
                return stuck;
            }
            return switch (fault) {
                case NONE, MISSING -> usual + deviation;
                case SPIKE -> usual + deviation + sign * 10 * noise;
                case LEVEL -> usual + deviation + sign * 6 * noise;
                case DRIFT -> usual + deviation + sign * 10 * noise * (row - from) / (to - from);
                case STUCK -> stuck;
                case NOISE -> usual + 4 * deviation;
            };
        }

        private double gaussian() {
            double sum = 0;
            for (int i = 0; i < 12; i++) {
                sum += random.nextDouble();
            }
            return sum - 6;
        }
    }
}
