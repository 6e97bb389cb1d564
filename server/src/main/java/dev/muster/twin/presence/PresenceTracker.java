package dev.muster.twin.presence;

import dev.muster.gateway.journal.JournalEntry;
import dev.muster.protocol.AssetId;
import dev.muster.registry.Presence;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings journal entries to the {@link PresenceEngine} and what comes out of it to the database: transitions at once,
 * the last signs of life every now and then.
 *
 * <p>After a kill the last signs of life may be older than the truth by {@link #CHECKPOINT}; that concerns only assets
 * that were connected, and those are given time to come back.
 */
public final class PresenceTracker {
    /** How often last signs of life are written. */
    static final Duration CHECKPOINT = Duration.ofSeconds(30);
    /** How often silence is looked for. */
    static final Duration SWEEP = Duration.ofSeconds(1);

    private static final Logger log = LoggerFactory.getLogger(PresenceTracker.class);

    private final PresenceStore store;
    private final PresenceEngine engine;
    private final Consumer<Set<AssetId>> firstReadings;
    private final Clock clock;
    private final long firstLiveOffset;
    private final Instant started;
    private boolean restored;
    private boolean live;
    private long applied = -1;
    private Instant nextCheckpoint;
    private Instant nextSweep = Instant.MIN;
    private Instant nextCleaning;
    /** Reported in the session that they have, as far as this process knows. */
    private final Set<AssetId> reporting = new HashSet<>();
    /** Those of them that nobody has been told about. */
    private final Set<AssetId> freshlyReporting = new HashSet<>();

    /**
     * @param ttl heartbeat TTL of an asset's type
     * @param firstLiveOffset of the journal when this server started, before its device plane: entries before it speak of
     *     sessions that are gone
     * @param firstReadings is told at least once which assets have reported, not for every reading
     */
    public PresenceTracker(
            PresenceStore store,
            Function<AssetId, Duration> ttl,
            long firstLiveOffset,
            Consumer<Set<AssetId>> firstReadings,
            Clock clock) {
        this.store = store;
        this.firstReadings = firstReadings;
        this.engine = new PresenceEngine(ttl);
        this.clock = clock;
        this.firstLiveOffset = firstLiveOffset;
        this.started = clock.instant();
        this.nextCheckpoint = started.plus(CHECKPOINT);
        this.nextCleaning = started;
    }

    /** Durable on return; entries that it has seen are passed over. */
    public void accept(List<JournalEntry> batch) {
        restore();
        for (JournalEntry entry : batch) {
            if (entry.offset() > applied) {
                if (entry.offset() >= firstLiveOffset) {
                    goLive();
                }
                apply(entry);
                applied = entry.offset();
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
            restored = true;
            log.info("presence of {} assets restored", stored.size());
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
                if (reporting.add(entry.asset())) {
                    freshlyReporting.add(entry.asset());
                }
            }
        }
    }

    private static String text(JournalEntry entry) {
        return new String(entry.payload(), StandardCharsets.UTF_8);
    }

    private void pass(Instant now) {
        if (live && !now.isBefore(nextSweep)) {
            engine.advance(now);
            nextSweep = now.plus(SWEEP);
        }
        boolean checkpoint = !clock.instant().isBefore(nextCheckpoint);
        if (checkpoint || engine.hasTransitions()) {
            PresenceEngine.Changes changes = engine.changes();
            Map<AssetId, PresenceState> states = new HashMap<>();
            changes.changed().forEach(asset -> engine.state(asset).ifPresent(state -> states.put(asset, state)));
            if (checkpoint) {
                changes.seen().forEach(asset -> engine.state(asset).ifPresent(state -> states.put(asset, state)));
                nextCheckpoint = clock.instant().plus(CHECKPOINT);
            }
            store.save(changes.transitions(), states);
            engine.stored(checkpoint);
        }
        if (!freshlyReporting.isEmpty()) {
            firstReadings.accept(Set.copyOf(freshlyReporting));
            freshlyReporting.clear();
        }
        if (!clock.instant().isBefore(nextCleaning)) {
            store.forgetTransitionsBefore(clock.instant().minus(PresenceStore.HISTORY));
            nextCleaning = clock.instant().plus(Duration.ofHours(1));
        }
    }

    /** How the asset stands now; empty when it was never seen. */
    Optional<PresenceState> state(AssetId asset) {
        return engine.state(asset);
    }

    /** Receive time of the last sign of life that this server knows of; not bound to the checkpoints of what is stored. */
    public Optional<Instant> lastSeen(AssetId asset) {
        return engine.state(asset).map(PresenceState::lastSeen);
    }

    /** How many assets there are of each presence, without those never seen. */
    public Map<Presence, Integer> counts() {
        return engine.counts();
    }
}
