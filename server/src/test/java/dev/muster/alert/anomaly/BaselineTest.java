package dev.muster.alert.anomaly;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.alert.anomaly.Baseline.Usual;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BaselineTest {
    /** A Monday. */
    private static final ZonedDateTime MONDAY = ZonedDateTime.of(2026, 11, 2, 0, 0, 0, 0, ZoneId.of("Europe/Berlin"));

    private final Random random = new Random(99);

    private static double usual(ZonedDateTime hour) {
        return (hour.getDayOfWeek().getValue() >= 6 ? 10 : 40) + hour.getHour();
    }

    private Baseline learned(int days) {
        Baseline baseline = new Baseline(false);
        for (int hour = 0; hour < days * 24; hour++) {
            ZonedDateTime time = MONDAY.plusHours(hour);
            double value = usual(time) + random.nextGaussian() * 0.5;
            baseline.learn(time, value, value - 2, value + 2);
        }
        return baseline;
    }

    @Test
    void knowsWeekdaysSaturdaysAndSundaysApart() {
        Baseline baseline = learned(28);
        ZonedDateTime tuesday = MONDAY.plusDays(29).withHour(14);
        ZonedDateTime saturday = MONDAY.plusDays(33).withHour(14);

        assertThat(baseline.at(tuesday).map(Usual::when)).contains("weekdays at 14:00 show");
        assertThat(baseline.at(tuesday).orElseThrow().times(54)).isLessThan(1);
        assertThat(baseline.at(tuesday).orElseThrow().times(24)).isGreaterThan(10);
        assertThat(baseline.at(saturday).map(Usual::when)).contains("Saturdays at 14:00 show");
        assertThat(baseline.at(saturday).orElseThrow().times(24)).isLessThan(1);
    }

    @Test
    void saysNothingBeforeThreeDays() {
        assertThat(learned(2).at(MONDAY.plusDays(3).withHour(9))).isEmpty();
        assertThat(learned(3).at(MONDAY.plusDays(3).withHour(9))).isPresent();
    }

    @Test
    void anHourThatWasFarOffMovesItLittle() {
        Baseline baseline = learned(28);
        ZonedDateTime hour = MONDAY.plusDays(28).withHour(14);
        Usual before = baseline.at(hour).orElseThrow();

        baseline.learn(hour, 1e9, 1e9, 1e9);

        Usual after = baseline.at(hour).orElseThrow();
        assertThat(after.level()).isBetween(before.level() - 0.5, before.level() + 0.5);
        assertThat(after.times(30)).isGreaterThan(10);
    }

    @Test
    void anHourThatChangesTimesWithTheZoneIsTheHourOfTheClock() {
        Baseline baseline = learned(28);

        assertThat(baseline.at(ZonedDateTime.of(2027, 7, 6, 14, 5, 0, 0, ZoneId.of("Europe/Berlin")))
                        .map(Usual::when))
                .contains("weekdays at 14:00 show");
    }

    @Test
    void goesOnFromItsState() {
        Baseline baseline = learned(28);
        Baseline restored = Baseline.restore(baseline.state());

        assertThat(baseline.state()).hasSize(Baseline.BYTES);
        assertThat(restored.state()).isEqualTo(baseline.state());
        for (int hour = 0; hour < 168; hour++) {
            Optional<Usual> expected = baseline.at(MONDAY.plusHours(hour));
            assertThat(restored.at(MONDAY.plusHours(hour))).isEqualTo(expected);
        }
    }
}
