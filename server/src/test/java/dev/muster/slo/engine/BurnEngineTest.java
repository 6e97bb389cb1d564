package dev.muster.slo.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.muster.slo.engine.BurnEngine.State;
import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.Period;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BurnEngineTest {
    /** The SRE workbook's and Sloth's tables: budget, windows, factor of 30 days, of 28 days. */
    private static final String FACTORS = """
            page-quick   page   1h  5m  14.4 13.44
            page-slow    page   6h  30m 6    5.6
            ticket-quick ticket 24h 2h  3    2.8
            ticket-slow  ticket 72h 6h  1    0.9333333333333333
            """;

    /** Target, good, bad, remaining, burn rate: by hand, on paper. */
    private static final double[][] BUDGETS = {
        {0.999, 999_000, 1_000, 0, 1},
        {0.999, 999_500, 500, 0.5, 0.5},
        {0.99, 980, 20, -1, 2},
        {0.99, 1_000, 0, 1, 0},
        {0.95, 90, 10, -1, 2},
        {0.9, 0, 50, -9, 10}
    };

    @Test
    void theFactorsAreThoseOfTheWorkbookAndFractional() {
        List<BurnAlert> month = BurnAlert.standard(Duration.ofDays(30));
        List<BurnAlert> four = BurnAlert.standard(Duration.ofDays(28));
        List<String> lines = FACTORS.lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            String[] cells = lines.get(i).split("\\s+");
            assertThat(month.get(i).name()).isEqualTo(cells[0]);
            assertThat(month.get(i).severity()).isEqualTo(cells[1]);
            assertThat(month.get(i).longWindow())
                    .isEqualTo(Duration.parse("PT" + cells[2].toUpperCase(java.util.Locale.ROOT)));
            assertThat(month.get(i).shortWindow())
                    .isEqualTo(Duration.parse("PT" + cells[3].toUpperCase(java.util.Locale.ROOT)));
            assertThat(month.get(i).factor()).isCloseTo(Double.parseDouble(cells[4]), within(1e-12));
            assertThat(four.get(i).factor()).isCloseTo(Double.parseDouble(cells[5]), within(1e-12));
        }
    }

    @Test
    void budgetsAndBurnRatesAreThoseOfTheTable() {
        for (double[] row : BUDGETS) {
            Counted counted = new Counted(row[1], row[2]);
            assertThat(ErrorBudget.of(row[0], counted).orElseThrow().remaining())
                    .isCloseTo(row[3], within(1e-9));
            assertThat(ErrorBudget.burnRate(row[0], counted)).isCloseTo(row[4], within(1e-9));
        }
    }

    @Test
    void nothingCountedIsNoBudgetAndNoVerdict() {
        assertThat(ErrorBudget.of(0.99, new Counted(0, 0))).isEmpty();
        assertThat(BurnEngine.judge(BurnAlert.FAST, 0.99, 20, 5, Optional.of(new Counted(0, 0)), Optional.empty())
                        .state())
                .isEqualTo(State.UNKNOWN);
    }

    @Test
    void halfABudgetThatBurnsAtTwiceTheRateLastsAQuarterOfThePeriod() {
        ErrorBudget half = ErrorBudget.of(0.99, new Counted(995, 5)).orElseThrow();
        assertThat(half.exhaustion(2, Duration.ofDays(30)).orElseThrow().toMinutes())
                .isBetween(10_799L, 10_801L);
        assertThat(half.exhaustion(0, Duration.ofDays(30))).isEmpty();
        assertThat(ErrorBudget.of(0.99, new Counted(90, 10)).orElseThrow().exhaustion(1, Duration.ofDays(30)))
                .hasValue(Duration.ZERO);
    }

    @Test
    void anAlertThatAsksForMoreThanEverythingCannotFire() {
        BurnAlert quick = BurnAlert.standard(Duration.ofDays(30)).getFirst();
        BurnAlert slow = BurnAlert.standard(Duration.ofDays(30)).get(1);
        assertThat(quick.canFire(0.9306)).isTrue();
        assertThat(quick.canFire(0.9305)).isFalse();
        assertThat(slow.canFire(0.834)).isTrue();
        assertThat(slow.canFire(0.833)).isFalse();
        assertThat(BurnAlert.FAST.canFire(0.5)).isFalse();
    }

    /** Against decimals of another arithmetic: it fires when, and only when, bad/total exceeds the threshold in both windows. */
    @Test
    void firesWhenBothWindowsExceedTheThreshold() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        int fired = 0;
        for (int i = 0; i < 20_000; i++) {
            double target = List.of(0.9, 0.95, 0.99, 0.999).get(random.nextInt(4));
            BurnAlert alert =
                    BurnAlert.standard(Duration.ofDays(7 + random.nextInt(30))).get(random.nextInt(4));
            Counted longer = counted(random, target);
            Counted shorter = counted(random, target);
            boolean expected = exceeds(longer, alert, target) && exceeds(shorter, alert, target);
            State found = BurnEngine.judge(alert, target, 0, 0, Optional.of(longer), Optional.of(shorter))
                    .state();
            assertThat(found)
                    .as("seed %d, step %d: %s %s %s %s", seed, i, alert, target, longer, shorter)
                    .isEqualTo(expected ? State.FIRING : State.CALM);
            fired += expected ? 1 : 0;
        }
        assertThat(fired).as("seed %d", seed).isBetween(500, 19_500);
    }

    private static Counted counted(Random random, double target) {
        int total = 1 + random.nextInt(100_000);
        int bad = (int) Math.min(total, total * (1 - target) * random.nextDouble() * 30);
        return new Counted(total - bad, bad);
    }

    private static boolean exceeds(Counted counted, BurnAlert alert, double target) {
        BigDecimal budget = BigDecimal.ONE.subtract(new BigDecimal(Double.toString(target)));
        BigDecimal ratio =
                BigDecimal.valueOf(counted.bad()).divide(BigDecimal.valueOf(counted.total()), MathContext.DECIMAL128);
        return ratio.divide(budget, MathContext.DECIMAL128).doubleValue() > alert.factor();
    }

    @Test
    void fewEventsFireByNumberAndNotByShare() {
        BurnAlert quick = BurnAlert.standard(Duration.ofDays(30)).getFirst();
        // One bad of two is a burn of 500, and says nothing.
        assertThat(few(quick, new Counted(1, 1))).isEqualTo(State.CALM);
        assertThat(few(quick, new Counted(3, 5))).isEqualTo(State.FIRING);
        assertThat(few(quick, new Counted(10, 10))).isEqualTo(State.FIRING);
    }

    private static State few(BurnAlert alert, Counted counted) {
        return BurnEngine.judge(alert, 0.999, 20, 5, Optional.of(counted), Optional.of(counted))
                .state();
    }

    @Test
    void aCalendarMonthBeginsByTheClockOfItsZone() {
        TimeWindow month = new TimeWindow(
                Duration.ofDays(30),
                new TimeWindow.Calendar(
                        LocalDateTime.parse("2026-01-01T00:00:00"), ZoneId.of("Europe/Berlin"), Period.ofMonths(1)));
        assertThat(month.begin(Instant.parse("2026-04-15T10:00:00Z"))).isEqualTo("2026-03-31T22:00:00Z");
        assertThat(month.begin(Instant.parse("2026-03-31T21:59:59Z"))).isEqualTo("2026-02-28T23:00:00Z");
        assertThat(month.begin(Instant.parse("2026-03-31T22:00:00Z"))).isEqualTo("2026-03-31T22:00:00Z");
    }
}
