package dev.muster.slo.engine;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.Period;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * The period of a budget.
 *
 * @param period nominal length: a month is 30 days, a quarter 91, a year 365
 * @param calendar null when it rolls
 */
public record TimeWindow(Duration period, @Nullable Calendar calendar) {

    /** Periods that follow each other. @param start of one of them, by the clock of the zone */
    public record Calendar(LocalDateTime start, ZoneId zone, Period step) {
        Instant begin(Instant now) {
            ZonedDateTime at = now.atZone(zone);
            long steps = step.toTotalMonths() > 0
                    ? ChronoUnit.MONTHS.between(start, at.toLocalDateTime()) / step.toTotalMonths()
                    : ChronoUnit.DAYS.between(start, at.toLocalDateTime()) / step.getDays();
            long n = Math.max(0, steps) + 1;
            while (n > 0 && at(n).isAfter(at)) {
                n--;
            }
            return at(n).toInstant();
        }

        private ZonedDateTime at(long n) {
            return start.plus(step.multipliedBy(Math.toIntExact(n))).atZone(zone);
        }
    }

    /** When the period that the moment lies in began. */
    public Instant begin(Instant now) {
        return calendar == null ? now.minus(period) : calendar.begin(now);
    }
}
