package dev.muster.actuator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.actuator.Observation.Progress;
import dev.muster.twin.reported.SoftwareReports.Assigned;
import dev.muster.twin.reported.SoftwareReports.SoftwareReport;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Which report answers the order that stands: attempt a.2, to run 2.0. */
class AgentActuatorTest {
    private static final Instant SEEN = Instant.parse("2026-11-25T12:00:00Z");

    private static String answer(String version, @Nullable String state, @Nullable String attempt, boolean caughtUp) {
        Observation seen = AgentActuator.observation(
                new SoftwareReport(version, state, attempt, null, null, "b-1", caughtUp ? 7L : 6L),
                new Assigned("2.0", "a.2", 7),
                true,
                SEEN);
        return seen.attempt() + " " + seen.progress();
    }

    @Test
    void anAssetThatTellsOfItsUpdateAnswersByTheAttempt() {
        assertThat(answer("1.0", "downloading", "a.2", false)).isEqualTo("a.2 DOWNLOADING");
        assertThat(answer("2.0", "verifying", "a.2", true)).isEqualTo("a.2 VERIFYING");
        assertThat(answer("1.0", "rolled_back", "a.2", true)).isEqualTo("a.2 WENT_BACK");
        assertThat(answer("1.0", "failed", "a.2", true)).isEqualTo("a.2 FAILED");
    }

    @Test
    void whatIsToldOfAnEarlierOrderDoesNotAnswerThisOne() {
        assertThat(answer("1.0", "downloading", "a.1", true)).isEqualTo("a.1 DOWNLOADING");
        assertThat(answer("1.0", "failed", "a.1", true)).isEqualTo("a.1 FAILED");
        assertThat(answer("2.0", "succeeded", "a.1", false)).isEqualTo("a.1 SUCCEEDED");
    }

    @Test
    void anAssetThatHadNothingToDoAnswersByHavingWorkedThroughTheDesiredState() {
        assertThat(answer("2.0", "rolled_back", "a.1", true)).isEqualTo("a.2 SUCCEEDED");
        assertThat(answer("2.0", "succeeded", "a.1", true)).isEqualTo("a.2 SUCCEEDED");
        assertThat(answer("2.0", "downloading", "a.1", true)).isEqualTo("a.2 SUCCEEDED");
        assertThat(answer("2.0", "installed", "a.1", true)).isEqualTo("a.1 INSTALLED");
        assertThat(answer("2.0", "verifying", "a.1", true)).isEqualTo("a.1 VERIFYING");
    }

    @Test
    void anAssetThatTellsOfNoUpdatesIsJudgedByWhatItRuns() {
        assertThat(answer("1.0", null, null, false)).isEqualTo("null NONE");
        assertThat(answer("1.0", null, null, true)).isEqualTo("a.2 NONE");
        assertThat(answer("2.0", null, null, true)).isEqualTo("a.2 SUCCEEDED");
    }

    @Test
    void whatIsToldOfTheOrderThatStandsNeedsNoLookAtWhatIsAssigned() {
        SoftwareReport told = new SoftwareReport("2.0", "verifying", "a.2", null, null, "b-1", 7L);
        assertThat(AgentActuator.observation(told, null, true, SEEN))
                .isEqualTo(AgentActuator.observation(told, new Assigned("2.0", "a.2", 7), true, SEEN));
    }

    @Test
    void nothingIsKnownOfAnAssetThatNeverReported() {
        assertThat(AgentActuator.observation(null, null, false, null))
                .isEqualTo(new Observation(null, Progress.NONE, null, null, null, null, false, null, null));
    }
}
