package dev.muster.cli.command;

import dev.muster.cli.CommandFailed;
import dev.muster.cli.ExitCode;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Times as people write them: {@code now}, {@code -1h}, {@code 30d}, {@code 2026-11-23T10:00:00Z}. */
final class Times {
    private static final Pattern DISTANCE = Pattern.compile("([+-]?)(\\d{1,9})(ms|s|m|h|d)");

    private Times() {}

    /** A moment; a distance counts from now, back with {@code -} and onwards without. */
    static @Nullable Instant moment(@Nullable String text, Instant now) {
        if (text == null) {
            return null;
        }
        if (text.equals("now")) {
            return now;
        }
        Matcher matcher = DISTANCE.matcher(text);
        if (matcher.matches()) {
            Duration distance = of(matcher);
            return matcher.group(1).equals("-") ? now.minus(distance) : now.plus(distance);
        }
        try {
            return Instant.parse(text);
        } catch (DateTimeParseException e) {
            throw new CommandFailed(
                    ExitCode.USAGE, "\"" + text + "\" is not a time; write now, -1h, 30d or 2026-11-23T10:00:00Z");
        }
    }

    static Duration duration(String text) {
        Matcher matcher = DISTANCE.matcher(text);
        if (!matcher.matches() || !matcher.group(1).isEmpty()) {
            throw new CommandFailed(
                    ExitCode.USAGE, "\"" + text + "\" is not a duration; write a number and s, m, h or d, as in 24h");
        }
        return of(matcher);
    }

    private static Duration of(Matcher matcher) {
        long number = Long.parseLong(matcher.group(2));
        return switch (matcher.group(3)) {
            case "ms" -> Duration.ofMillis(number);
            case "s" -> Duration.ofSeconds(number);
            case "m" -> Duration.ofMinutes(number);
            case "h" -> Duration.ofHours(number);
            default -> Duration.ofDays(number);
        };
    }
}
