package dev.muster.bench;

import dev.muster.gateway.journal.EntryKind;
import dev.muster.gateway.journal.Journal;
import dev.muster.gateway.journal.JournalConfig;
import dev.muster.gateway.journal.JournalConfig.Acknowledge;
import dev.muster.gateway.journal.JournalFailure;
import dev.muster.gateway.journal.JournalReader;
import dev.muster.gateway.journal.LocalJournal;
import dev.muster.protocol.AssetId;
import dev.muster.protocol.MalformedPayloadException;
import dev.muster.protocol.PayloadFormat;
import dev.muster.protocol.Uplink;
import dev.muster.protocol.UplinkCodec;
import dev.muster.protocol.UplinkKind;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Appends to a journal in local files, acknowledged when synced, with one consumer that keeps up; beside a bare loop that
 * writes and syncs the same bytes in the same batches, and beside the journal without syncs.
 */
@Command(name = "journal", mixinStandardHelpOptions = true, description = "Durable appends per second.")
final class JournalBench implements Callable<Integer> {
    /** Of a record in the journal: the payload, the asset's id and the frame around them. */
    private static final int RECORD_BYTES = Payloads.reading(0).length + 45;

    @Option(names = "--seconds", defaultValue = "5", description = "Of each measurement (default 5).")
    private int seconds;

    @Option(names = "--threads", defaultValue = "2", description = "That offer (default 2).")
    private int threads;

    @Option(names = "--rate", defaultValue = "20000", description = "Entries per second for latencies (default 20000).")
    private int rate;

    @Option(names = "--directory", description = "On the disk to measure (default: bench/target/journal).")
    private Path directory = Programs.root().resolve("bench/target/journal");

    private record Result(double perSecond, double batchEntries, double batchBytes, double cpuMicros) {}

    @Override
    public Integer call() throws Exception {
        Figures figures = new Figures("journal", System.out);
        figures.setting("seconds", seconds);
        figures.setting("threads", threads);
        figures.setting("payload-bytes", Payloads.reading(System.currentTimeMillis()).length);
        figures.setting("sync-interval", "5 ms");
        figures.setting("file-store", Files.getFileStore(Files.createDirectories(directory)));

        saturate(Acknowledge.WHEN_SYNCED, Math.min(3, seconds)); // so that code is compiled
        Result synced = saturate(Acknowledge.WHEN_SYNCED, seconds);
        double bare = writeAndSync((int) synced.batchBytes, seconds) * synced.batchEntries;
        Result unsynced = saturate(Acknowledge.WHEN_WRITTEN, seconds);
        figures.figure("journal.appends", synced.perSecond, "entries/s");
        figures.figure("journal.batch", synced.batchEntries, "entries/sync");
        figures.figure("journal.cpu", synced.cpuMicros, "us/entry (generator and consumer included)");
        figures.figure("reference.bare-write-and-sync", bare, "entries/s");
        figures.figure("reference.journal-without-sync", unsynced.perSecond, "entries/s");
        figures.figure("journal.to-bare", synced.perSecond / bare, "ratio");
        figures.figure("journal.to-unsynced", synced.perSecond / unsynced.perSecond, "ratio");

        Histogram latency = openLoop(rate, seconds);
        figures.setting("latency-rate", rate + " entries/s, open loop, from the intended time to the acknowledgement");
        figures.figure("journal.latency.p50", latency.getValueAtPercentile(50) / 1e6, "ms");
        figures.figure("journal.latency.p99", latency.getValueAtPercentile(99) / 1e6, "ms");
        figures.figure("journal.latency.p99.9", latency.getValueAtPercentile(99.9) / 1e6, "ms");
        figures.figure("journal.latency.max", latency.getMaxValue() / 1e6, "ms");
        figures.write(Programs.root());
        return 0;
    }

    /** As many entries as the journal takes; who is refused waits for room. */
    private Result saturate(Acknowledge acknowledge, int seconds) throws Exception {
        empty();
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        LongAdder durable = new LongAdder();
        try (LocalJournal journal =
                        LocalJournal.open(JournalConfig.in(directory).with(acknowledge), registry);
                Consumer consumer = new Consumer(journal)) {
            Counting ack = new Counting(durable);
            long end = System.nanoTime() + Duration.ofSeconds(seconds).toNanos();
            long cpu = cpuNanos();
            long begun = System.nanoTime();
            List<Thread> offering = java.util.stream.IntStream.range(0, threads)
                    .mapToObj(t -> Thread.ofPlatform().start(() -> offerUntil(journal, end, t, ack)))
                    .toList();
            for (Thread thread : offering) {
                thread.join();
            }
            double taken = (System.nanoTime() - begun) / 1e9;
            long count = durable.sum();
            double cpuMicros = (cpuNanos() - cpu) / 1e3 / count;
            double batch = registry.get("muster.journal.batch").summary().mean();
            consumer.requireAlive();
            return new Result(count / taken, batch, batch * RECORD_BYTES, cpuMicros);
        }
    }

