package dev.muster.command;

import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The trace that a command belongs to, as it goes to the asset.
 *
 * @see <a href="https://www.w3.org/TR/trace-context/#traceparent-header">W3C Trace Context, traceparent</a>
 */
record TraceParent(String traceId, String spanId, String flags) {
    private static final Pattern FORM = Pattern.compile("00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})");
    private static final String SAMPLED = "01";

    /** @param header of the request; null begins a new trace */
    static TraceParent of(@Nullable String header, RandomGenerator random) {
        if (header == null) {
            return new TraceParent(
                    hex(random.nextLong() | 1) + hex(random.nextLong()), hex(random.nextLong() | 1), SAMPLED);
        }
        Matcher matcher = FORM.matcher(header);
        if (!matcher.matches()
                || matcher.group(1).equals("0".repeat(32))
                || matcher.group(2).equals("0".repeat(16))) {
            throw new Refusal(
                    ErrorCode.INVALID,
                    "the header traceparent is not of the form 00-<32 hexadecimal digits>-<16>-<2>, not all zero");
        }
        return new TraceParent(matcher.group(1), matcher.group(2), matcher.group(3));
    }

    /** Another span of the same trace. */
    TraceParent child(RandomGenerator random) {
        return new TraceParent(traceId, hex(random.nextLong() | 1), flags);
    }

    @Override
    public String toString() {
        return "00-" + traceId + "-" + spanId + "-" + flags;
    }

    private static String hex(long bits) {
        return "%016x".formatted(bits);
    }
}
