package dev.muster.window;

import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * A span of time that comes again on some days of the week, by the clock on the wall of a zone.
 *
 * <p>It begins at {@code from} on each of the days and ends at the next {@code to}: the same day, or the day after when {@code to} is
 * not later than {@code from}. Where clocks are put forward over {@code from} it begins with the first moment after the gap; where
 * they are put back it lasts through both.
 *
 * @param days on which it begins
 * @param to excluded
 */
public record MaintenanceWindow(Set<DayOfWeek> days, LocalTime from, LocalTime to) {
    private static final int LOOK_AHEAD_DAYS = 8;

    public MaintenanceWindow {
        if (days.isEmpty()) {
            throw new IllegalArgumentException("a window needs a day on which it begins");
        }
        days = Collections.unmodifiableSet(EnumSet.copyOf(days));
    }

    public boolean isOpen(Instant now, ZoneId zone) {
        LocalDate today = now.atZone(zone).toLocalDate();
        return isWithin(now, zone, today) || isWithin(now, zone, today.minusDays(1));
    }

    /** When it opens next; {@code now} when it is open. */
    public Instant opens(Instant now, ZoneId zone) {
        if (isOpen(now, zone)) {
            return now;
        }
        LocalDate today = now.atZone(zone).toLocalDate();
        for (int i = 0; i <= LOOK_AHEAD_DAYS; i++) {
            LocalDate day = today.plusDays(i);
            Instant begin = begin(day, zone);
            if (days.contains(day.getDayOfWeek()) && begin.isAfter(now) && begin.isBefore(end(day, zone))) {
                return begin;
            }
        }
        throw new IllegalStateException("the window " + this + " does not open within " + LOOK_AHEAD_DAYS
                + " days after " + now + " in " + zone);
    }

    /** When it ends that is open at a moment; that moment when it is not open. */
    public Instant closes(Instant now, ZoneId zone) {
        LocalDate today = now.atZone(zone).toLocalDate();
        Instant closes = now;
        for (LocalDate day : List.of(today.minusDays(1), today)) {
            if (isWithin(now, zone, day) && end(day, zone).isAfter(closes)) {
                closes = end(day, zone);
            }
        }
        return closes;
    }

    private boolean isWithin(Instant now, ZoneId zone, LocalDate day) {
        return days.contains(day.getDayOfWeek()) && !now.isBefore(begin(day, zone)) && now.isBefore(end(day, zone));
    }

    private Instant begin(LocalDate day, ZoneId zone) {
        return ZonedDateTime.of(day, from, zone).toInstant();
    }

    private Instant end(LocalDate day, ZoneId zone) {
        LocalDate last = to.isAfter(from) ? day : day.plusDays(1);
        return ZonedDateTime.of(last, to, zone).withLaterOffsetAtOverlap().toInstant();
    }

    @Override
    public String toString() {
        return days + " from " + from + " to " + to;
    }
}
