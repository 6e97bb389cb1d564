package dev.muster.twin.availability;

import dev.muster.twin.availability.AvailabilityStore.Day;
import java.time.Duration;
import java.util.BitSet;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Consecutive days of one asset, to be counted. */
final class Timeline {
    private final long begin;
    private final BitSet reachable;
    private final BitSet stale;
    private final BitSet running;
    private final BitSet watched;

    /**
     * @param first the first day, counted from the epoch
     * @param last included
     * @param days what is stored of the asset, by day
     * @param bridge running goes on between two reports at most this far apart
     */
    Timeline(int first, int last, Map<Integer, Day> days, Map<Integer, byte[]> watched, Duration bridge) {
        this.begin = (long) first * Minutes.PER_DAY;
        this.reachable = join(first, last, days, Day::reachable);
        this.stale = join(first, last, days, Day::stale);
        this.running = bridged(join(first, last, days, Day::reported), Minutes.from(bridge.toMillis()));
        this.watched = join(first, last, watched, bits -> bits);
        stale.andNot(reachable);
    }

    private static <T> BitSet join(int first, int last, Map<Integer, T> days, Function<T, byte @Nullable []> map) {
        byte[] joined = new byte[(last - first + 1) * Minutes.BYTES_PER_DAY];
        days.forEach((day, stored) -> {
            byte[] bits = map.apply(stored);
            if (bits != null && day >= first && day <= last) {
                int at = (day - first) * Minutes.BYTES_PER_DAY;
                for (int i = 0; i < Minutes.BYTES_PER_DAY; i++) {
                    // PostgreSQL begins with the highest bit of a byte, BitSet with the lowest.
                    joined[at + i] = (byte) (Integer.reverse(bits[i]) >>> 24);
                }
            }
        });
        return BitSet.valueOf(joined);
    }

    private static BitSet bridged(BitSet reported, long bridge) {
        int minute = reported.nextSetBit(0);
        while (minute >= 0) {
            int next = reported.nextSetBit(minute + 1);
            if (next - minute <= bridge) {
                reported.set(minute, Math.max(minute, next));
            }
            minute = next;
        }
        return reported;
    }

    /** By day, from one minute up to another, which is not counted. */
    NavigableMap<Integer, Tally> byDay(long from, long to) {
        NavigableMap<Integer, Tally> days = new TreeMap<>();
        for (long minute = from; minute < to; ) {
            int day = Math.toIntExact(Math.floorDiv(minute, Minutes.PER_DAY));
            long end = Math.min(to, (day + 1L) * Minutes.PER_DAY);
            days.put(day, tally((int) (minute - begin), (int) (end - begin)));
            minute = end;
        }
        return days;
    }

    private Tally tally(int from, int to) {
        BitSet known = watched.get(from, to);
        BitSet reached = reachable.get(from, to);
        BitSet silent = stale.get(from, to);
        known.or(reached);
        known.or(silent);
        int minutes = to - from;
        int unknown = minutes - known.cardinality();
        int online = reached.cardinality();
        int open = silent.cardinality();
        return new Tally(
                minutes,
                online,
                open,
                unknown,
                minutes - unknown - online - open,
                running.get(from, to).cardinality());
    }
}
