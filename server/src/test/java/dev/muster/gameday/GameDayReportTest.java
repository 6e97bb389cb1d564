package dev.muster.gameday;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.alert.incident.Cause;
import dev.muster.alert.incident.Incident;
import dev.muster.alert.incident.Severity;
import dev.muster.alert.incident.State;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class GameDayReportTest {
    private static final Instant START = Instant.parse("2026-11-26T08:00:00Z");
    private static final Fault CUT = new Fault("offline", "true", null, null, 0, 120, List.of("a", "b"));

    @Test
    void tellsHowLongItTookUntilItWasSeenToldAndOver() {
        GameDayReport report = GameDayReport.of(
                "cut",
                START,
                START.plusSeconds(900),
                List.of(CUT),
                List.of(incident(1, 40, 60L, 300L), incident(2, 90, null, 420L)));

        assertThat(report.incidents()).isEqualTo(2);
        assertThat(report.secondsToDetect()).isEqualTo(40);
        assertThat(report.secondsToNotify()).isEqualTo(60);
        assertThat(report.secondsToRecover()).isEqualTo(420);
        assertThat(report.withoutPerson()).isEqualTo(2);
        assertThat(report.text())
                .contains("- offline, 2 assets, after 0 s, for 120 s", "| recovered after | 420 s |")
                .contains("- INC-1 (resolved): silence; probable cause region eu; resolved by runbook x");
    }

    @Test
    void anOpenIncidentIsNoRecoveryAndNothingSeenIsSaid() {
        assertThat(GameDayReport.of("cut", START, null, List.of(CUT), List.of(incident(1, 40, null, null)))
                        .secondsToRecover())
                .isNull();
        GameDayReport nothing = GameDayReport.of("cut", START, null, List.of(CUT), List.of());
        assertThat(nothing.secondsToDetect()).isNull();
        assertThat(nothing.text()).contains("Nothing was detected. Which alert should have fired?");
    }

    @Test
    void faultsBecomeLinesForTheSimulatorAndLinesThatEndThem() {
        assertThat(CUT.lines()).containsExactly("offline a", "offline b");
        assertThat(CUT.undo()).containsExactly("online a", "online b");
        Fault skew = new Fault("skew", "true", "-20m", null, 0, 0, List.of("a"));
        assertThat(skew.lines()).containsExactly("skew a -20m");
        assertThat(skew.undo()).containsExactly("skew a 0s");
        Fault lapse = new Fault("lapse", "true", null, null, 0, 0, List.of("a"));
        assertThat(lapse.lines()).containsExactly("lapse a");
        assertThat(lapse.undo()).containsExactly("renew a");
    }

    private static Incident incident(long number, long detected, @Nullable Long notified, @Nullable Long resolved) {
        return new Incident(
                number,
                "silence",
                Severity.CRITICAL,
                resolved == null ? State.OPEN : State.RESOLVED,
                "Silent",
                "",
                "system",
                new Incident.Times(
                        START,
                        START.plusSeconds(detected),
                        notified == null ? null : START.plusSeconds(notified),
                        null,
                        null,
                        resolved == null ? null : START.plusSeconds(resolved)),
                null,
                null,
                resolved == null ? null : "runbook x",
                false,
                0,
                List.of(),
                0,
                List.of(new Cause("region", "eu", 0.4, "")),
                START);
    }
}
