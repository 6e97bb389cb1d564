package dev.muster.simulator.device;

/**
 * The seeded choices of one asset. The same seed, asset, purpose and key give the same choice, in whatever order they are
 * asked for and however often the simulator was started again.
 */
public record Draw(long seed, String asset) {
    private static final long FNV_PRIME = 0x100000001b3L;
    private static final long FNV_OFFSET = 0xcbf29ce484222325L;

    /** Uniform, from 0 to below 1. */
    public double unit(String purpose, Object key) {
        return (bits(purpose, key) >>> 11) * 0x1p-53;
    }

    public boolean falls(Share share, String purpose, Object key) {
        return unit(purpose, key) < share.fraction();
    }

    /** Uniform within the span, both ends included. */
    public long within(Span span, String purpose, Object key) {
        return span.lowest() + (long) (unit(purpose, key) * (span.highest() - span.lowest() + 1));
    }

    private long bits(String purpose, Object key) {
        long hash = hashed(hashed(hashed(FNV_OFFSET ^ seed * 0x9E3779B97F4A7C15L, asset), purpose), key.toString());
        hash = (hash ^ (hash >>> 33)) * 0xFF51AFD7ED558CCDL;
        hash = (hash ^ (hash >>> 33)) * 0xC4CEB9FE1A85EC53L;
        return hash ^ (hash >>> 33);
    }

    /** FNV-1a, each text ended by a character that none contains. */
    private static long hashed(long hash, String text) {
        long mixed = hash;
        for (int i = 0; i < text.length(); i++) {
            mixed = (mixed ^ text.charAt(i)) * FNV_PRIME;
        }
        return (mixed ^ 0xFFFF) * FNV_PRIME;
    }
}
