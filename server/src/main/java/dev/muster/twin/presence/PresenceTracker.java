package dev.muster.twin.presence;

import dev.muster.gateway.journal.EntryKind;
import dev.muster.gateway.journal.JournalEntry;
import dev.muster.protocol.AssetId;
import dev.muster.registry.Presence;
import dev.muster.twin.bucket.Bucket;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings journal entries to the {@link PresenceEngine} and what comes out of it to the database: transitions at once, the
 * last signs of life at checkpoints, some thousand in a row.
 *
 * <p>The journal keeps what no checkpoint has, so a kill loses nothing: entries come again from {@link #durable} on, and those whose
 * transitions are stored move only the last sign of life. The registry's copy of it, which selectors ask, follows within {@link
 * #REGISTRY_FOLLOWS}.
 */
public final class PresenceTracker {
    /** How often last signs of life are written. */
    static final Duration CHECKPOINT = Duration.ofSeconds(60);
    /** How old the registry's last sign of life of an asset may be that is heard of all the time. */
    static final Duration REGISTRY_FOLLOWS = Duration.ofHours(1);

    /** Buckets whose assets the registry is told of at a checkpoint, so that it is told of each within the hour. */
    private static final int TOLD_AT_ONCE = Math.ceilDiv(Bucket.COUNT, (int) REGISTRY_FOLLOWS.dividedBy(CHECKPOINT));

    /** How often silence is looked for. */
    static final Duration SWEEP = Duration.ofSeconds(1);
    /** Between two looks at everybody, in looks: those take a small share of the time, however many assets there are. */
    private static final int REST_AFTER_SWEEP = 50;

    private static final Logger log = LoggerFactory.getLogger(PresenceTracker.class);

    private final PresenceStore store;
    private final PresenceEngine engine;
    private final Consumer<Set<AssetId>> firstReadings;
    private final Clock clock;
    private final long maxUnstoredBytes;
    private final long firstLiveOffset;
    private final Instant started;
    private boolean restored;
    private boolean live;
    private long applied = -1;
    /** Transitions of entries below it are stored. */
    private long told;

    private volatile long durable;
    private long unstoredBytes;
    /** Buckets of which somebody was heard since the last checkpoint. */
    private final BitSet heardIn = new BitSet(Bucket.COUNT);

    private int nextToTell;
    private Instant nextCheckpoint;
    private Instant nextSweep = Instant.MIN;
    private Instant nextCleaning;
    /** Reported in the session that they have, as far as this process knows. */
    private final Set<AssetId> reporting = new HashSet<>();
    /** Those of them that nobody has been told about. */
    private final Set<AssetId> freshlyReporting = new HashSet<>();

    /**
     * @param ttls how long assets may be silent
     * @param firstLiveOffset of the journal when this server started, before its device plane: entries before it speak of
     *     sessions that are gone
     * @param maxUnstoredBytes of payloads after which a checkpoint is due in any case, so that the journal can forget
     * @param firstReadings is told at least once which assets have reported, not for every reading
     */
    public PresenceTracker(
            PresenceStore store,
            HeartbeatTtls ttls,
            long firstLiveOffset,
            long maxUnstoredBytes,
            Consumer<Set<AssetId>> firstReadings,
            Clock clock) {
        this.store = store;
        this.firstReadings = firstReadings;
        this.engine = new PresenceEngine(ttls);
        this.clock = clock;
        this.firstLiveOffset = firstLiveOffset;
        this.maxUnstoredBytes = maxUnstoredBytes;
        this.started = clock.instant();
        this.nextCheckpoint = started.plus(CHECKPOINT);
        this.nextCleaning = started;
    }

    /** Transitions are stored on return; entries that it has seen are passed over. */
    public void accept(List<JournalEntry> batch) {
        restore();
        for (JournalEntry entry : batch) {
            if (entry.offset() > applied) {
                if (entry.offset() >= firstLiveOffset) {
                    goLive();
                }
                apply(entry);
                applied = entry.offset();
                unstoredBytes += entry.payload().length;
            }
        }
        // Time has passed for everybody, not only for those who spoke.
        pass(Instant.ofEpochMilli(batch.getLast().receivedAt()));
    }

    /** Nothing waits in the journal: the time is now. */
    public void caughtUp() {
        restore();
        goLive();
        pass(clock.instant());
    }

    private void restore() {
        if (!restored) {
            Map<AssetId, PresenceState> stored = store.load();
            engine.restore(stored);
            long next = store.nextOffset();
            told = next > firstLiveOffset ? 0 : next; // beyond its end: the journal is another one
            restored = true;
            log.info("presence of {} assets restored, as of entry {}", stored.size(), told);
        }
    }

    private void goLive() {
        if (!live) {
            engine.restarted(started);
            live = true;
        }
    }

    private void apply(JournalEntry entry) {
        Instant at = Instant.ofEpochMilli(entry.receivedAt());
        heardIn.set(Bucket.of(entry.asset()));
        if (entry.offset() < told) {
            if (entry.kind() != EntryKind.SESSION_CLOSED) {
                engine.heardBefore(entry.asset(), at);
            }
            return;
        }
        switch (entry.kind()) {
            case SESSION_OPENED -> {
                engine.opened(entry.asset(), text(entry), at);
                reporting.remove(entry.asset());
            }
            case SESSION_CLOSED -> {
                String[] parts = text(entry).split(" ", 2);
                engine.closed(entry.asset(), parts[0], parts.length > 1 ? parts[1] : "closed", at);
            }
            case HELLO, HEARTBEAT, COMMAND_RESULT -> engine.seen(entry.asset(), at);
            case TELEMETRY, POSITION, STATE_REPORTED, EVENTS, LOGS, SAMPLES, SPANS -> {
                engine.seen(entry.asset(), at);
                if (!reporting.contains(entry.asset())) {
                    AssetId asset = entry.asset().shared();
                    reporting.add(asset);
                    freshlyReporting.add(asset);
                }
            }
        }
    }

    private static String text(JournalEntry entry) {
        return new String(entry.payload(), StandardCharsets.UTF_8);
    }

    private void pass(Instant now) {
        if (live && !now.isBefore(nextSweep)) {
            Instant begun = clock.instant();
            engine.advance(now);
            nextSweep = now.plus(restAfter(Duration.between(begun, clock.instant())));
        }
        save();
        if (!freshlyReporting.isEmpty()) {
            firstReadings.accept(Set.copyOf(freshlyReporting));
            freshlyReporting.clear();
        }
        if (!clock.instant().isBefore(nextCleaning)) {
            store.forgetTransitionsBefore(clock.instant().minus(PresenceStore.HISTORY));
            nextCleaning = clock.instant().plus(Duration.ofHours(1));
        }
    }

    /** @param took by the clock, which may have been set meanwhile */
    private static Duration restAfter(Duration took) {
        Duration rest = took.multipliedBy(REST_AFTER_SWEEP);
        if (rest.compareTo(SWEEP) < 0) {
            return SWEEP;
        }
        return rest.compareTo(CHECKPOINT) > 0 ? CHECKPOINT : rest;
    }

    private void save() {
        boolean checkpoint = !clock.instant().isBefore(nextCheckpoint) || unstoredBytes >= maxUnstoredBytes;
        if (!checkpoint && !engine.hasTransitions()) {
            return;
        }
        PresenceEngine.Changes changes = engine.changes();
        Map<AssetId, PresenceState> states = new HashMap<>();
        changes.changed().forEach(asset -> engine.state(asset).ifPresent(state -> states.put(asset, state)));
        long next = Math.max(told, applied + 1);
        if (!checkpoint) {
            store.save(changes.transitions(), states, next);
            engine.stored();
            return;
        }
        Heard heard = new Heard(heardIn);
        BitSet toTell = new BitSet(Bucket.COUNT);
        toTell.set(nextToTell, Math.min(Bucket.COUNT, nextToTell + TOLD_AT_ONCE));
        Map<AssetId, PresenceState> followed = new HashMap<>();
        engine.forEachHeard((asset, state) -> {
            int bucket = Bucket.of(asset);
            heard.add(bucket, asset, state.lastSeen());
            if (toTell.get(bucket)) {
                followed.put(asset, state);
            }
        });
        store.checkpoint(changes.transitions(), states, next, heard, followed);
        engine.stored();
        heardIn.clear();
        durable = Math.max(durable, applied + 1);
        unstoredBytes = 0;
        nextToTell = nextToTell + TOLD_AT_ONCE >= Bucket.COUNT ? 0 : nextToTell + TOLD_AT_ONCE;
        nextCheckpoint = clock.instant().plus(CHECKPOINT);
    }

    /** Entries below this offset need not come again. */
    public long durable() {
        return durable;
    }

    /** How the asset stands now; empty when it was never seen. */
    Optional<PresenceState> state(AssetId asset) {
        return engine.state(asset);
    }

    /** Receive time of the last sign of life that this server knows of; not bound to the checkpoints of what is stored. */
    public Optional<Instant> lastSeen(AssetId asset) {
        return engine.state(asset).map(PresenceState::lastSeen);
    }

    /** Whether this server knows it to be online; another server may know so of an asset that speaks to it. */
    public boolean isOnline(AssetId asset) {
        return engine.state(asset)
                .filter(state -> state.presence() == Presence.ONLINE)
                .isPresent();
    }

    /** How many assets there are of each presence, without those never seen. */
    public Map<Presence, Integer> counts() {
        return engine.counts();
    }
}