    private static void offerUntil(Journal journal, long end, int thread, Journal.Ack ack) {
        AssetId[] assets = new AssetId[500];
        for (int i = 0; i < assets.length; i++) {
            assets[i] = new AssetId("asset-" + thread + "-" + i);
        }
        byte[][] payloads = new byte[assets.length][];
        Uplink[] uplinks = new Uplink[assets.length];
        for (int i = 0; i < payloads.length; i++) {
            payloads[i] = Payloads.reading(System.currentTimeMillis());
            uplinks[i] = decoded(payloads[i]);
        }
        for (int i = 0; System.nanoTime() < end; i = (i + 1) % assets.length) {
            if (!offer(journal, assets[i], payloads[i], uplinks[i], ack)) {
                awaitRoom(journal);
            }
        }
    }

    private static boolean offer(Journal journal, AssetId asset, byte[] payload, Uplink uplink, Journal.Ack ack) {
        return journal.offer(
                System.currentTimeMillis(), asset, EntryKind.TELEMETRY, "", PayloadFormat.JSON, payload, uplink, ack);
    }

    private static Uplink decoded(byte[] payload) {
        try {
            return UplinkCodec.decode(UplinkKind.TELEMETRY, "", PayloadFormat.JSON, payload);
        } catch (MalformedPayloadException e) {
            throw new IllegalStateException("a generated payload cannot be decoded", e);
        }
    }

    private static void awaitRoom(Journal journal) {
        CountDownLatch room = new CountDownLatch(1);
        journal.whenRoom(room::countDown);
        try {
            room.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted while measuring", e);
        }
    }

    /** Entries at a fixed rate, whatever the journal does; latency counts from when each should have been offered. */
    private Histogram openLoop(int rate, int seconds) throws Exception {
        empty();
        Histogram latencies = new ConcurrentHistogram(Duration.ofMinutes(1).toNanos(), 3);
        try (LocalJournal journal = LocalJournal.open(JournalConfig.in(directory), new SimpleMeterRegistry());
                Consumer consumer = new Consumer(journal)) {
            AssetId asset = new AssetId("asset-1");
            byte[] payload = Payloads.reading(System.currentTimeMillis());
            Uplink uplink = decoded(payload);
            long count = (long) rate * seconds;
            CountDownLatch settled = new CountDownLatch((int) count);
            long begun = System.nanoTime();
            for (long i = 0; i < count; i++) {
                long intended = begun + i * 1_000_000_000L / rate;
                while (System.nanoTime() < intended) {
                    LockSupport.parkNanos(intended - System.nanoTime());
                }
                Journal.Ack ack = new Timed(intended, i > rate ? latencies : null, settled); // a second to warm up
                while (!offer(journal, asset, payload, uplink, ack)) {
                    awaitRoom(journal);
                }
            }
            settled.await();
            consumer.requireAlive();
        }
        return latencies;
    }

    /** Batches of zeros, written and synced by a bare channel; returns batches per second. */
    private double writeAndSync(int batchBytes, int seconds) throws IOException {
        empty();
        ByteBuffer batch = ByteBuffer.allocateDirect(batchBytes);
        long batches = 0;
        long begun = System.nanoTime();
        long end = begun + Duration.ofSeconds(seconds).toNanos();
        try (FileChannel channel =
                FileChannel.open(directory.resolve("bare"), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            while (System.nanoTime() < end) {
                if (channel.position() > 64 << 20) {
                    channel.truncate(0);
                }
                batch.clear();
                while (batch.hasRemaining()) {
                    channel.write(batch);
                }
                channel.force(false);
                batches++;
            }
        }
        return batches * 1e9 / (System.nanoTime() - begun);
    }

    private void empty() throws IOException {
        Files.createDirectories(directory);
        try (var files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
    }

    private static long cpuNanos() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean system
                ? system.getProcessCpuTime()
                : 0;
    }

    private record Counting(LongAdder durable) implements Journal.Ack {
        @Override
        public void durable(long offset) {
            durable.increment();
        }

        @Override
        public void failed(JournalFailure failure) {
            throw new IllegalStateException(failure.message());
        }
    }

    private record Timed(
            long intended,
            @org.jspecify.annotations.Nullable Histogram latencies,
            CountDownLatch settled) implements Journal.Ack {
        @Override
        public void durable(long offset) {
            if (latencies != null) {
                latencies.recordValue(System.nanoTime() - intended);
            }
            settled.countDown();
        }

        @Override
        public void failed(JournalFailure failure) {
            throw new IllegalStateException(failure.message());
        }
    }

    /** Reads everything and commits it, so that segments go. */
    private static final class Consumer implements AutoCloseable {
        private final JournalReader reader;
        private final Thread thread;
        private volatile boolean closing;

        Consumer(Journal journal) {
            this.reader = journal.reader("bench");
            this.thread = Thread.ofPlatform().start(this::consume);
        }

        private void consume() {
            try {
                while (!closing) {
                    if (!reader.poll(10_000, Duration.ofMillis(50)).isEmpty()) {
                        reader.commit(reader.position());
                    }
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        void requireAlive() {
            if (!thread.isAlive()) {
                throw new IllegalStateException("the consumer ended");
            }
        }

        @Override
        public void close() throws InterruptedException {
            closing = true;
            thread.join();
            reader.close();
        }
    }
}
