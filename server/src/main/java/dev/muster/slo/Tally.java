package dev.muster.slo;

/**
 * What was counted of one indicator.
 *
 * @param good as it should be
 * @param bad not so
 * @param stale what is known of it is too old; apart from the ratio, unless the indicator says that it counts as bad as well
 * @param unknown nothing is known of it; never in the ratio
 */
public record Tally(double good, double bad, double stale, double unknown) {
    public static final Tally NONE = new Tally(0, 0, 0, 0);

    public Tally plus(Tally other) {
        return new Tally(good + other.good, bad + other.bad, stale + other.stale, unknown + other.unknown);
    }

    public boolean isNone() {
        return good == 0 && bad == 0 && stale == 0 && unknown == 0;
    }

    double total() {
        return good + bad;
    }
}
