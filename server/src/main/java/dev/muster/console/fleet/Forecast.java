package dev.muster.console.fleet;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a quantity goes if it goes on as it did: a straight line through one value a day, of which the slope is the median of the slopes of
 * all pairs of days (Theil 1950, Sen 1968). One odd day, an import or an outage, does not bend it; it knows no seasons. Its band is where half of
 * the pairs would lead. It reaches no further ahead than the history behind it, and of less than a week there is none.
 *
 * @param days of history that it rests on
 * @param perDay growth a day; null when there is no forecast
 * @param low a quarter of the pairs of days grew by less a day
 * @param high a quarter of them grew by more
 * @param why there is none; null when there is one
 */
record Forecast(
        double days,
        @Nullable Double perDay,
        @Nullable Double low,
        @Nullable Double high,
        List<Ahead> ahead,
        @Nullable String why) {
    static final int LEAST_DAYS = 7;
    /** Older days say little of the next ones. */
    static final int MOST_DAYS = 90;

    private static final int[] HORIZONS = {7, 30, 90};

    /** @param days from now */
    record Ahead(int days, double value, double low, double high) {}

    record Point(Instant at, double value) {}

    /** @param daily one value a day at most, oldest first */
    static Forecast of(List<Point> daily) {
        List<Point> used = daily.size() <= MOST_DAYS ? daily : daily.subList(daily.size() - MOST_DAYS, daily.size());
        double days =
                used.isEmpty() ? 0 : days(used.getFirst().at(), used.getLast().at());
        if (days < LEAST_DAYS || used.size() < LEAST_DAYS) {
            return new Forecast(
                    days,
                    null,
                    null,
                    null,
                    List.of(),
                    "a forecast needs " + LEAST_DAYS + " days of history, there "
                            + (days < 1 ? "is less than one" : days < 2 ? "is one" : "are " + (long) days) + " so far");
        }
        double[] slopes = slopes(used);
        double slope = quantile(slopes, 0.5);
        double low = quantile(slopes, 0.25);
        double high = quantile(slopes, 0.75);
        double level = level(used, slope);
        List<Ahead> ahead = new ArrayList<>();
        for (int horizon : HORIZONS) {
            if (horizon <= days) {
                ahead.add(new Ahead(
                        horizon,
                        Math.max(0, level + slope * horizon),
                        Math.max(0, level + low * horizon),
                        Math.max(0, level + high * horizon)));
            }
        }
        return new Forecast(days, slope, low, high, List.copyOf(ahead), null);
    }

    private static double[] slopes(List<Point> points) {
        double[] slopes = new double[points.size() * (points.size() - 1) / 2];
        int next = 0;
        for (int i = 0; i < points.size(); i++) {
            for (int j = i + 1; j < points.size(); j++) {
                Point early = points.get(i);
                Point late = points.get(j);
                slopes[next++] = (late.value() - early.value()) / days(early.at(), late.at());
            }
        }
        Arrays.sort(slopes);
        return slopes;
    }

    /** Of the line at its newest point: the median of where each point would put it. */
    private static double level(List<Point> points, double slope) {
        Instant newest = points.getLast().at();
        double[] levels = points.stream()
                .mapToDouble(point -> point.value() + slope * days(point.at(), newest))
                .sorted()
                .toArray();
        return quantile(levels, 0.5);
    }

    private static double quantile(double[] sorted, double share) {
        double place = share * (sorted.length - 1);
        int below = (int) place;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (sorted[above] - sorted[below]) * (place - below);
    }

    private static double days(Instant from, Instant to) {
        return Duration.between(from, to).toSeconds() / 86_400.0;
    }
}
