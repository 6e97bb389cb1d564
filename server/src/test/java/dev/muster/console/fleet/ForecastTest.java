package dev.muster.console.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.muster.console.fleet.Forecast.Ahead;
import dev.muster.console.fleet.Forecast.Point;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ForecastTest {
    private static final Instant BEGIN = Instant.parse("2026-08-01T23:00:00Z");

    @Test
    void ofLessThanAWeekThereIsNone() {
        assertThat(Forecast.of(List.of()).why())
                .isEqualTo("a forecast needs 7 days of history, there is less than one so far");
        Forecast six = Forecast.of(days(7, day -> day));
        assertThat(six).isEqualTo(new Forecast(6, null, null, null, List.of(), six.why()));
        assertThat(six.why()).contains("there are 6 so far");
    }

    @Test
    void aStraightLineGoesOnAndNoFurtherThanItsHistory() {
        assertThat(Forecast.of(days(31, day -> 100 + 5 * day)))
                .isEqualTo(new Forecast(
                        30, 5.0, 5.0, 5.0, List.of(new Ahead(7, 285, 285, 285), new Ahead(30, 400, 400, 400)), null));
    }

    @Test
    void oneOddDayDoesNotBendIt() {
        Forecast forecast = Forecast.of(days(15, day -> day == 7 ? 90_000 : 100 + day));
        assertThat(forecast.perDay()).isEqualTo(1.0);
        assertThat(forecast.ahead()).extracting(Ahead::value).containsExactly(121.0);
    }

    @Test
    void noiseIsInTheBandAndTheBandHoldsTheTruth() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Forecast forecast = Forecast.of(days(60, day -> 10_000 + 20 * day + 60 * random.nextGaussian()));
        assertThat(forecast.perDay()).as("seed %d", seed).isCloseTo(20, within(3.0));
        assertThat(20.0).as("seed %d", seed).isBetween(forecast.low(), forecast.high());
    }

    @Test
    void whatShrinksDoesNotFallBelowNothing() {
        Forecast forecast = Forecast.of(days(31, day -> 31 - day));
        assertThat(forecast.ahead()).extracting(Ahead::value).containsExactly(0.0, 0.0);
    }

    @Test
    void daysWithoutALookAreNoDaysWithoutGrowth() {
        List<Point> gap = days(31, day -> 10 * day).stream()
                .filter(point -> Duration.between(BEGIN, point.at()).toDays() % 3 != 1)
                .toList();
        assertThat(Forecast.of(gap).perDay()).isEqualTo(10.0);
    }

    private static List<Point> days(int count, IntToDoubleFunction value) {
        return IntStream.range(0, count)
                .mapToObj(day -> new Point(BEGIN.plus(Duration.ofDays(day)), value.applyAsDouble(day)))
                .toList();
    }
}
