package dev.muster.simulator.client;

import java.time.Duration;
import java.util.List;

/**
 * How an asset's client behaves.
 *
 * @param maxInFlight messages sent and not yet acknowledged; the server's receive maximum lowers it
 * @param maxBuffered messages kept, in flight included; when full, the oldest unsent one is dropped
 * @param subscriptions topics, with {@code {id}} for the asset id, subscribed at QoS 1 on every session
 */
public record ClientSettings(
        Duration keepAlive,
        Duration connectTimeout,
        Duration backoffBase,
        Duration backoffCap,
        int maxInFlight,
        int maxBuffered,
        List<String> subscriptions) {

    public ClientSettings {
        subscriptions = List.copyOf(subscriptions);
        if (maxInFlight < 1 || maxBuffered < maxInFlight) {
            throw new IllegalArgumentException("a client of " + maxInFlight + " messages in flight and " + maxBuffered
                    + " buffered cannot work: at least 1 in flight, and the buffer no smaller");
        }
        if (keepAlive.toSeconds() < 1 || keepAlive.toSeconds() > 65_535) {
            throw new IllegalArgumentException("keep-alive " + keepAlive + " is not between 1 and 65535 seconds");
        }
    }

    public static ClientSettings standard() {
        return new ClientSettings(
                Duration.ofSeconds(60),
                Duration.ofSeconds(20),
                Duration.ofSeconds(1),
                Duration.ofSeconds(30),
                16,
                1_000,
                List.of());
    }

    public ClientSettings withBackoff(Duration base, Duration cap) {
        return new ClientSettings(keepAlive, connectTimeout, base, cap, maxInFlight, maxBuffered, subscriptions);
    }

    public ClientSettings withKeepAlive(Duration interval) {
        return new ClientSettings(
                interval, connectTimeout, backoffBase, backoffCap, maxInFlight, maxBuffered, subscriptions);
    }

    public ClientSettings withBuffer(int inFlight, int buffered) {
        return new ClientSettings(
                keepAlive, connectTimeout, backoffBase, backoffCap, inFlight, buffered, subscriptions);
    }

    public ClientSettings withSubscriptions(List<String> topics) {
        return new ClientSettings(keepAlive, connectTimeout, backoffBase, backoffCap, maxInFlight, maxBuffered, topics);
    }
}
