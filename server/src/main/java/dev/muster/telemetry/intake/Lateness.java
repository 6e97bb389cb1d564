package dev.muster.telemetry.intake;

import dev.muster.protocol.Uplink;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How long after its time something counts as late. What is late is stored by a lane of its own, so that it does not slow
 * what comes in time. So is what is ahead of its time: each row that comes after it would go before it, and be slow for that.
 *
 * @param after between the event time and the receive time
 */
public record Lateness(Duration after) {
    public static final Lateness STANDARD = new Lateness(Duration.ofMinutes(1));

    /** How far ahead of the server's an asset's clock may be and its rows go with the others. */
    static final Duration IN_STEP = Duration.ofSeconds(10);

    /** Whether its row would be out of order among those that come with it. What is kept by its receive time is not. */
    public boolean isOutOfOrder(@Nullable Long ts, long receivedAt) {
        return ts != null && (isLate(ts, receivedAt) || isAhead(ts, receivedAt));
    }

    private boolean isLate(long ts, long receivedAt) {
        return ts < receivedAt - after.toMillis();
    }

    private static boolean isAhead(long ts, long receivedAt) {
        return ts > receivedAt + IN_STEP.toMillis() && ts <= receivedAt + EventTime.MAX_AHEAD.toMillis();
    }

    /** Whether anything in the message is out of order. */
    public boolean concerns(Uplink uplink, long receivedAt) {
        return switch (uplink) {
            case Uplink.Telemetry telemetry ->
                telemetry.readings().stream().anyMatch(reading -> isOutOfOrder(reading.ts(), receivedAt));
            case Uplink.Positions positions ->
                positions.fixes().stream().anyMatch(fix -> isOutOfOrder(fix.ts(), receivedAt));
            case Uplink.Events events ->
                events.events().stream().anyMatch(event -> isOutOfOrder(event.ts(), receivedAt));
            case Uplink.Logs logs -> logs.records().stream().anyMatch(line -> isOutOfOrder(line.ts(), receivedAt));
            case Uplink.Hello _, Uplink.Heartbeat _, Uplink.StateReport _, Uplink.CommandResult _ -> false;
        };
    }
}
