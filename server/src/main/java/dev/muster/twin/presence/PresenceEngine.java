package dev.muster.twin.presence;

import dev.muster.protocol.AssetId;
import dev.muster.registry.Presence;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Works out presence: online is whoever gave a sign of life within its type's heartbeat TTL, stale an open session silent for
 * longer, offline no session and nothing heard, be it that the session closed or that an asset without one (device HTTPS) is
 * silent.
 *
 * <p>Knows no clock: every call brings its time, and an asset is stale <em>at</em> its last sign of life plus TTL whenever
 * that is noticed, so the same entries give the same transitions. What changed is kept until it is {@linkplain #changes
 * taken}. One thread changes it, any may read.
 */
final class PresenceEngine {
    /** Time to come back after a restart of the server, for types with a shorter TTL. */
    static final Duration MIN_RECONNECT = Duration.ofSeconds(60);

    static final String SESSION_OPENED = "session_opened";
    static final String SIGN_OF_LIFE = "sign_of_life";
    static final String SILENT = "silent";
    static final String SERVER_RESTART = "server_restart";

    private final HeartbeatTtls ttls;
    private final Map<AssetId, PresenceState> states = new ConcurrentHashMap<>();
    private final List<PresenceTransition> transitions = new ArrayList<>();
    private final Set<AssetId> changed = new HashSet<>();
    /** How many there are of each; asked far more often than a million states may be gone through. */
    private final AtomicIntegerArray counts = new AtomicIntegerArray(Presence.values().length);

    PresenceEngine(HeartbeatTtls ttls) {
        this.ttls = ttls;
    }

    /** What is to be stored at once: transitions, and assets whose states changed by more than a sign of life. */
    record Changes(List<PresenceTransition> transitions, Set<AssetId> changed) {}

    void restore(Map<AssetId, PresenceState> stored) {
        stored.forEach(this::count);
    }

    void opened(AssetId asset, String session, Instant at) {
        PresenceState before = states.get(asset);
        if (before == null) {
            move(
                    asset.shared(),
                    Presence.NEVER_SEEN,
                    new PresenceState(Presence.ONLINE, at, SESSION_OPENED, at, session, null));
            return;
        }
        silentUntil(asset, before, at);
        PresenceState now = states.getOrDefault(asset, before).seen(at);
        if (now.presence() == Presence.ONLINE) {
            // A takeover, or back after a restart of the server: nobody could tell that it was away.
            put(asset, new PresenceState(Presence.ONLINE, now.since(), now.reason(), now.lastSeen(), session, null));
        } else {
            move(
                    asset,
                    now.presence(),
                    new PresenceState(Presence.ONLINE, at, SESSION_OPENED, now.lastSeen(), session, null));
        }
    }

    /** The closing of a session that was taken over comes after the opening of the new one, and changes nothing. */
    void closed(AssetId asset, String session, String reason, Instant at) {
        PresenceState before = states.get(asset);
        if (before == null || !session.equals(before.session())) {
            return;
        }
        silentUntil(asset, before, at);
        PresenceState now = states.getOrDefault(asset, before);
        move(asset, now.presence(), new PresenceState(Presence.OFFLINE, at, reason, now.lastSeen(), null, null));
    }

    /** Any uplink is a sign of life. */
    void seen(AssetId asset, Instant at) {
        PresenceState before = states.get(asset);
        if (before == null) {
            move(
                    asset.shared(),
                    Presence.NEVER_SEEN,
                    new PresenceState(Presence.ONLINE, at, SIGN_OF_LIFE, at, null, null));
            return;
        }
        silentUntil(asset, before, at);
        PresenceState now = states.getOrDefault(asset, before).seen(at);
        if (now.presence() != Presence.ONLINE && !at.isBefore(now.since())) {
            move(
                    asset,
                    now.presence(),
                    new PresenceState(Presence.ONLINE, at, SIGN_OF_LIFE, now.lastSeen(), now.session(), null));
        } else if (now.reconnectUntil() != null) {
            // Back after a restart of the server, without a session.
            put(asset, new PresenceState(now.presence(), now.since(), now.reason(), now.lastSeen(), null, null));
        } else {
            states.put(asset, now);
        }
    }

