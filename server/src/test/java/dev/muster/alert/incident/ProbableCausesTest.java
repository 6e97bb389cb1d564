package dev.muster.alert.incident;

import static dev.muster.alert.incident.TiesTest.labels;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.alert.incident.ProbableCauses.Change;
import dev.muster.alert.incident.ProbableCauses.Shared;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProbableCausesTest {
    private static final Instant SIGN = Instant.parse("2026-11-26T08:00:00Z");

    @Test
    void theRolloutThatBeganShortlyBeforeIsFirstAndSaysWhy() {
        List<Cause> causes = ProbableCauses.rank(
                List.of(labels("alertname", "CrashLoop", "rollout", "bad", "region", "eu")),
                List.of(),
                List.of(new Change(SIGN.minusSeconds(42), "rollout.started", "rollout/bad", "rollout/bad started")),
                SIGN);

        assertThat(causes)
                .containsExactly(
                        new Cause(
                                "rollout",
                                "bad",
                                1.0,
                                "1 of 1 alert names rollout bad; rollout/bad started 42 s before the first sign"),
                        new Cause("region", "eu", 0.4, "1 of 1 alert names region eu"));
    }

    @Test
    void aConfigurationThatARolloutBringsIsNoRelease() {
        List<Cause> causes = ProbableCauses.rank(
                List.of(labels("alertname", "RolloutFailing", "release", "configuration/wifi@3")),
                List.of(),
                List.of(new Change(
                        SIGN.minusSeconds(42),
                        "configuration.updated",
                        "configuration/wifi",
                        "configuration/wifi updated")),
                SIGN);

        assertThat(causes)
                .containsExactly(
                        new Cause(
                                "configuration",
                                "wifi@3",
                                1.0,
                                "1 of 1 alert names configuration wifi@3; configuration/wifi updated 42 s before the first sign"));
    }

    @Test
    void whatTheHitHaveMoreOftenThanTheFleetPointsToIt() {
        List<Cause> causes = ProbableCauses.rank(
                List.of(labels("alertname", "Offline", "type", "pos")),
                List.of(
                        new Shared("hardware", "rev-c", 19, 20, 50, 1_000),
                        new Shared("region", "eu", 20, 20, 990, 1_000)),
                List.of(),
                SIGN);

        assertThat(causes)
                .first()
                .isEqualTo(new Cause(
                        "hardware",
                        "rev-c",
                        0.36,
                        "19 of 20 assets that are hit have hardware rev-c, in the fleet 50 of 1000"));
        assertThat(causes)
                .as("nearly everybody is in eu")
                .noneMatch(cause -> cause.kind().equals("region"));
    }

    @Test
    void aChangeThatNothingPointsToIsAWeakCandidateAndAnOldOneNone() {
        List<Cause> causes = ProbableCauses.rank(
                List.of(labels("alertname", "Odd")),
                List.of(),
                List.of(
                        new Change(
                                SIGN.minus(Duration.ofHours(1)),
                                "configuration.updated",
                                "configuration/base",
                                "configuration/base updated"),
                        new Change(
                                SIGN.minus(Duration.ofHours(3)),
                                "configuration.updated",
                                "configuration/old",
                                "configuration/old updated"),
                        new Change(SIGN.plusSeconds(1), "rollout.started", "rollout/later", "rollout/later started")),
                SIGN);

        assertThat(causes)
                .containsExactly(new Cause(
                        "change", "configuration/base", 0.18, "configuration/base updated 1 h before the first sign"));
    }

    @Test
    void threeAlertsOfWhichTwoNameAGatewayCountTwoThirds() {
        List<Cause> causes = ProbableCauses.rank(
                List.of(
                        labels("alertname", "a", "gateway", "gw-1"),
                        labels("alertname", "b", "gateway", "gw-1"),
                        labels("alertname", "c")),
                List.of(),
                List.of(),
                SIGN);
        assertThat(causes).containsExactly(new Cause("gateway", "gw-1", 0.43, "2 of 3 alerts name gateway gw-1"));
    }
}
