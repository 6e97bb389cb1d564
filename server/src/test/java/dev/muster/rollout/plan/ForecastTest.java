package dev.muster.rollout.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.muster.rollout.plan.Forecast.Pace;
import dev.muster.rollout.plan.Forecast.Wave;
import dev.muster.rollout.spec.Blackout;
import dev.muster.rollout.spec.Hours;
import dev.muster.rollout.spec.Timetable;
import dev.muster.rollout.spec.WindowSpec;
import dev.muster.window.MaintenanceWindow;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ForecastTest {
    /** A Monday. */
    private static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");

    private static final Pace TEN_AT_A_TIME = new Pace(10, Duration.ofMinutes(12), 0);

    @Test
    void aWaveTakesAsManyTurnsAsItsTargetsNeedSlots() {
        assertThat(Forecast.of(NOON, all(Hours.ALWAYS), TEN_AT_A_TIME))
                .isEqualTo(new Forecast(
                        List.of(new Wave("canary", NOON, at(12)), new Wave("all", at(12), at(12 + 10 * 12))), at(132)));
    }

    @Test
    void theRateHoldsBackWhatHasSlots() {
        Pace slow = new Pace(1_000, Duration.ofMinutes(12), 2);
        assertThat(Forecast.of(NOON, all(Hours.ALWAYS), slow).ends()).isEqualTo(at(2 + 12 + 47 + 12));
    }

    @Test
    void ordersGoOutInTheWindowOnlyAndWhatIsUnderWayEndsAfterIt() {
        WindowSpec window = new WindowSpec(
                new MaintenanceWindow(EnumSet.allOf(DayOfWeek.class), LocalTime.of(22, 0), LocalTime.of(23, 0)),
                ZoneOffset.UTC,
                null);
        Forecast forecast = Forecast.of(NOON, all(new Timetable(window, List.of()).hours()), TEN_AT_A_TIME);
        // 108 minutes of orders: the 48 that are left of the first night, and the whole of the second
        assertThat(forecast.waves())
                .containsExactly(
                        new Wave("canary", at(600), at(612)), new Wave("all", at(612), at(600 + 1440 + 60 + 12)));
    }

    /** Ten at a time: 20 targets take 12 minutes of orders, wherever they are. */
    @Test
    void assetsInOtherZonesHaveTheirWindowsAtOtherTimesAndTheWaveEndsWithTheLast() {
        Timetable nights = new Timetable(
                new WindowSpec(
                        new MaintenanceWindow(EnumSet.allOf(DayOfWeek.class), LocalTime.of(22, 0), LocalTime.of(23, 0)),
                        ZoneOffset.UTC,
                        "zone"),
                List.of());
        Hours here = nights.hours();
        Hours auckland = nights.hours(ZoneOffset.ofHours(13));
        Map<String, List<Forecast.Part>> waves =
                Map.of("all", List.of(new Forecast.Part(20, here), new Forecast.Part(20, auckland)));
        assertThat(Forecast.of(NOON, waves, TEN_AT_A_TIME).waves())
                .as("here at 22:00 of today, there when it is 09:00 here of tomorrow")
                .containsExactly(new Wave("all", at(600), at(21 * 60 + 12 + 12)));
        Map<String, List<Forecast.Part>> beside =
                Map.of("all", List.of(new Forecast.Part(20, here), new Forecast.Part(20, here)));
        assertThat(Forecast.of(NOON, beside, TEN_AT_A_TIME).waves())
                .as("both share the slots")
                .containsExactly(new Wave("all", at(600), at(600 + 36 + 12)));
        assertThat(Forecast.of(NOON, Map.of("none", List.of()), TEN_AT_A_TIME).waves())
                .containsExactly(new Wave("none", NOON, at(12)));
    }

    @Test
    void nobodyIsChangedInABlackoutAndItMayEndInAClosedWindow() {
        WindowSpec nights = new WindowSpec(
                new MaintenanceWindow(EnumSet.allOf(DayOfWeek.class), LocalTime.of(22, 0), LocalTime.of(23, 0)),
                ZoneOffset.UTC,
                null);
        Blackout tonight = new Blackout("tonight", at(610), at(620));
        Blackout tomorrow = new Blackout("tomorrow", at(600 + 1440 - 60), at(600 + 1440 + 120));
        Timetable timetable = new Timetable(nights, List.of(tomorrow, tonight));
        assertThat(timetable.hours().opens(NOON)).isEqualTo(at(600));
        assertThat(timetable.hours().closes(at(600))).isEqualTo(at(610));
        assertThat(timetable.hours().opens(at(610))).isEqualTo(at(620));
        assertThat(timetable.hours().closes(at(620))).isEqualTo(at(660));
        assertThat(timetable.hours().opens(at(660))).as("the night after next").isEqualTo(at(600 + 2 * 1440));
        Timetable days = new Timetable(null, List.of(tonight));
        assertThat(days.hours().opens(at(615))).isEqualTo(at(620));
        assertThat(days.hours().closes(at(620))).isEqualTo(Instant.MAX);
    }

    @Test
    void whatTakesLongerThanAYearHasNoEnd() {
        Pace never = new Pace(1, Duration.ofDays(10), 0);
        assertThat(Forecast.of(NOON, all(Hours.ALWAYS), never))
                .isEqualTo(new Forecast(List.of(new Wave("canary", NOON, NOON.plus(Duration.ofDays(50)))), null));
    }

    /** Against the table of the rule of three: 299 for 1 %, 598 for 0.5 %, 2,995 for 0.1 %. */
    @Test
    void whatAWaveCanProveIsTheExactBoundBelowTheRuleOfThree() {
        assertThat(List.of(Proof.needed(0.01), Proof.needed(0.005), Proof.needed(0.001)))
                .containsExactly(299, 598, 2_995);
        for (int samples = 1; samples < 5_000; samples++) {
            double bound = Proof.bound(samples);
            assertThat(Math.pow(1 - bound, samples)).isCloseTo(0.05, within(1e-9));
            assertThat(bound).isLessThanOrEqualTo(3.0 / samples);
        }
        assertThat(Proof.sentence("canary", 5))
                .isEqualTo(
                        "no failure among the 5 of wave canary shows that fewer than 45.07% of the assets would fail, with"
                                + " 95% confidence; for fewer than 10% it takes 29");
        assertThat(Proof.sentence("early", 299))
                .isEqualTo(
                        "no failure among the 299 of wave early shows that fewer than 1% of the assets would fail, with 95%"
                                + " confidence (about 3 in 299); for fewer than 0.1% it takes 2995");
    }

    /** A canary of 5, and the other 95. */
    private static Map<String, List<Forecast.Part>> all(Hours hours) {
        Map<String, List<Forecast.Part>> waves = new LinkedHashMap<>();
        waves.put("canary", List.of(new Forecast.Part(5, hours)));
        waves.put("all", List.of(new Forecast.Part(95, hours)));
        return waves;
    }

    private static Instant at(int minutes) {
        return NOON.plus(Duration.ofMinutes(minutes));
    }
}
