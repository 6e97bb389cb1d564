package dev.muster.telemetry.intake;

import dev.muster.protocol.Uplink;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How long after its time something counts as late. What is late is stored by a lane of its own, so that it does not slow
 * what comes in time.
 *
 * @param after between the event time and the receive time
 */
public record Lateness(Duration after) {
    public static final Lateness STANDARD = new Lateness(Duration.ofMinutes(1));

    public boolean isLate(@Nullable Long ts, long receivedAt) {
        return ts != null && ts < receivedAt - after.toMillis();
    }

    /** Whether anything in the message is late. */
    public boolean concerns(Uplink uplink, long receivedAt) {
        return switch (uplink) {
            case Uplink.Telemetry telemetry ->
                telemetry.readings().stream().anyMatch(reading -> isLate(reading.ts(), receivedAt));
            case Uplink.Positions positions -> positions.fixes().stream().anyMatch(fix -> isLate(fix.ts(), receivedAt));
            case Uplink.Events events -> events.events().stream().anyMatch(event -> isLate(event.ts(), receivedAt));
            case Uplink.Logs logs -> logs.records().stream().anyMatch(line -> isLate(line.ts(), receivedAt));
            case Uplink.Hello _, Uplink.Heartbeat _, Uplink.StateReport _, Uplink.CommandResult _ -> false;
        };
    }
}
