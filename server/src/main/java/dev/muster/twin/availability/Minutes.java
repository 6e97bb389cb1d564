package dev.muster.twin.availability;

/**
 * How minutes are numbered: from the epoch, 1,440 to a UTC day, and 64 to a word of a day's map, the first of them in the
 * highest bit, as {@code bit(1440)} of PostgreSQL has it.
 */
final class Minutes {
    static final int PER_DAY = 1_440;
    static final int PER_WORD = 64;
    static final int WORDS_PER_DAY = 23;
    static final int BYTES_PER_DAY = PER_DAY / 8;

    private static final long MILLIS = 60_000;

    private Minutes() {}

    /** The minute that the moment lies in. */
    static long of(long millis) {
        return Math.floorDiv(millis, MILLIS);
    }

    /** The first minute that begins at the moment or later. */
    static long from(long millis) {
        return Math.ceilDiv(millis, MILLIS);
    }

    static long millis(long minute) {
        return minute * MILLIS;
    }

    /** The word that holds the minute, counted from the epoch. */
    static long word(long minute) {
        return Math.floorDiv(minute, PER_DAY) * WORDS_PER_DAY + Math.floorMod(minute, PER_DAY) / PER_WORD;
    }

    static int day(long word) {
        return Math.toIntExact(Math.floorDiv(word, WORDS_PER_DAY));
    }

    /** The minute of the day with which the word begins. */
    static int shift(long word) {
        return Math.floorMod(word, WORDS_PER_DAY) * PER_WORD;
    }

    /** The minute's bit in its word. */
    static long bit(long minute) {
        return Long.MIN_VALUE >>> (Math.floorMod(minute, PER_DAY) % PER_WORD);
    }
}
