package dev.muster.telemetry.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.muster.protocol.AssetId;
import dev.muster.protocol.Metrics;
import dev.muster.protocol.Severity;
import dev.muster.telemetry.store.TelemetryStore.Cursor;
import dev.muster.telemetry.store.TelemetryStore.Reading;
import dev.muster.telemetry.store.TelemetryStore.SeriesQuery;
import dev.muster.telemetry.store.TelemetryStore.TailQuery;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A {@link TelemetryStore} that is opened for each test, and rows for it. */
public abstract class TelemetryStoreFixture {
    protected static final long NOON = 1_795_435_200_000L;

    protected static final AssetId A = new AssetId("truck-1");

    protected static final AssetId B = new AssetId("truck-2");

    protected static final Duration SOON = Duration.ofSeconds(20);

    protected TelemetryStore store = null_();

    /** Over the same data each time it is called within one test. */
    protected abstract TelemetryStore open();

    @SuppressWarnings("NullAway") // set before every test
    private static TelemetryStore null_() {
        return null;
    }

    @BeforeEach
    final void openStore() {
        store = open();
    }

    @AfterEach
    final void closeStore() {
        store.close();
    }

    protected final void reopen() {
        store.close();
        store = open();
    }

    protected static Row.Sample sample(AssetId asset, long ts, Map<String, Object> values) {
        CRC32 names = new CRC32();
        names.update(values.keySet().stream().sorted().toList().toString().getBytes(UTF_8));
        return new Row.Sample(ts, asset, "vehicle", ts + 5, names.getValue(), 0, Metrics.of(values));
    }

    protected final List<Reading> readings(AssetId asset, String... metrics) {
        return store.range(new SeriesQuery("vehicle", asset, List.of(metrics), NOON, NOON + 86_400_000), 100_000);
    }

    protected final void append(Row... rows) throws InterruptedException {
        store.append(List.of(rows));
        store.awaitReadable(SOON);
    }

    protected final void declareVehicle() {
        store.declare(
                "vehicle",
                Map.of("speed", MetricKind.NUMBER, "engine.on", MetricKind.BOOLEAN, "gear", MetricKind.TEXT));
    }

    protected static TailQuery tail(AssetId asset, int limit, @Nullable Cursor before) {
        return new TailQuery("vehicle", asset, NOON, NOON + 86_400_000, before, null, null, limit);
    }

    protected static Row.LogLine log(AssetId asset, long ts, String body) {
        return log(asset, ts, Severity.INFO, body);
    }

    protected static Row.LogLine log(AssetId asset, long ts, Severity severity, String body) {
        return new Row.LogLine(ts, asset, "vehicle", ts, body.hashCode(), severity, body, "{}");
    }

    protected static Row.Happening event(AssetId asset, long ts, String type) {
        return new Row.Happening(ts, asset, "vehicle", ts, type.hashCode(), type, Severity.WARN, null, "{\"n\":1}");
    }

    protected static Row.Position position(AssetId asset, long ts, double lat) {
        return new Row.Position(ts, asset, "vehicle", ts, lat, 13.4, null, 3.0, null, 2.5, "3d");
    }
}
