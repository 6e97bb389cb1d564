package dev.muster.telemetry.query;

import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A span of time as a request gives it: ISO-8601 or milliseconds since the epoch. */
public record Times(long from, long to) {
    /** 9999-12-31: the store counts microseconds in 64 bits. */
    static final long MAX_MILLIS = 253_402_300_799_000L;

    private static final Pattern SHORT_STEP = Pattern.compile("(\\d{1,9})(ms|s|m|h|d)");
    private static final Duration MIN_STEP = Duration.ofSeconds(1);
    private static final Duration MAX_STEP = Duration.ofDays(366);

    /** @param to by default the end of time, so that what lies ahead of the server's clock is found too */
    public static Times of(@Nullable String from, @Nullable String to, long fromDefault, long toDefault) {
        Times times = new Times(parse("from", from, fromDefault), parse("to", to, toDefault));
        if (times.from > times.to) {
            throw new Refusal(
                    ErrorCode.INVALID,
                    "from " + Instant.ofEpochMilli(times.from) + " is after to " + Instant.ofEpochMilli(times.to));
        }
        return times;
    }

    private static long parse(String name, @Nullable String text, long absent) {
        if (text == null || text.isBlank()) {
            return absent;
        }
        try {
            long millis = text.matches("\\d{1,15}")
                    ? Long.parseLong(text)
                    : OffsetDateTime.parse(text).toInstant().toEpochMilli();
            if (millis >= 0 && millis <= MAX_MILLIS) {
                return millis;
            }
        } catch (DateTimeParseException e) {
            throw invalid(name);
        }
        throw invalid(name);
    }

    private static Refusal invalid(String name) {
        return new Refusal(
                ErrorCode.INVALID,
                name
                        + " must be a time from 1970 to 9999, such as 2026-11-23T08:00:00Z or 1795420800000 (milliseconds since"
                        + " the epoch); a + in an address is written %2B");
    }

    /** {@code 30s}, {@code 5m} or ISO-8601 ({@code PT5M}). */
    static Duration step(String text) {
        Duration step;
        Matcher matcher = SHORT_STEP.matcher(text);
        if (matcher.matches()) {
            long number = Long.parseLong(matcher.group(1));
            step = switch (matcher.group(2)) {
                case "ms" -> Duration.ofMillis(number);
                case "s" -> Duration.ofSeconds(number);
                case "m" -> Duration.ofMinutes(number);
                case "h" -> Duration.ofHours(number);
                default -> Duration.ofDays(number);
            };
        } else {
            try {
                step = Duration.parse(text);
            } catch (DateTimeParseException e) {
                throw invalidStep();
            }
        }
        if (step.compareTo(MIN_STEP) < 0 || step.compareTo(MAX_STEP) > 0) {
            throw invalidStep();
        }
        return step;
    }

    private static Refusal invalidStep() {
        return new Refusal(ErrorCode.INVALID, "step must be a time from 1s to 366d, such as 30s, 5m, 1h or PT5M");
    }
}
