package dev.muster.rollout.plan;

import dev.muster.rollout.spec.Hours;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * When the waves of a rollout begin and end if all goes well: nobody fails, is silent, or has to be waited for.
 *
 * @param waves in their order; fewer than the rollout has when it is not over within {@link #LONGEST}
 * @param ends null when it is not over within {@link #LONGEST}
 */
public record Forecast(List<Wave> waves, @Nullable Instant ends) {
    public static final Duration LONGEST = Duration.ofDays(366);
    private static final int MAX_OPENINGS = 2_000;

    /** @param begins the first order goes out @param ends the last target has its outcome */
    public record Wave(String name, Instant begins, Instant ends) {}

    /**
     * How fast it goes.
     *
     * @param inFlight targets at a time
     * @param each from the order to the outcome of a target
     * @param perMinute orders at most; 0 for no limit
     */
    public record Pace(int inFlight, Duration each, int perMinute) {
        /** From the first to the last order. */
        Duration ordering(int targets) {
            long turns = (targets - 1L) / inFlight;
            Duration bySlots = each.multipliedBy(turns);
            Duration byRate = perMinute == 0 ? Duration.ZERO : Duration.ofMillis((targets - 1L) * 60_000 / perMinute);
            return bySlots.compareTo(byRate) > 0 ? bySlots : byRate;
        }
    }

    /** Targets of a wave to which the same hours apply. */
    public record Part(int targets, Hours hours) {}

    /**
     * Parts go on beside each other; where they share slots and rate, the wave takes as long as all of them need, and as the last.
     *
     * @param waves their names and parts; those that wait for a person are taken to be let begin at once
     */
    public static Forecast of(Instant now, Map<String, List<Part>> waves, Pace pace) {
        Instant limit = now.plus(LONGEST);
        List<Wave> forecast = new ArrayList<>();
        Instant at = now;
        for (Map.Entry<String, List<Part>> wave : waves.entrySet()) {
            Instant begins = Instant.MAX;
            Instant last = Instant.MIN;
            int targets = 0;
            for (Part part : wave.getValue()) {
                Instant opens = part.hours().opens(at);
                begins = earlier(begins, opens);
                last = later(last, within(opens, pace.ordering(part.targets()), part.hours(), limit));
                targets += part.targets();
            }
            if (targets == 0) {
                begins = at;
                last = at;
            }
            last = later(last, begins.plus(pace.ordering(targets)));
            Instant ends = last.plus(pace.each());
            if (!ends.isBefore(limit)) {
                return new Forecast(List.copyOf(forecast), null);
            }
            forecast.add(new Wave(wave.getKey(), begins, ends));
            at = ends;
        }
        return new Forecast(List.copyOf(forecast), at);
    }

    private static Instant earlier(Instant a, Instant b) {
        return a.isBefore(b) ? a : b;
    }

    private static Instant later(Instant a, Instant b) {
        return a.isAfter(b) ? a : b;
    }

    /** The moment at which the hours have been open for so long. */
    private static Instant within(Instant from, Duration needed, Hours hours, Instant limit) {
        Instant at = from;
        Duration left = needed;
        for (int i = 0; i < MAX_OPENINGS && at.isBefore(limit); i++) {
            Instant closes = hours.closes(at);
            if (closes.equals(Instant.MAX) || !at.plus(left).isAfter(closes)) {
                return at.plus(left);
            }
            left = left.minus(Duration.between(at, closes));
            at = hours.opens(closes);
        }
        return limit;
    }
}
