package dev.muster.gateway.journal;

import dev.muster.protocol.AssetId;
import dev.muster.protocol.PayloadFormat;
import dev.muster.protocol.Uplink;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The journal in local files. */
public final class LocalJournal implements Journal {
    private static final Logger log = LoggerFactory.getLogger(LocalJournal.class);
    private static final byte[] NO_SUBTOPIC = new byte[0];

    private final JournalConfig config;
    private final JournalLock lock;
    private final Segments segments;
    private final ConsumerOffsets offsets;
    private final RecentEntries recent;
    private final Intake intake;
    private final JournalMetrics metrics;
    private final JournalWriter writer;
    private final JournalKeeper keeper;
    private final Thread writerThread;
    private final Thread keeperThread;
    private final Set<String> reading = ConcurrentHashMap.newKeySet();

    /**
     * Reads what is there through, cuts a torn end off, and takes entries.
     *
     * @throws JournalException when another process has it open, or what was durable is damaged or missing
     */
    public static LocalJournal open(JournalConfig config, MeterRegistry registry) throws IOException {
        return open(config, registry, FileChannel::open);
    }

    static LocalJournal open(JournalConfig config, MeterRegistry registry, ChannelOpener opener) throws IOException {
        config.requireConsistent();
        SyncedDirectory directory = SyncedDirectory.make(
                config.directory(), opener, config.acknowledge() != JournalConfig.Acknowledge.WHEN_WRITTEN);
        JournalLock lock = JournalLock.take(directory.resolve("lock"));
        try {
            return new LocalJournal(config, registry, directory, lock);
        } catch (IOException | RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    private LocalJournal(JournalConfig config, MeterRegistry registry, SyncedDirectory directory, JournalLock lock)
            throws IOException {
        this.config = config;
        this.lock = lock;
        this.segments = Segments.recover(directory);
        this.offsets = ConsumerOffsets.load(directory);
        agree(directory);
        this.recent = new RecentEntries(config.memory(), segments.last().end());
        this.intake = new Intake(config, segments::bytes);
        this.metrics = new JournalMetrics(registry);
        this.writer =
                new JournalWriter(config, intake, recent, new ActiveSegment(config, directory, segments), metrics);
        this.keeper = new JournalKeeper(config.pace().commit(), offsets, segments, intake);
        measure();
        warnIfUnsafe();
        this.keeperThread = Thread.ofPlatform().daemon().name("journal-keeper").start(keeper);
        this.writerThread = Thread.ofPlatform().daemon().name("journal-writer").start(writer);
        log.info(
                "journal in {}: offsets {} to {}, {} bytes",
                directory.path(),
                segments.firstOffset(),
                recent.next(),
                segments.bytes());
    }

    /** Brings the consumers' offsets, the configured consumers and the segments together. */
    private void agree(SyncedDirectory directory) {
        long end = segments.last().end();
        offsets.all().forEach((consumer, offset) -> {
            if (offset > end) {
                throw new JournalException(
                        "journal in " + directory.path() + " ends at offset " + end + ", consumer "
                                + consumer + " had committed " + offset + ": entries that were synced are gone;"
                                + " restore the segments from a copy, or move the directory away to begin with an empty journal");
            }
        });
        offsets.raiseTo(segments.firstOffset());
        config.consumers().forEach(consumer -> offsets.register(consumer, segments::firstOffset));
        if (!config.consumers().isEmpty()) {
            for (String consumer : offsets.names()) {
                if (!config.consumers().contains(consumer)) {
                    log.info("journal consumer {} is not configured any more and is forgotten", consumer);
                    offsets.forget(consumer);
                }
            }
        }
    }

    private void measure() {
        metrics.gauge("queued", "entries offered and not yet durable", intake::unsettled);
        metrics.gauge("bytes", "on disk", segments::bytes);
        metrics.gauge(
                "max.bytes", "bound of the bytes on disk", () -> config.files().maxBytes());
        offsets.names().forEach(this::measureLag);
    }

    private void measureLag(String consumer) {
        metrics.lag(consumer, () -> lag().getOrDefault(consumer, 0L));
    }

    private void warnIfUnsafe() {
        switch (config.acknowledge()) {
            case WHEN_SYNCED -> {}
            case WHEN_WRITTEN, WHEN_TAKEN ->
                log.warn(
                        "journal acknowledges {}: power loss or a kill loses acknowledged entries",
                        config.acknowledge());
        }
    }

    @Override
    public boolean offer(
            long receivedAt,
            AssetId asset,
            EntryKind kind,
            String subtopic,
            PayloadFormat format,
            byte[] payload,
            @Nullable Uplink decoded,
            Ack ack) {
        byte[] subtopicBytes = subtopic.isEmpty() ? NO_SUBTOPIC : subtopic.getBytes(StandardCharsets.UTF_8);
        requireFits(asset, kind, subtopicBytes, payload);
        Intake.Answer answer =
                intake.offer(new Offered(receivedAt, asset, kind, subtopicBytes, format, payload, decoded, ack));
        return switch (answer) {
            case TAKEN -> true;
            case CLOSED -> {
                metrics.failed(JournalFailure.Reason.CLOSED, 1);
                ack.failed(new JournalFailure(JournalFailure.Reason.CLOSED, "the journal is closed"));
                yield true;
            }
            case QUEUE_FULL, DISK_BOUND, PAUSED -> {
                metrics.refused(answer);
                yield false;
            }
        };
    }

    private void requireFits(AssetId asset, EntryKind kind, byte[] subtopic, byte[] payload) {
        if (payload.length > config.entries().maxBytes()) {
            throw new IllegalArgumentException("journal entry " + kind + " of " + asset + " has " + payload.length
                    + " bytes; at most " + config.entries().maxBytes() + " are allowed");
        }
        if (subtopic.length > RecordFormat.MAX_SUBTOPIC_BYTES) {
            throw new IllegalArgumentException("journal entry " + kind + " of " + asset + " has a subtopic of "
                    + subtopic.length + " bytes; at most " + RecordFormat.MAX_SUBTOPIC_BYTES + " are allowed");
        }
    }

    @Override
    public void whenRoom(Runnable task) {
        if (!intake.whenRoom(task)) {
            task.run();
        }
    }

    @Override
    public JournalReader reader(String consumer) {
        JournalConfig.requireConsumerName(consumer);
        if (!config.consumers().isEmpty() && !config.consumers().contains(consumer)) {
            throw new IllegalArgumentException(
                    "journal consumer " + consumer + " is not configured; these are: " + config.consumers());
        }
        if (!reading.add(consumer)) {
            throw new IllegalStateException("journal consumer " + consumer + " has a reader already; close it first");
        }
        if (keeper.register(consumer)) {
            measureLag(consumer);
        }
        return new LocalReader(
                consumer, segments, recent, offsets, metrics.undecodable(consumer), () -> reading.remove(consumer));
    }

    @Override
    public void forget(String consumer) {
        if (reading.contains(consumer)) {
            throw new IllegalStateException("journal consumer " + consumer + " is reading; close its reader first");
        }
        offsets.forget(consumer);
    }

    /** For a backup, while entries come and consumers go on. */
    public JournalCopy copy() {
        return new JournalCopy(keeper, segments);
    }

    @Override
    public JournalHealth health() {
        return new JournalHealth(
                problem(),
                segments.firstOffset(),
                recent.next(),
                segments.bytes(),
                config.files().maxBytes(),
                intake.unsettled(),
                lag());
    }

    private @Nullable String problem() {
        JournalFailure trouble = writer.trouble();
        if (trouble != null) {
            return trouble.message();
        }
        if (!writerThread.isAlive()) {
            return "the journal is closed";
        }
        if (!intake.hasDiskRoom()) {
            return "the journal in " + config.directory() + " holds " + segments.bytes() + " of at most "
                    + config.files().maxBytes() + " bytes; entries not committed by consumer: " + lag()
                    + "; mend the consumer that is behind, or raise the bound";
        }
        return null;
    }

    private Map<String, Long> lag() {
        Map<String, Long> lag = new TreeMap<>(offsets.all());
        lag.replaceAll((consumer, offset) -> Math.max(0, recent.next() - offset));
        return lag;
    }

    @Override
    public void close() {
        intake.close();
        join(writerThread);
        recent.close();
        keeper.close();
        join(keeperThread);
        metrics.close();
        try {
            lock.close();
        } catch (IOException e) {
            log.warn("the lock of the journal in {} could not be given back", config.directory(), e);
        }
    }

    private static void join(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true; // the files must be let go in any case
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
