package dev.muster.telemetry.intake;

import dev.muster.protocol.MetricNames;

/** 64-bit hashes that are part of keys in the store: they never change from version to version. */
final class Keys {
    private static final long OFFSET_BASIS = 0xcbf29ce484222325L;
    private static final long PRIME = 0x100000001b3L;

    private Keys() {}

    /** Of a set of metric names; their order does not count. */
    static long names(MetricNames names) {
        long sum = 0;
        for (int i = 0; i < names.size(); i++) {
            sum += spread(text(OFFSET_BASIS, names.name(i)));
        }
        return spread(sum + names.size());
    }

    static long content(String... parts) {
        long hash = OFFSET_BASIS;
        for (String part : parts) {
            // A length in front, so that ("a", "bc") and ("ab", "c") differ.
            hash = text((hash ^ part.length()) * PRIME, part);
        }
        return spread(hash);
    }

    /** Tells entries of a journal apart, and the readings in one entry; never 0. */
    static long place(long offset, int index) {
        long place = spread(spread(offset + 1) + index + 1);
        return place == 0 ? 1 : place;
    }

    /** FNV-1a over UTF-16 code units. */
    private static long text(long hash, String text) {
        for (int i = 0; i < text.length(); i++) {
            hash = (hash ^ text.charAt(i)) * PRIME;
        }
        return hash;
    }

    /** The finalizer of MurmurHash3: FNV alone spreads short texts badly. */
    private static long spread(long hash) {
        hash = (hash ^ (hash >>> 33)) * 0xff51afd7ed558ccdL;
        hash = (hash ^ (hash >>> 33)) * 0xc4ceb9fe1a85ec53L;
        return hash ^ (hash >>> 33);
    }
}
