package dev.muster.agent.logs;

import dev.muster.protocol.Severity;
import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.OptionalLong;

/** What a log line says of itself at its beginning: when, and how bad. */
final class LineFacts {
    private static final int LOOKED_AT = 96;

    private LineFacts() {}

    /**
     * The time in ISO 8601, with {@code T} or a blank between date and time, at the start of the line.
     *
     * @param zone of a line that names none
     */
    static OptionalLong millis(String line, ZoneId zone) {
        if (line.length() < 19 || line.charAt(4) != '-' || line.charAt(7) != '-' || line.charAt(13) != ':') {
            return OptionalLong.empty();
        }
        try {
            LocalDateTime time = LocalDateTime.of(
                    number(line, 0, 4),
                    number(line, 5, 7),
                    number(line, 8, 10),
                    number(line, 11, 13),
                    number(line, 14, 16),
                    number(line, 17, 19));
            int at = 19;
            long nanos = 0;
            if (at < line.length() && (line.charAt(at) == '.' || line.charAt(at) == ',')) {
                int from = ++at;
                while (at < line.length() && at - from < 9 && Character.isDigit(line.charAt(at))) {
                    nanos = nanos * 10 + (line.charAt(at++) - '0');
                }
                for (int digits = at - from; digits < 9; digits++) {
                    nanos *= 10;
                }
            }
            ZoneOffset offset = offset(line, at).orElseGet(() -> zone.getRules().getOffset(time));
            return OptionalLong.of(
                    OffsetDateTime.of(time.plusNanos(nanos), offset).toInstant().toEpochMilli());
        } catch (DateTimeException | NumberFormatException e) {
            return OptionalLong.empty(); // it only looked like a time
        }
    }

    private static Optional<ZoneOffset> offset(String line, int at) {
        if (at < line.length() && line.charAt(at) == 'Z') {
            return Optional.of(ZoneOffset.UTC);
        }
        if (at + 5 > line.length() || line.charAt(at) != '+' && line.charAt(at) != '-') {
            return Optional.empty();
        }
        boolean colon = line.charAt(at + 3) == ':';
        int end = at + (colon ? 6 : 5);
        return end > line.length() ? Optional.empty() : Optional.of(ZoneOffset.of(line.substring(at, end)));
    }

    private static int number(String line, int from, int to) {
        return Integer.parseInt(line, from, to, 10);
    }

    /** A level in capitals, as a word of its own, near the start of the line. */
    static Severity severity(String line, Severity otherwise) {
        String start = line.length() <= LOOKED_AT ? line : line.substring(0, LOOKED_AT);
        int from = 0;
        while (from < start.length()) {
            int to = from;
            while (to < start.length() && start.charAt(to) >= 'A' && start.charAt(to) <= 'Z') {
                to++;
            }
            boolean word = to > from
                    && (from == 0 || !Character.isLetterOrDigit(start.charAt(from - 1)))
                    && (to == start.length() || !Character.isLetterOrDigit(start.charAt(to)));
            Optional<Severity> found = word ? level(start.substring(from, to)) : Optional.empty();
            if (found.isPresent()) {
                return found.get();
            }
            from = Math.max(to, from + 1);
        }
        return otherwise;
    }

    private static Optional<Severity> level(String word) {
        return Optional.ofNullable(
                switch (word) {
                    case "TRACE" -> Severity.TRACE;
                    case "DEBUG" -> Severity.DEBUG;
                    case "INFO", "NOTICE" -> Severity.INFO;
                    case "WARN", "WARNING" -> Severity.WARN;
                    case "ERROR", "ERR", "SEVERE" -> Severity.ERROR;
                    case "FATAL", "CRITICAL", "EMERG", "ALERT" -> Severity.FATAL;
                    default -> null;
                });
    }
}
