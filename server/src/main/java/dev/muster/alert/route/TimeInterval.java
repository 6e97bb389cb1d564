package dev.muster.alert.route;

import dev.muster.registry.document.FieldReader;
import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.Month;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/**
 * When something holds, in the words of Alertmanager's {@code time_interval}: any of its parts, of which every field that is given has to
 * hold.
 */
public record TimeInterval(List<Part> parts) {

    /** Inclusive at both ends, but for {@code times}, whose ends are excluded; in minutes of the day. */
    public record Part(
            ZoneId zone,
            List<Range> times,
            List<Range> weekdays,
            List<Range> daysOfMonth,
            List<Range> months,
            List<Range> years) {
        boolean contains(Instant now) {
            ZonedDateTime at = now.atZone(zone);
            int minute = at.getHour() * 60 + at.getMinute();
            int length = at.toLocalDate().lengthOfMonth();
            return (times.isEmpty() || times.stream().anyMatch(time -> minute >= time.from() && minute < time.to()))
                    && any(weekdays, at.getDayOfWeek().getValue())
                    && (daysOfMonth.isEmpty()
                            || daysOfMonth.stream().anyMatch(days -> days.containsDay(at.getDayOfMonth(), length)))
                    && any(months, at.getMonthValue())
                    && any(years, at.getYear());
        }

        private static boolean any(List<Range> ranges, int value) {
            return ranges.isEmpty() || ranges.stream().anyMatch(range -> value >= range.from() && value <= range.to());
        }
    }

    public record Range(int from, int to) {
        /** Days below zero are counted from the end of the month. */
        boolean containsDay(int day, int length) {
            int first = from < 0 ? length + 1 + from : from;
            int last = to < 0 ? length + 1 + to : to;
            return day >= first && day <= last;
        }
    }

    public boolean contains(Instant now) {
        return parts.stream().anyMatch(part -> part.contains(now));
    }

    static TimeInterval read(FieldReader interval) {
        List<Part> parts = new ArrayList<>();
        Routing.each(interval, "time_intervals", part -> {
            List<Range> times = new ArrayList<>();
            Routing.each(part, "times", time -> {
                times.add(new Range(minute(time, "start_time"), minute(time, "end_time")));
                time.finish();
            });
            parts.add(new Part(
                    zone(part),
                    times,
                    ranges(part, "weekdays", TimeInterval::weekday, 1, 7),
                    ranges(part, "days_of_month", Integer::parseInt, -31, 31),
                    ranges(part, "months", TimeInterval::month, 1, 12),
                    ranges(part, "years", Integer::parseInt, 1970, 9999)));
            part.finish();
        });
        if (parts.isEmpty()) {
            interval.problem("time_intervals", "must have at least one");
        }
        return new TimeInterval(parts);
    }

    private static ZoneId zone(FieldReader part) {
        try {
            return ZoneId.of(part.text("location", "UTC"));
        } catch (DateTimeException unknown) {
            part.problem("location", "is no time zone, such as Europe/Berlin");
            return ZoneId.of("UTC");
        }
    }

    private static int minute(FieldReader time, String field) {
        String text = time.requiredText(field);
        String[] parts = text.split(":", -1);
        try {
            int minute = Integer.parseInt(parts[0]) * 60 + Integer.parseInt(parts.length == 2 ? parts[1] : "x");
            if (minute >= 0 && minute <= 24 * 60) {
                return minute;
            }
        } catch (NumberFormatException malformed) {
            // told below
        }
        time.problem(field, "must be HH:MM from 00:00 to 24:00, found \"" + text + "\"");
        return 0;
    }

    private static List<Range> ranges(
            FieldReader part, String field, Function<String, Integer> number, int min, int max) {
        List<Range> ranges = new ArrayList<>();
        for (String text : Routing.texts(part, field)) {
            String[] ends = text.split(":", -1);
            try {
                Range range = new Range(number.apply(ends[0].strip()), number.apply(ends[ends.length - 1].strip()));
                boolean allowed = ends.length <= 2 && range.from() >= min && range.to() <= max;
                if (allowed && (range.from() <= range.to() || range.from() > 0 && range.to() < 0)) {
                    ranges.add(range);
                    continue;
                }
            } catch (IllegalArgumentException malformed) {
                // told below
            }
            part.problem(field, "\"" + text + "\" is no range, such as monday:friday, 1:7 or -3:-1");
        }
        return ranges;
    }

    private static int weekday(String text) {
        return DayOfWeek.valueOf(text.toUpperCase(Locale.ROOT)).getValue();
    }

    private static int month(String text) {
        return Character.isDigit(text.charAt(0))
                ? Integer.parseInt(text)
                : Month.valueOf(text.toUpperCase(Locale.ROOT)).getValue();
    }
}
