package dev.muster.slo;

import dev.muster.slo.engine.BurnAlert;
import dev.muster.slo.engine.Counted;
import dev.muster.slo.engine.ErrorBudget;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How a budget was spent: what was left of it at each of some moments, and how fast it burned over the windows of its alerts. Worked out
 * from sums; knows no clock and reads nothing.
 */
final class BurnHistory {
    /**
     * @param remaining of the budget of the period that ended then; null when nothing was counted in it
     * @param burn in the order of the alerts that are told of; null where nothing was counted
     */
    record Point(
            Instant at,
            @Nullable Double remaining,
            double good,
            double bad,
            double unknown,
            List<@Nullable Double> burn) {}

    private final Slo slo;
    /** What was counted before a moment: of a window it is the difference of its ends. */
    private final NavigableMap<Instant, Tally> before = new TreeMap<>();

    /** @param series what was counted by equal steps, of which the first is {@code from} */
    private BurnHistory(Slo slo, Map<Instant, Tally> series, Instant from, Instant to, Duration step) {
        this.slo = slo;
        Tally sum = Tally.NONE;
        for (Instant at = from; !at.isAfter(to); at = at.plus(step)) {
            before.put(at, sum);
            sum = sum.plus(counted(slo, series.get(at)));
        }
    }

    /** As it counts against the budget: what happened, or one slice of time. */
    private static Tally counted(Slo slo, @Nullable Tally tally) {
        if (tally == null) {
            return slo.slices() == null ? Tally.NONE : new Tally(0, 0, 0, 1);
        }
        Slo.Slices slices = slo.slices();
        if (slices == null) {
            return tally;
        }
        return tally.total() <= 0
                ? new Tally(0, 0, 0, 1)
                : tally.good() / tally.total() >= slices.target() ? new Tally(1, 0, 0, 0) : new Tally(0, 1, 0, 0);
    }

    /**
     * @param series by {@code grain}, from at the latest {@code earliest} on, without those that are empty
     * @param earliest multiple of the grain; nothing before it is known
     * @param from first moment that is told of, multiple of the grain
     * @param step between two moments, multiple of the grain
     */
    static List<Point> of(
            Slo slo,
            List<BurnAlert> alerts,
            Map<Instant, Tally> series,
            Instant earliest,
            Instant from,
            Instant to,
            Duration grain,
            Duration step) {
        BurnHistory history = new BurnHistory(slo, series, earliest, to, grain);
        List<Point> points = new ArrayList<>();
        for (Instant at = from; !at.isAfter(to); at = at.plus(step)) {
            points.add(history.point(at, step, alerts));
        }
        return points;
    }

    private Point point(Instant at, Duration step, List<BurnAlert> alerts) {
        Tally period = between(slo.window().begin(at), at);
        Tally since = between(at.minus(step), at);
        List<@Nullable Double> burn = new ArrayList<>();
        for (BurnAlert alert : alerts) {
            Tally window = between(at.minus(alert.longWindow()), at);
            burn.add(window.total() <= 0 ? null : ErrorBudget.burnRate(slo.target(), counted(window)));
        }
        return new Point(
                at,
                ErrorBudget.of(slo.target(), counted(period))
                        .map(ErrorBudget::remaining)
                        .orElse(null),
                since.good(),
                since.bad(),
                since.unknown(),
                burn);
    }

    private static Counted counted(Tally tally) {
        return new Counted(tally.good(), tally.bad());
    }

    private Tally between(Instant from, Instant to) {
        Map.Entry<Instant, Tally> low = before.floorEntry(from);
        Map.Entry<Instant, Tally> high = before.floorEntry(to);
        if (high == null) {
            return Tally.NONE;
        }
        Tally start = low == null ? Tally.NONE : low.getValue();
        Tally end = high.getValue();
        return new Tally(
                end.good() - start.good(),
                end.bad() - start.bad(),
                end.stale() - start.stale(),
                end.unknown() - start.unknown());
    }
}
