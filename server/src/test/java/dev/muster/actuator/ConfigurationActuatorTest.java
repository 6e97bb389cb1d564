package dev.muster.actuator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.actuator.Observation.Progress;
import dev.muster.twin.reported.ConfigurationReports.ConfigurationReport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a report says of an order to have another revision; the order is generation 8. */
class ConfigurationActuatorTest {

    @Test
    void aReportOfAnEarlierGenerationDoesNotAnswer() {
        assertThat(observed(7L, null, null).answers("r.1.1")).isFalse();
        assertThat(observed(null, null, null).answers("r.1.1")).isFalse();
    }

    @Test
    void aReportOfTheGenerationOrALaterOneShowsTheRevision() {
        assertThat(observed(8L, null, null)).isEqualTo(seen(Progress.SUCCEEDED, null, "new"));
        assertThat(observed(11L, null, null)).isEqualTo(seen(Progress.SUCCEEDED, null, "new"));
    }

    @Test
    void whatIsRejectedOrDiffersHasFailed() {
        assertThat(observed(7L, 8L, null)).isEqualTo(seen(Progress.FAILED, "rejected it: too high", null));
        assertThat(observed(7L, 9L, null))
                .as("with something else in the same document")
                .isEqualTo(seen(Progress.FAILED, "rejected it: too high", null));
        assertThat(observed(8L, null, "/config/rate"))
                .isEqualTo(seen(Progress.FAILED, "has other values in /config/rate", null));
    }

    @Test
    void whatIsRejectedBeforeOrAfterTheOrderSaysNothingOfIt() {
        assertThat(observed(6L, 7L, null).answers("r.1.1")).as("before").isFalse();
        assertThat(observed(8L, 9L, null)).as("after").isEqualTo(seen(Progress.SUCCEEDED, null, "new"));
    }

    @Test
    void withoutAReportNothingIsKnown() {
        assertThat(ConfigurationActuator.observation(null, true, null).answers("r.1.1"))
                .isFalse();
    }

    private static Observation observed(@Nullable Long generation, @Nullable Long rejected, @Nullable String drifted) {
        return ConfigurationActuator.observation(
                new ConfigurationReport("r.1.1", "new", 8L, generation, rejected, "too high", drifted, "b-1"),
                true,
                null);
    }

    private static Observation seen(Progress progress, @Nullable String reason, @Nullable String version) {
        return new Observation("r.1.1", progress, null, reason, version, "b-1", true, null, null);
    }
}
