package dev.muster.twin.availability;

import dev.muster.protocol.AssetId;
import dev.muster.twin.bucket.Bucket;
import dev.muster.twin.bucket.Packer;
import dev.muster.twin.bucket.Unpacker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Marks the minutes in which assets were reachable, stale or reporting, and those in which the server watched.
 *
 * <p>Knows no clock and forgets nothing that is not stored. Bits are only ever gained. A checkpoint {@linkplain #pack packs} all
 * lines, some thousand in a row, with what they gained; {@linkplain #forEachGain written to the days} is at a time only what those
 * gained whose bucket is due, so that a day's row is written once in an hour and not with every minute. All times are
 * milliseconds since the epoch. Used by one thread.
 */
final class AvailabilityEngine {
    /** After a start of the server its assets need time to come back; their absence says nothing so long. */
    static final long SETTLING_MILLIS = 60_000;

    /** Nobody asks for more, and a clock that jumped shall not mark years. */
    private static final long MAX_SPAN_MILLIS =
            Duration.ofDays(AvailabilityStore.KEPT_DAYS).toMillis();

    /** Of an asset whose session was closed: it is not online because it was heard of before. */
    private static final long UNHEARD = Long.MIN_VALUE / 2;

    private static final byte HAS_SESSION = 1;
    private static final byte HEARD = 2;
    private static final byte GAINED = 4;
    private static final byte GAINED_BEFORE = 8;

    private final ToLongFunction<AssetId> ttl;
    private final List<Map<AssetId, Line>> lines = new ArrayList<>(Bucket.COUNT);
    /** Gains of other words than the two of a line: mostly late reports. */
    private final Map<Place, Gain> aside = new HashMap<>();

    private final Map<Long, Long> watched = new HashMap<>();
    private long alive = Long.MIN_VALUE;
    private long known = Long.MIN_VALUE;
    private long watchFrom = Long.MAX_VALUE;

    /** @param ttl heartbeat TTL of an asset's type in milliseconds */
    AvailabilityEngine(ToLongFunction<AssetId> ttl) {
        this.ttl = ttl;
        for (int bucket = 0; bucket < Bucket.COUNT; bucket++) {
            lines.add(new HashMap<>());
        }
    }

    /** One asset: how it stands, and what it gained in the word that it writes to and in the one before. */
    private static final class Line {
        /** 0 for none. */
        long session;

        long lastSeen = UNHEARD;
        /** Up to here it is told of by marks. */
        long marked;

        long word = Long.MIN_VALUE;
        long wordBefore = Long.MIN_VALUE;

        @Nullable Gain gain;

        @Nullable Gain before;

        /** Nothing of it is left to be told. */
        boolean isOver(long ttl) {
            return session == 0 && lastSeen + ttl <= marked;
        }
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

        Gain plus(Gain other) {
            reachable |= other.reachable;
            stale |= other.stale;
            reported |= other.reported;
            return this;
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

    /**
     * @param sessions those of a checkpoint that did not pack them
     * @param packed see {@link #pack}
     */
    void restore(Map<AssetId, Session> sessions, Collection<byte[]> packed, Progress progress) {
        known = progress.known();
        alive = progress.alive();
        watchFrom = progress.watchFrom();
        sessions.forEach((asset, session) -> {
            Line line = line(asset);
            line.session = session.id();
            line.lastSeen = session.lastSeen();
            line.marked = Math.max(session.lastSeen(), known);
        });
        packed.forEach(each -> unpack(each, (asset, line) -> {
            line.marked = Math.max(line.lastSeen, known);
            lines.get(Bucket.of(asset)).put(asset.shared(), line);
        }));
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
        Line line = lines.get(Bucket.of(asset)).get(asset);
        if (line != null && line.session == session && session != 0) {
            tell(asset, line, at);
            line.session = 0;
            line.lastSeen = UNHEARD;
        }
    }

    /** Any uplink is a sign of life; without a session too it holds for the TTL. */
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
        forEach((asset, line) -> {
            tell(asset, line, alive);
            line.session = 0;
            line.lastSeen = UNHEARD;
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
        forEach((asset, line) -> tell(asset, line, whole));
        watch(whole);
    }

    private void watch(long until) {
        long end = Minutes.of(until);
        for (; watchFrom < end; watchFrom++) {
            watched.merge(Minutes.word(watchFrom), Minutes.bit(watchFrom), (before, bit) -> before | bit);
        }
    }

    private Line line(AssetId asset) {
        Map<AssetId, Line> bucket = lines.get(Bucket.of(asset));
        Line line = bucket.get(asset);
        if (line == null) {
            line = new Line();
            bucket.put(asset.shared(), line);
        }
        return line;
    }

    private void forEach(BiConsumer<AssetId, Line> each) {
        lines.forEach(bucket -> bucket.forEach(each));
    }

    /** Marks how the asset stood since it was told of last. */
    private void tell(AssetId asset, Line line, long until) {
        if (until <= line.marked) {
            return;
        }
        long from = Math.max(line.marked, until - MAX_SPAN_MILLIS);
        long due = line.lastSeen + ttl.applyAsLong(asset);
        if (from < due) {
            mark(asset, line, Mark.REACHABLE, from, Math.min(until, due) - 1);
        }
        if (due < until && line.session != 0) {
            mark(asset, line, Mark.STALE, Math.max(from, due), until - 1);
        }
        line.marked = until;
    }

    private void sign(AssetId asset, Line line, long at) {
        alive = Math.max(alive, at);
        mark(asset, line, Mark.REACHABLE, at, at);
        if (at < line.marked) {
            // The clock went back, or it came late: what was told as silence was not.
            mark(asset, line, Mark.REACHABLE, at, Math.min(line.marked, at + ttl.applyAsLong(asset)) - 1);
        }
        line.lastSeen = Math.max(line.lastSeen, at);
        line.marked = Math.max(line.marked, at);
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
            Gain before = line.before;
            return word == line.wordBefore && before != null
                    ? before
                    : aside.computeIfAbsent(new Place(asset, word), _ -> new Gain());
        }
        if (word > line.word) {
            if (line.before != null) {
                aside.merge(new Place(asset, line.wordBefore), line.before, Gain::plus);
            }
            line.wordBefore = line.word;
            line.before = own;
        }
        line.word = word;
        line.gain = aside.remove(new Place(asset, word));
        if (line.gain == null) {
            line.gain = new Gain();
        }
        return line.gain;
    }

    // ---- what a checkpoint stores

    /** Words of several days that wait for a checkpoint, beyond two for each asset. */
    int setAside() {
        return aside.size();
    }

    /** What is to be written to the days. @param due buckets; of the others only what is set aside */
    void forEachGain(BitSet due, Gains gains) {
        due.stream().forEach(bucket -> lines.get(bucket).forEach((asset, line) -> forEachGain(asset, line, gains)));
        aside.forEach((place, gain) -> gains.gained(place.asset(), place.word(), gain));
    }

    private static void forEachGain(AssetId asset, Line line, Gains gains) {
        if (line.gain != null) {
            gains.gained(asset, line.word, line.gain);
        }
        if (line.before != null) {
            gains.gained(asset, line.wordBefore, line.before);
        }
    }

    /** All that is kept of the assets of a bucket; empty when there are none. @param due without what is written to the days */
    byte[] pack(int bucket, BitSet due) {
        Packer packer = new Packer();
        lines.get(bucket).forEach((asset, line) -> pack(packer, asset, line, !due.get(bucket)));
        return packer.packed();
    }

    private static void pack(Packer packer, AssetId asset, Line line, boolean withGains) {
        Gain gain = withGains ? line.gain : null;
        Gain before = withGains ? line.before : null;
        int has = (line.session == 0 ? 0 : HAS_SESSION)
                | (line.lastSeen == UNHEARD ? 0 : HEARD)
                | (gain == null ? 0 : GAINED)
                | (before == null ? 0 : GAINED_BEFORE);
        if (has == 0) {
            return;
        }
        packer.put(asset).put((byte) has);
        if (line.session != 0) {
            packer.putBits(line.session);
        }
        if (line.lastSeen != UNHEARD) {
            packer.put(line.lastSeen);
        }
        if (gain != null) {
            packer.put(line.word).putBits(gain.reachable).put(gain.stale).putBits(gain.reported);
        }
        if (before != null) {
            packer.put(line.wordBefore)
                    .putBits(before.reachable)
                    .put(before.stale)
                    .putBits(before.reported);
        }
    }

    private static void unpack(byte[] packed, BiConsumer<AssetId, Line> each) {
        Unpacker unpacker = new Unpacker(packed);
        while (unpacker.hasMore()) {
            AssetId asset = unpacker.asset();
            byte has = unpacker.single();
            Line line = new Line();
            line.session = (has & HAS_SESSION) == 0 ? 0 : unpacker.bits();
            line.lastSeen = (has & HEARD) == 0 ? UNHEARD : unpacker.number();
            if ((has & GAINED) != 0) {
                line.word = unpacker.number();
                line.gain = gain(unpacker);
            }
            if ((has & GAINED_BEFORE) != 0) {
                line.wordBefore = unpacker.number();
                line.before = gain(unpacker);
            }
            each.accept(asset, line);
        }
    }

    private static Gain gain(Unpacker unpacker) {
        Gain gain = new Gain();
        gain.reachable = unpacker.bits();
        gain.stale = unpacker.number();
        gain.reported = unpacker.bits();
        return gain;
    }

    /** What is packed and not yet in the days. */
    static void forEachGain(byte[] packed, Gains gains) {
        unpack(packed, (asset, line) -> forEachGain(asset, line, gains));
    }

    /** By word, the minutes that the server watched. */
    Map<Long, Long> watched() {
        return watched;
    }

    Progress progress() {
        return new Progress(known, alive, watchFrom);
    }

    int assets() {
        return lines.stream().mapToInt(Map::size).sum();
    }

    /** What was handed out and packed is durable; an asset of which nothing is left to tell is not remembered. */
    void stored(BitSet due) {
        aside.clear();
        watched.clear();
        due.stream()
                .forEach(bucket -> lines.get(bucket).entrySet().removeIf(entry -> {
                    Line line = entry.getValue();
                    line.gain = null;
                    line.before = null;
                    return line.isOver(ttl.applyAsLong(entry.getKey()));
                }));
    }
}
