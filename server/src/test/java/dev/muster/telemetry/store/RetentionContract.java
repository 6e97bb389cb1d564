package dev.muster.telemetry.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.protocol.Metrics;
import dev.muster.protocol.Severity;
import dev.muster.telemetry.store.TelemetryStore.SeriesQuery;
import dev.muster.telemetry.store.TelemetryStore.TailQuery;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What every {@link TelemetryStore} promises of how long each kind of rows is kept. */
public abstract class RetentionContract extends TelemetryStoreFixture {
    @Test
    void eachKindIsKeptForItsOwnTimeAndThatMayChange() throws Exception {
        declareVehicle();
        store.declare("van", Map.of("speed", MetricKind.NUMBER));
        long before = NOON - Duration.ofDays(20).toMillis();
        for (long ts : List.of(before, NOON)) {
            store.append(List.of(sample(A, ts, Map.of("speed", 1.0)), log(A, ts, "up"), event(A, ts, "door")));
            store.appendLate(List.of(sample(B, ts, Map.of("speed", 1.0)), position(A, ts, 52.5)));
            store.append(List.of(
                    new Row.Sample(ts, A, "van", ts, 1, 0, Metrics.of(Map.of("speed", 1.0))),
                    new Row.LogLine(ts, A, "van", ts, 1, Severity.INFO, "up", "{}")));
        }
        store.awaitReadable(SOON);
        assertThat(kept(before)).isEqualTo("A 2, B 2, logs 1, events 2, positions 2, van 2, its logs 1");

        store.retain("vehicle", new Retention(25, 10, 90, 30, 90, 730));
        store.expire(Instant.ofEpochMilli(NOON));
        store.append(List.of(log(A, before, "up again")));
        store.awaitReadable(SOON);
        assertThat(kept(before)).isEqualTo("A 2, B 2, logs 2, events 2, positions 1, van 2, its logs 1");

        reopen();
        store.retain("vehicle", new Retention(7, 90, 15, 90, 90, 730));
        store.expire(Instant.ofEpochMilli(NOON));
        store.appendLate(List.of(position(A, before, 7.0)));
        store.awaitReadable(SOON);
        assertThat(kept(before)).isEqualTo("A 1, B 1, logs 2, events 1, positions 2, van 2, its logs 1");
    }

    private String kept(long from) {
        long to = NOON + 1;
        TailQuery vehicle = new TailQuery("vehicle", A, from, to, null, null, null, 10);
        TailQuery van = new TailQuery("van", A, from, to, null, null, null, 10);
        return "A %d, B %d, logs %d, events %d, positions %d, van %d, its logs %d"
                .formatted(
                        store.range(new SeriesQuery("vehicle", A, List.of("speed"), from, to), 10)
                                .size(),
                        store.range(new SeriesQuery("vehicle", B, List.of("speed"), from, to), 10)
                                .size(),
                        store.logs(vehicle).size(),
                        store.events(vehicle).size(),
                        store.positions(vehicle).size(),
                        store.range(new SeriesQuery("van", A, List.of("speed"), from, to), 10)
                                .size(),
                        store.logs(van).size());
    }
}
