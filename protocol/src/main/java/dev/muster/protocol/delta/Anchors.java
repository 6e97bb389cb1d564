package dev.muster.protocol.delta;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Places of a file that are found again in another: a hash rolls over the last 64 bytes, and where it has zeros in front, about every
 * 4,096 bytes, it is remembered. What comes before or after does not matter, so content that has moved is found.
 */
final class Anchors {
    private static final int LEADING_ZEROS = 12;
    private static final long AMBIGUOUS = -1;
    private static final long[] GEAR = gear();

    private final Map<Long, Long> places = new HashMap<>();

    /** The same in every run: what is found decides about size only, but deltas that can be made again are easier to look into. */
    private static long[] gear() {
        SplittableRandom random = new SplittableRandom(20_261_126);
        long[] values = new long[256];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextLong();
        }
        return values;
    }

    @FunctionalInterface
    private interface Found {
        void at(long hash, int position);
    }

    /** @param offset of the bytes in the file */
    void remember(ByteBuffer bytes, long offset) {
        each(bytes, (hash, position) -> places.merge(hash, offset + position, (one, other) -> AMBIGUOUS));
    }

    /** How many of these bytes' anchors lie in each bucket of the remembered file. */
    int[] votes(ByteBuffer bytes, int bucketBytes, int buckets) {
        int[] votes = new int[buckets];
        each(bytes, (hash, _) -> {
            long place = places.getOrDefault(hash, AMBIGUOUS);
            if (place != AMBIGUOUS) {
                votes[(int) (place / bucketBytes)]++;
            }
        });
        return votes;
    }

    /** A run of one byte, all of which may be anchors, counts once. */
    private static void each(ByteBuffer bytes, Found found) {
        long hash = 0;
        long last = 0;
        for (int i = bytes.position(); i < bytes.limit(); i++) {
            hash = (hash << 1) + GEAR[bytes.get(i) & 0xFF];
            if (Long.numberOfLeadingZeros(hash) >= LEADING_ZEROS && hash != last && i - bytes.position() >= 64) {
                found.at(hash, i - bytes.position());
                last = hash;
            }
        }
    }
}
