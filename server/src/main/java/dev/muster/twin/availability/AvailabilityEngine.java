package dev.muster.twin.availability;

import dev.muster.protocol.AssetId;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Marks the minutes in which assets were reachable, stale or reporting, and those in which the server watched.
 *
 * <p>Knows no clock and forgets nothing that is not stored: what it marked since the last checkpoint is {@linkplain
 * #forEachGain handed out} until {@link #stored}. Bits are only ever gained. All times are milliseconds since the epoch.
 * Used by one thread.
 */
final class AvailabilityEngine {
    /** After a start of the server its assets need time to come back; their absence says nothing so long. */
    static final long SETTLING_MILLIS = 60_000;

    /** Nobody asks for more, and a clock that jumped shall not mark years. */
    private static final long MAX_SPAN_MILLIS =
            Duration.ofDays(AvailabilityStore.KEPT_DAYS).toMillis();

    private final ToLongFunction<AssetId> ttl;
    private final Map<AssetId, Line> lines = new HashMap<>();
    /** Gains of other words than a line's own: late reports, and words that ended since the last checkpoint. */
    private final Map<Place, Gain> aside = new HashMap<>();

    private final Map<Long, Long> watched = new HashMap<>();
    private long alive = Long.MIN_VALUE;
    private long known = Long.MIN_VALUE;
    private long watchFrom = Long.MAX_VALUE;

    /** @param ttl heartbeat TTL of an asset's type in milliseconds */
    AvailabilityEngine(ToLongFunction<AssetId> ttl) {
        this.ttl = ttl;
    }

    /** One asset: its session, and what it gained in the word that it writes to. */
    private static final class Line {
        /** 0 for none. */
        long session;

        long lastSeen;
        /** Up to here its session is told of by marks. */
        long marked;

        long word = Long.MIN_VALUE;

        @Nullable Gain gain;

        boolean sessionChanged;
    }

    private record Place(AssetId asset, long word) {}

    /** Bits of one word by {@link Mark}. */
    static final class Gain {
        long reachable;
        long stale;
        long reported;

        void add(Mark mark, long bits) {
            switch (mark) {
                case REACHABLE -> reachable |= bits;
                case STALE -> stale |= bits;
                case REPORTED -> reported |= bits;
            }
        }
    }

    /** An open session as it is remembered. */
    record Session(long id, long lastSeen) {}

    /**
     * How far everything is told.
     *
     * @param known what was received before is in the marks
     * @param alive the last moment at which this run of the server is known to have lived
     * @param watchFrom the first minute that this run of the server watches and that is not in the marks
     */
    record Progress(long known, long alive, long watchFrom) {
        static final Progress NONE = new Progress(Long.MIN_VALUE, Long.MIN_VALUE, Long.MAX_VALUE);
    }

    interface Gains {
        void gained(AssetId asset, long word, Gain gain);
    }

    interface Sessions {
        /** @param session null when it is closed */
        void changed(AssetId asset, @Nullable Session session);
    }

    void restore(Map<AssetId, Session> sessions, Progress progress) {
        known = progress.known();
        alive = progress.alive();
        watchFrom = progress.watchFrom();
        sessions.forEach((asset, session) -> {
            Line line = new Line();
            line.session = session.id();
            line.lastSeen = session.lastSeen();
            line.marked = Math.max(session.lastSeen(), known);
            lines.put(asset, line);
        });
    }

    /** Another session of the asset that is still open was taken over. */
    void opened(AssetId asset, long session, long at) {
        Line line = line(asset);
        tell(asset, line, at);
        line.session = session;
        sign(asset, line, at);
    }

    /** The closing of a session that was taken over comes after the opening of the new one, and changes nothing. */
    void closed(AssetId asset, long session, long at) {
        alive = Math.max(alive, at);
        Line line = lines.get(asset);
        if (line != null && line.session == session && session != 0) {
            tell(asset, line, at);
            line.session = 0;
            line.sessionChanged = true;
        }
    }

    /** Any uplink is a sign of life; without a session it reaches no further than its minute. */
    void seen(AssetId asset, long at) {
        Line line = line(asset);
        tell(asset, line, at);
        sign(asset, line, at);
    }

    /** @param ts event time of a report */
    void reported(AssetId asset, long ts) {
        mark(asset, line(asset), Mark.REPORTED, ts, ts);
    }

    /** A run of the server begins: the one before ended with the last that is known of it, and its sessions with it. */
    void restarted(long started) {
        watch(alive);
        lines.forEach((asset, line) -> {
            if (line.session != 0) {
                tell(asset, line, alive);
                line.session = 0;
                line.sessionChanged = true;
            }
        });
        watchFrom = Minutes.from(started + SETTLING_MILLIS);
        alive = Math.max(alive, started);
    }

    /** All that was received before the moment is told; open sessions are marked up to the minute that it lies in. */
    void advance(long moment) {
        long whole = Minutes.millis(Minutes.of(moment));
        if (whole <= known) {
            return;
        }
        known = whole;
        alive = Math.max(alive, whole);
        lines.forEach((asset, line) -> tell(asset, line, whole));
        watch(whole);
    }

    private void watch(long until) {
        long end = Minutes.of(until);
        for (; watchFrom < end; watchFrom++) {
            watched.merge(Minutes.word(watchFrom), Minutes.bit(watchFrom), (before, bit) -> before | bit);
        }
    }

    private Line line(AssetId asset) {
        return lines.computeIfAbsent(asset, _ -> new Line());
    }

    /** Marks how an open session stood since it was told of last. */
    private void tell(AssetId asset, Line line, long until) {
        if (line.session == 0 || until <= line.marked) {
            return;
        }
        long from = Math.max(line.marked, until - MAX_SPAN_MILLIS);
        long due = line.lastSeen + ttl.applyAsLong(asset);
        if (from < due) {
            mark(asset, line, Mark.REACHABLE, from, Math.min(until, due) - 1);
        }
        if (due < until) {
            mark(asset, line, Mark.STALE, Math.max(from, due), until - 1);
        }
        line.marked = until;
    }

    private void sign(AssetId asset, Line line, long at) {
        alive = Math.max(alive, at);
        mark(asset, line, Mark.REACHABLE, at, at);
        if (line.session == 0) {
            return;
        }
        if (at < line.marked) {
            // The clock went back, or it came late: what was told as silence was not.
            mark(asset, line, Mark.REACHABLE, at, Math.min(line.marked, at + ttl.applyAsLong(asset)) - 1);
        }
        line.lastSeen = Math.max(line.lastSeen, at);
        line.marked = Math.max(line.marked, at);
        line.sessionChanged = true;
    }

    /** Both ends included. */
    private void mark(AssetId asset, Line line, Mark mark, long from, long to) {
        long last = Minutes.of(to);
        for (long minute = Minutes.of(from); minute <= last; minute++) {
            gainOf(asset, line, Minutes.word(minute)).add(mark, Minutes.bit(minute));
        }
    }

    private Gain gainOf(AssetId asset, Line line, long word) {
        Gain own = line.gain;
        if (word == line.word && own != null) {
            return own;
        }
        if (word < line.word) {
            return aside.computeIfAbsent(new Place(asset, word), _ -> new Gain());
        }
        if (own != null) {
            aside.put(new Place(asset, line.word), own);
        }
        line.word = word;
        line.gain = aside.remove(new Place(asset, word));
        if (line.gain == null) {
            line.gain = new Gain();
        }
        return line.gain;
    }

    // ---- what a checkpoint stores

    /** Words of several days that wait for a checkpoint, beyond one for each asset. */
    int setAside() {
        return aside.size();
    }

    void forEachGain(Gains gains) {
        lines.forEach((asset, line) -> {
            if (line.gain != null) {
                gains.gained(asset, line.word, line.gain);
            }
        });
        aside.forEach((place, gain) -> gains.gained(place.asset(), place.word(), gain));
    }

    void forEachSession(Sessions sessions) {
        lines.forEach((asset, line) -> {
            if (line.sessionChanged) {
                sessions.changed(asset, line.session == 0 ? null : new Session(line.session, line.lastSeen));
            }
        });
    }

    /** By word, the minutes that the server watched. */
    Map<Long, Long> watched() {
        return watched;
    }

    Progress progress() {
        return new Progress(known, alive, watchFrom);
    }

    int assets() {
        return lines.size();
    }

    /** What was handed out is durable; assets without a session need not be remembered. */
    void stored() {
        aside.clear();
        watched.clear();
        for (Iterator<Line> all = lines.values().iterator(); all.hasNext(); ) {
            Line line = all.next();
            if (line.session == 0) {
                all.remove();
            } else {
                line.gain = null;
                line.sessionChanged = false;
            }
        }
    }
}