    /** An entry that was told before a kill comes again: of it only the last sign of life may not be stored. */
    void heardBefore(AssetId asset, Instant at) {
        states.computeIfPresent(asset, (_, state) -> state.seen(at));
    }

    /** No session outlives the server; those who come back in time were not away. */
    void restarted(Instant at) {
        states.replaceAll((asset, state) -> {
            if (state.reconnectUntil() != null || state.presence() == Presence.OFFLINE) {
                return state;
            }
            changed.add(asset);
            Duration reconnect = ttlOf(asset).compareTo(MIN_RECONNECT) > 0 ? ttlOf(asset) : MIN_RECONNECT;
            return new PresenceState(
                    state.presence(), state.since(), state.reason(), state.lastSeen(), null, at.plus(reconnect));
        });
    }

    /** Time has passed: whoever was silent for too long is stale, whoever did not come back after a restart is offline. */
    void advance(Instant now) {
        Instant heardEnough = now.minus(ttls.least());
        states.forEach((asset, state) -> {
            if (state.reconnectUntil() != null || !state.lastSeen().isAfter(heardEnough)) {
                silentUntil(asset, state, now);
            }
        });
    }

    private void silentUntil(AssetId asset, PresenceState state, Instant now) {
        Instant until = state.reconnectUntil();
        if (until != null) {
            if (!now.isBefore(until)) {
                move(
                        asset,
                        state.presence(),
                        new PresenceState(Presence.OFFLINE, until, SERVER_RESTART, state.lastSeen(), null, null));
            }
        } else if (state.presence() == Presence.ONLINE) {
            Instant due = state.lastSeen().plus(ttlOf(asset));
            if (!now.isBefore(due)) {
                Presence silent = state.session() == null ? Presence.OFFLINE : Presence.STALE;
                move(
                        asset,
                        Presence.ONLINE,
                        new PresenceState(silent, due, SILENT, state.lastSeen(), state.session(), null));
            }
        }
    }

    private Duration ttlOf(AssetId asset) {
        return ttls.of(asset);
    }

    private void move(AssetId asset, Presence from, PresenceState to) {
        put(asset, to);
        transitions.add(new PresenceTransition(asset, to.since(), from, to.presence(), to.reason()));
    }

    private void put(AssetId asset, PresenceState state) {
        count(asset, state);
        changed.add(asset);
    }

    private void count(AssetId asset, PresenceState state) {
        PresenceState before = states.put(asset, state);
        if (before != null) {
            counts.decrementAndGet(before.presence().ordinal());
        }
        counts.incrementAndGet(state.presence().ordinal());
    }

    Optional<PresenceState> state(AssetId asset) {
        return Optional.ofNullable(states.get(asset));
    }

    @Nullable PresenceState stateOrNull(AssetId asset) {
        return states.get(asset);
    }

    Map<Presence, Integer> counts() {
        Map<Presence, Integer> now = new EnumMap<>(Presence.class);
        for (Presence presence : Presence.values()) {
            int count = counts.get(presence.ordinal());
            if (count > 0) {
                now.put(presence, count);
            }
        }
        return now;
    }

    /** What is to be stored; stays until {@link #stored} says that it is. */
    Changes changes() {
        return new Changes(List.copyOf(transitions), Set.copyOf(changed));
    }

    boolean hasTransitions() {
        return !transitions.isEmpty() || !changed.isEmpty();
    }

    void stored() {
        transitions.clear();
        changed.clear();
    }

    /** Assets that gave a sign of life since they are as they are; of the others all is stored with their states. */
    void forEachHeard(BiConsumer<AssetId, PresenceState> each) {
        states.forEach((asset, state) -> {
            if (state.lastSeen().isAfter(state.since())) {
                each.accept(asset, state);
            }
        });
    }
}
