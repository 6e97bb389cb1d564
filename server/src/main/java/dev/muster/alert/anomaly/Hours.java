package dev.muster.alert.anomaly;

import java.time.DayOfWeek;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.TextStyle;
import java.util.Locale;

/** Names of hours for people. */
final class Hours {
    private Hours() {}

    /** Such as {@code Tuesday 14:00 UTC}. */
    static String name(long seconds) {
        ZonedDateTime time = Instant.ofEpochSecond(seconds).atZone(ZoneOffset.UTC);
        DayOfWeek day = time.getDayOfWeek();
        return String.format(
                Locale.ROOT, "%s %02d:00 UTC", day.getDisplayName(TextStyle.FULL, Locale.ENGLISH), time.getHour());
    }
}
