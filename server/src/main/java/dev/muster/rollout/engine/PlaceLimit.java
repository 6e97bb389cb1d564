package dev.muster.rollout.engine;

/**
 * How much of a rollout happens at one place at a time, such as a site or behind a gateway.
 *
 * @param maxInFlight targets of a place that have an order and no outcome, at most
 * @param perMinute orders to change to targets of a place in any minute, at most; 0 for no limit
 */
public record PlaceLimit(int maxInFlight, int perMinute) {
    public PlaceLimit {
        if (maxInFlight < 1 || perMinute < 0) {
            throw new IllegalArgumentException(
                    "a place has at least 1 in flight, found " + maxInFlight + ", " + perMinute);
        }
    }
}
