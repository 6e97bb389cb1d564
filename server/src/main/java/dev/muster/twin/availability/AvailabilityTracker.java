package dev.muster.twin.availability;

import dev.muster.gateway.journal.JournalEntry;
import dev.muster.protocol.AssetId;
import dev.muster.protocol.Uplink;
import dev.muster.telemetry.intake.EventTime;
import dev.muster.twin.availability.AvailabilityStore.Checkpoint;
import dev.muster.twin.bucket.Bucket;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings journal entries to the {@link AvailabilityEngine}, and what comes out of it to the database at checkpoints.
 *
 * <p>The journal keeps what no checkpoint has, so a kill loses nothing: the entries come again, {@link #durable} says from
 * where. Checkpoints take at most a tenth of the time, whatever the number of assets.
 */
public final class AvailabilityTracker {
    static final Duration CHECKPOINT = Duration.ofSeconds(60);
    /** A checkpoint is followed by this many times its duration without one. */
    static final int REST = 9;
    /** Buckets whose gains a checkpoint writes to the days: all within less than an hour, which a word is longer than. */
    static final int DUE_AT_ONCE = 5;
    /** Words of late reports that may wait for a checkpoint. */
    static final int MAX_SET_ASIDE = 200_000;
    /** How long an entry may be on its way through the journal; what is younger is not told yet. */
    static final Duration ON_ITS_WAY = Duration.ofSeconds(30);

    private static final Logger log = LoggerFactory.getLogger(AvailabilityTracker.class);

    private final AvailabilityStore store;
    private final AvailabilityEngine engine;
    private final BooleanSupplier journalTakes;
    private final long maxUnstoredBytes;
    private final Clock clock;
    private final List<ServerRun> toTell = new ArrayList<>();
    private final List<ServerRun> told = new ArrayList<>();
    private int nextDue;
    private boolean restored;
    private long next;
    private volatile long durable;
    private long unstoredBytes;
    private long stalledUntil = Long.MIN_VALUE;
    private Instant nextCheckpoint;
    private Instant nextCleaning;

    /**
     * @param ttl heartbeat TTL of an asset's type
     * @param journalTakes false while entries wait in front of the journal, for example because the disk is full
     * @param maxUnstoredBytes of payloads after which a checkpoint is due in any case, so that the journal can forget
     */
    public AvailabilityTracker(
            AvailabilityStore store,
            Function<AssetId, Duration> ttl,
            BooleanSupplier journalTakes,
            long maxUnstoredBytes,
            Clock clock) {
        this.store = store;
        this.engine = new AvailabilityEngine(asset -> ttl.apply(asset).toMillis());
        this.journalTakes = journalTakes;
        this.maxUnstoredBytes = maxUnstoredBytes;
        this.clock = clock;
        this.nextCheckpoint = clock.instant().plus(CHECKPOINT);
        this.nextCleaning = clock.instant();
    }

    /**
     * To be called before assets can connect.
     *
     * @param firstOffset of the journal: entries before it speak of sessions that are gone
     */
    public void started(long firstOffset) {
        store.begin(new ServerRun(firstOffset, clock.millis()));
    }

    /** Entries that it has seen are passed over. */
    public void accept(List<JournalEntry> batch) {
        restore();
        for (JournalEntry entry : batch) {
            if (entry.offset() >= next) {
                tellRunsUpTo(entry.offset());
                apply(entry);
                next = entry.offset() + 1;
                unstoredBytes += entry.payload().length;
            }
        }
        checkpointWhenDue(batch.getLast().receivedAt());
    }

    /** Nothing waits in the journal: the time is now. */
    public void caughtUp() {
        restore();
        tellRunsUpTo(Long.MAX_VALUE);
        checkpointWhenDue(clock.millis());
    }

    /** Entries below this offset need not come again. */
    public long durable() {
        return durable;
    }

    private void restore() {
        if (restored) {
            return;
        }
        Checkpoint last = store.checkpoint()
                .orElseThrow(() -> new IllegalStateException("the start of this server was not noted"));
        engine.restore(store.sessions(), store.lines(), last.progress());
        toTell.addAll(store.runs());
        next = last.nextOffset();
        durable = next;
        restored = true;
        log.info("availability goes on with {} assets from entry {}", engine.assets(), next);
    }

    private void tellRunsUpTo(long offset) {
        while (!toTell.isEmpty() && toTell.getFirst().firstOffset() <= offset) {
            ServerRun run = toTell.removeFirst();
            engine.restarted(run.started());
            told.add(run);
        }
    }

    private void apply(JournalEntry entry) {
        long at = entry.receivedAt();
        switch (entry.kind()) {
            case SESSION_OPENED -> engine.opened(entry.asset(), session(entry.payload()), at);
            case SESSION_CLOSED -> engine.closed(entry.asset(), session(entry.payload()), at);
            case SAMPLES, SPANS -> engine.seen(entry.asset(), at);
            case HELLO, COMMAND_RESULT, HEARTBEAT, TELEMETRY, POSITION, STATE_REPORTED, EVENTS, LOGS -> {
                engine.seen(entry.asset(), at);
                reported(entry, entry.requireUplink());
            }
        }
    }

    private void reported(JournalEntry entry, Uplink uplink) {
        switch (uplink) {
            case Uplink.Hello _, Uplink.CommandResult _ -> reported(entry, (Long) null);
            case Uplink.Heartbeat heartbeat -> reported(entry, heartbeat.ts());
            case Uplink.StateReport report -> reported(entry, report.ts());
            case Uplink.Telemetry telemetry -> telemetry.readings().forEach(each -> reported(entry, each.ts()));
            case Uplink.Positions positions -> positions.fixes().forEach(each -> reported(entry, each.ts()));
            case Uplink.Events events -> events.events().forEach(each -> reported(entry, each.ts()));
            case Uplink.Logs logs -> logs.records().forEach(each -> reported(entry, each.ts()));
        }
    }

    private void reported(JournalEntry entry, @Nullable Long ts) {
        EventTime time = EventTime.of(ts, entry.receivedAt(), entry.offset(), 0, AvailabilityStore.KEPT_DAYS);
        if (time.verdict() != EventTime.Verdict.TOO_OLD) {
            engine.reported(entry.asset(), time.ts());
        }
    }

    /** FNV-1a of the session's id, which ends at a space; never 0, which stands for no session. */
    static long session(byte[] payload) {
        long hash = 0xcbf29ce484222325L;
        for (byte b : payload) {
            if (b == ' ') {
                break;
            }
            hash = (hash ^ (b & 0xff)) * 0x100000001b3L;
        }
        return hash == 0 ? 1 : hash;
    }

    private void checkpointWhenDue(long heardUntil) {
        Instant now = clock.instant();
        if (!journalTakes.getAsBoolean()) {
            // A session that closes now is told of when there is room again, with the time of now.
            stalledUntil = now.plus(ON_ITS_WAY).toEpochMilli();
        }
        if (now.isBefore(nextCheckpoint) && unstoredBytes < maxUnstoredBytes && engine.setAside() < MAX_SET_ASIDE) {
            return;
        }
        if (now.toEpochMilli() > stalledUntil) {
            engine.advance(heardUntil - ON_ITS_WAY.toMillis());
        }
        long begun = System.nanoTime();
        BitSet due = new BitSet(Bucket.COUNT);
        due.set(nextDue, Math.min(Bucket.COUNT, nextDue + DUE_AT_ONCE));
        store.save(engine, due, next, told);
        Duration took = Duration.ofNanos(System.nanoTime() - begun);
        engine.stored(due);
        nextDue = nextDue + DUE_AT_ONCE >= Bucket.COUNT ? 0 : nextDue + DUE_AT_ONCE;
        told.clear();
        durable = next;
        unstoredBytes = 0;
        Duration rest = took.multipliedBy(REST);
        nextCheckpoint = now.plus(rest.compareTo(CHECKPOINT) > 0 ? rest : CHECKPOINT);
        if (!now.isBefore(nextCleaning)) {
            store.forgetBefore(LocalDate.ofInstant(now, ZoneOffset.UTC).minusDays(AvailabilityStore.KEPT_DAYS));
            nextCleaning = now.plus(Duration.ofMinutes(10));
        }
    }
}
