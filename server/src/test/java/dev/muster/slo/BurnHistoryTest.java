package dev.muster.slo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.slo.BurnHistory.Point;
import dev.muster.slo.engine.BurnAlert;
import dev.muster.slo.engine.TimeWindow;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class BurnHistoryTest {
    private static final Instant START = Instant.parse("2026-11-26T00:00:00Z");
    private static final Duration HOUR = Duration.ofHours(1);
    private static final BurnAlert QUICK = new BurnAlert("quick", "page", HOUR, Duration.ofMinutes(5), 2);

    private static Slo slo(Slo.@Nullable Slices slices) {
        return new Slo(
                "s",
                "",
                "",
                "uptime",
                null,
                SliScope.FLEET,
                0.9,
                new TimeWindow(Duration.ofHours(4), null),
                slices,
                List.of(QUICK),
                0,
                0);
    }

    private static String shown(@Nullable Double value) {
        return value == null ? "none" : String.format(java.util.Locale.ROOT, "%.2f", value + 1e-9);
    }

    private static Instant hour(int number) {
        return START.plus(HOUR.multipliedBy(number));
    }

    private static List<Point> points(Slo.@Nullable Slices slices) {
        Map<Instant, Tally> series = new TreeMap<>();
        for (int i = 0; i < 8; i++) {
            if (i != 6) {
                series.put(hour(i), new Tally(i == 2 ? 60 : 100, i == 2 ? 40 : 0, 0, 0));
            }
        }
        return BurnHistory.of(slo(slices), List.of(QUICK), series, START, hour(2), hour(8), HOUR, HOUR);
    }

    @Test
    void theBudgetIsThatOfThePeriodThatEndsThenAndComesBackWhenItRollsOn() {
        assertThat(points(null).stream().map(point -> shown(point.remaining())))
                // 40 bad of 300: a third more than the 30 that 90 % allow; then of 400; two hours later it has rolled
                // away.
                .containsExactly("1.00", "-0.33", "0.00", "0.00", "0.00", "1.00", "1.00");
    }

    @Test
    void whereNothingWasCountedItDoesNotBurnAndIsNotZeroEither() {
        assertThat(points(null).stream().map(point -> shown(point.burn().getFirst())))
                .containsExactly("0.00", "4.00", "0.00", "0.00", "0.00", "none", "0.00");
    }

    @Test
    void aSliceOfTimeIsGoodOrBadAsAWhole() {
        List<Point> points = points(new Slo.Slices(HOUR, 0.5));
        assertThat(points.get(1).bad()).as("60 % are more than half").isZero();
        assertThat(points(new Slo.Slices(HOUR, 0.9)).get(1).bad()).isEqualTo(1);
    }
}
