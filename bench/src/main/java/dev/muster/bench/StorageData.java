package dev.muster.bench;

import dev.muster.protocol.AssetId;
import dev.muster.protocol.Metrics;
import dev.muster.telemetry.questdb.QuestDbStore;
import dev.muster.telemetry.store.MetricKind;
import dev.muster.telemetry.store.Retention;
import dev.muster.telemetry.store.Row;
import io.airlift.compress.zstd.ZstdOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;

/**
 * A day of real traces, laid into a telemetry store that no server has open, as the server would have on that day; and what the same
 * values take in plain zstd.
 */
final class StorageData implements AutoCloseable {
    private static final int BATCH = 20_000;
    private static final Duration READABLE = Duration.ofMinutes(10);

    private final QuestDbStore store;
    private final Traces traces;
    private final Random random = new Random(42);
    private final List<Row> batch = new ArrayList<>(BATCH);
    private final List<Packed> values = new ArrayList<>();
    private final List<Packed> keys = List.of(new Packed(), new Packed(), new Packed());
    private long points;

    StorageData(Path questdb, Traces traces) {
        this.traces = traces;
        store = QuestDbStore.open(questdb, Retention.STANDARD, false, Clock.systemUTC());
        store.declare(
                QueryData.TYPE,
                Traces.METRICS.stream().collect(Collectors.toMap(metric -> metric, _ -> MetricKind.NUMBER)));
        Traces.METRICS.forEach(_ -> values.add(new Packed()));
    }

    /** In the order of time: each asset has a phase of its own within the pace, and its clock some milliseconds of jitter. */
    void day(LocalDate day, int assets, Duration pace) {
        long start = day.atStartOfDay(ZoneOffset.UTC).toInstant().toEpochMilli();
        long step = pace.toMillis();
        int readings = (int) (Duration.ofDays(1).toMillis() / step);
        for (int reading = 0; reading < readings; reading++) {
            for (int asset = 0; asset < assets; asset++) {
                long phase = (step - 100) * asset / assets;
                add(asset, reading, start + reading * step + phase + random.nextInt(20));
            }
        }
        flush();
    }

    private void add(int asset, int reading, long ts) {
        long received = ts + 20 + random.nextInt(100);
        Map<String, Object> row = new LinkedHashMap<>();
        for (int metric = 0; metric < Traces.METRICS.size(); metric++) {
            double value = traces.value(asset, metric, reading);
            row.put(Traces.METRICS.get(metric), value);
            values.get(metric).put(Double.doubleToRawLongBits(value));
            points++;
        }
        keys.get(0).put(ts);
        keys.get(1).put(received);
        keys.get(2).put(asset);
        batch.add(
                new Row.Sample(ts, new AssetId(QueryData.id(asset)), QueryData.TYPE, received, 7, 0, Metrics.of(row)));
        if (batch.size() == BATCH) {
            flush();
        }
    }

    private void flush() {
        store.append(batch);
        batch.clear();
    }

    long points() {
        return points;
    }

    long zstdOfValues() {
        return values.stream().mapToLong(Packed::size).sum();
    }

    long zstdOfRows() {
        return zstdOfValues() + keys.stream().mapToLong(Packed::size).sum();
    }

    @Override
    public void close() throws InterruptedException {
        store.awaitReadable(READABLE);
        store.close();
    }

    /** Numbers of 8 bytes, packed and counted. */
    private static final class Packed {
        private long bytes;
        private boolean finished;
        private final ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
        private final OutputStream out;

        Packed() {
            try {
                out = new ZstdOutputStream(new OutputStream() {
                    @Override
                    public void write(int b) {
                        bytes++;
                    }

                    @Override
                    public void write(byte[] b, int off, int len) {
                        bytes += len;
                    }
                });
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        void put(long number) {
            if (buffer.remaining() < Long.BYTES) {
                write();
            }
            buffer.putLong(number);
        }

        private void write() {
            try {
                out.write(buffer.array(), 0, buffer.position());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            buffer.clear();
        }

        /** Nothing may be put afterwards. */
        long size() {
            if (finished) {
                return bytes;
            }
            finished = true;
            write();
            try {
                out.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return bytes;
        }
    }
}
