package dev.muster.slo;

import dev.muster.telemetry.store.QueryTooLargeException;
import dev.muster.telemetry.store.TelemetryStore;
import dev.muster.telemetry.store.TelemetryStore.EventCount;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;

/** Counts events of a span in pieces: where it holds too many for one question, each half of it is asked for. */
final class EventPieces {
    /** Events that are looked at for one question. */
    static final int MOST = 100_000;

    private final TelemetryStore telemetry;
    private final int most;

    EventPieces(TelemetryStore telemetry) {
        this(telemetry, MOST);
    }

    EventPieces(TelemetryStore telemetry, int most) {
        this.telemetry = telemetry;
        this.most = most;
    }

    /**
     * @param each may be told several times of the same events of an asset; their numbers add up
     * @throws QueryTooLargeException when a single millisecond holds too many
     */
    void forEach(String type, Instant from, Instant to, Consumer<EventCount> each) {
        forEach(type, from.toEpochMilli(), to.toEpochMilli(), each);
    }

    private void forEach(String type, long from, long to, Consumer<EventCount> each) {
        List<EventCount> found;
        try {
            found = telemetry.countEvents(type, from, to, most);
        } catch (QueryTooLargeException tooLarge) {
            if (to - from <= 1) {
                throw tooLarge;
            }
            long half = from + (to - from) / 2;
            forEach(type, from, half, each);
            forEach(type, half, to, each);
            return;
        }
        found.forEach(each);
    }
}
