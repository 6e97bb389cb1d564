package dev.muster.window;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.EnumSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MaintenanceWindowTest {
    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");
    private static final MaintenanceWindow NIGHTS =
            new MaintenanceWindow(Set.of(DayOfWeek.MONDAY, DayOfWeek.TUESDAY), LocalTime.of(22, 0), LocalTime.of(4, 0));

    @Test
    void isOpenFromItsBeginningUntilBeforeItsEndOnTheNextMorning() {
        // Monday, 23 November 2026; Berlin is an hour ahead
        assertThat(NIGHTS.isOpen(Instant.parse("2026-11-23T20:59:59Z"), BERLIN)).isFalse();
        assertThat(NIGHTS.isOpen(Instant.parse("2026-11-23T21:00:00Z"), BERLIN)).isTrue();
        assertThat(NIGHTS.isOpen(Instant.parse("2026-11-24T02:59:59Z"), BERLIN)).isTrue();
        assertThat(NIGHTS.isOpen(Instant.parse("2026-11-24T03:00:00Z"), BERLIN)).isFalse();
        // the night of Tuesday ends on Wednesday, and none begins there
        assertThat(NIGHTS.isOpen(Instant.parse("2026-11-25T02:00:00Z"), BERLIN)).isTrue();
        assertThat(NIGHTS.isOpen(Instant.parse("2026-11-25T22:00:00Z"), BERLIN)).isFalse();
    }

    @Test
    void opensOnTheNextOfItsDays() {
        assertThat(NIGHTS.opens(Instant.parse("2026-11-25T12:00:00Z"), BERLIN))
                .isEqualTo(Instant.parse("2026-11-30T21:00:00Z"));
        assertThat(NIGHTS.opens(Instant.parse("2026-11-23T22:00:00Z"), BERLIN))
                .isEqualTo(Instant.parse("2026-11-23T22:00:00Z"));
    }

    @Test
    void beginsAfterTheHourThatIsLeftOutInSpring() {
        MaintenanceWindow early =
                new MaintenanceWindow(EnumSet.allOf(DayOfWeek.class), LocalTime.of(2, 30), LocalTime.of(4, 0));
        // Sunday, 28 March 2027: 02:00 becomes 03:00
        assertThat(early.opens(Instant.parse("2027-03-28T00:00:00Z"), BERLIN))
                .isEqualTo(Instant.parse("2027-03-28T01:30:00Z"));
        assertThat(early.isOpen(Instant.parse("2027-03-28T01:45:00Z"), BERLIN)).isTrue();
    }

    @Test
    void lastsThroughTheHourThatComesTwiceInAutumn() {
        MaintenanceWindow early =
                new MaintenanceWindow(EnumSet.allOf(DayOfWeek.class), LocalTime.of(1, 0), LocalTime.of(2, 30));
        // Sunday, 31 October 2027: 03:00 becomes 02:00
        assertThat(early.isOpen(Instant.parse("2027-10-31T01:15:00Z"), BERLIN)).isTrue();
        assertThat(early.isOpen(Instant.parse("2027-10-31T01:31:00Z"), BERLIN)).isFalse();
    }

    @Test
    void isOpenWhenItSaysThatItOpensAndNotJustBefore() {
        long seed = 20_261_125L;
        Random random = new Random(seed);
        for (int i = 0; i < 2_000; i++) {
            EnumSet<DayOfWeek> days = EnumSet.of(DayOfWeek.of(1 + random.nextInt(7)));
            if (random.nextBoolean()) {
                days.add(DayOfWeek.of(1 + random.nextInt(7)));
            }
            MaintenanceWindow window = new MaintenanceWindow(
                    days,
                    LocalTime.ofSecondOfDay(random.nextInt(1440) * 60L),
                    LocalTime.ofSecondOfDay(random.nextInt(1440) * 60L));
            ZoneId zone =
                    random.nextBoolean() ? BERLIN : random.nextBoolean() ? ZoneOffset.UTC : ZoneId.of("Asia/Kolkata");
            Instant now = Instant.parse("2026-11-23T00:00:00Z").plus(Duration.ofMinutes(random.nextInt(366 * 1440)));
            Instant opens = window.opens(now, zone);
            assertThat(window.isOpen(opens, zone))
                    .as("seed %d, step %d: %s in %s", seed, i, window, zone)
                    .isTrue();
            assertThat(opens).isBetween(now, now.plus(Duration.ofDays(8)));
            if (opens.isAfter(now)) {
                assertThat(window.isOpen(opens.minusSeconds(1), zone)).isFalse();
            }
        }
    }
}
