package dev.muster.gateway.download;

import org.jspecify.annotations.Nullable;

/** The part of a file that a request asks for: one range of bytes (RFC 9110 section 14); several are answered with the whole. */
sealed interface ByteRange {
    record Whole() implements ByteRange {}

    /** @param length at least 1 */
    record Part(long offset, long length) implements ByteRange {}

    /** Outside of the file: 416. */
    record Unsatisfiable() implements ByteRange {}

    /** @param ifRange ETag under which the client holds the rest, with its quotes: another one gets the whole */
    static ByteRange of(@Nullable String range, @Nullable String ifRange, String etag, long size) {
        if (range == null || (ifRange != null && !ifRange.equals(etag)) || !range.startsWith("bytes=")) {
            return new Whole();
        }
        String spec = range.substring("bytes=".length()).strip();
        int dash = spec.indexOf('-');
        String first = dash < 0 ? "" : spec.substring(0, dash);
        String last = dash < 0 ? "" : spec.substring(dash + 1);
        if (dash < 0 || !isNumber(first) || !isNumber(last) || (first.isEmpty() && last.isEmpty())) {
            return new Whole(); // malformed, or several
        }
        if (first.isEmpty()) {
            long suffix = Math.min(Long.parseLong(last), size);
            return suffix == 0 ? new Unsatisfiable() : new Part(size - suffix, suffix);
        }
        long from = Long.parseLong(first);
        long to = last.isEmpty() ? size - 1 : Math.min(Long.parseLong(last), size - 1);
        if (!last.isEmpty() && Long.parseLong(last) < from) {
            return new Whole();
        }
        return from >= size ? new Unsatisfiable() : new Part(from, to - from + 1);
    }

    /** Also the empty text. */
    private static boolean isNumber(String text) {
        return text.length() <= 18 && text.chars().allMatch(c -> c >= '0' && c <= '9');
    }
}
