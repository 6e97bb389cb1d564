package dev.muster.runbook;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.registry.selector.Selectors;
import dev.muster.runbook.Run.At;
import dev.muster.runbook.Run.Cursor;
import dev.muster.runbook.Run.Phase;
import dev.muster.runbook.Run.Section;
import dev.muster.runbook.RunbookEngine.Line;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

class RunStepsTest {
    private static final Instant BEGIN = Instant.parse("2026-11-26T08:00:00Z");
    private static final JsonNode JSON = YAMLMapper.shared().readTree("""
            steps:
              - {name: restart, command: {name: reboot}, retries: 1}
              - {name: hook, http: {url: "https://example.org/hook"}, onError: continue}
              - {name: over, waitFor: {alert: resolved}}
            onFailure:
              - {name: over, ticket: {summary: "it did not help"}}
            """);

    @Test
    void whatRunsIsRunningAndWhatFollowsIsPending() {
        assertThat(states(
                        Phase.RUNNING, at(Section.STEPS, 0, 1, At.UNDER_WAY), "restart intended", "restart under_way"))
                .containsExactly("restart running", "hook pending", "over pending", "over pending");
    }

    @Test
    void anAttemptThatFailedIsRetriedAndOnlyTheLastOneFails() {
        assertThat(states(Phase.RUNNING, at(Section.STEPS, 0, 2, At.READY), "restart intended", "restart failed"))
                .containsExactly("restart retrying", "hook pending", "over pending", "over pending");
    }

    @Test
    void whatMayHaveHappenedIsIndeterminateAlthoughTheRunGoesOn() {
        assertThat(states(
                        Phase.RUNNING,
                        at(Section.STEPS, 2, 1, At.UNDER_WAY),
                        "restart intended",
                        "restart succeeded",
                        "hook intended",
                        "hook indeterminate",
                        "over intended",
                        "over under_way"))
                .containsExactly("restart succeeded", "hook indeterminate", "over running", "over pending");
    }

    @Test
    void aNameInBothSectionsIsThatForTheFailureOnceTheFirstHasFailed() {
        assertThat(states(
                        Phase.FAILED,
                        at(Section.ON_FAILURE, 1, 1, At.READY),
                        "restart intended",
                        "restart failed",
                        "restart intended",
                        "restart failed",
                        "over intended",
                        "over succeeded"))
                .containsExactly("restart failed", "hook skipped", "over skipped", "over succeeded");
        assertThat(states(
                        Phase.FAILED,
                        at(Section.ON_FAILURE, 1, 1, At.READY),
                        "restart intended",
                        "restart succeeded",
                        "hook intended",
                        "hook succeeded",
                        "over intended",
                        "over failed",
                        "over intended",
                        "over succeeded"))
                .containsExactly("restart succeeded", "hook succeeded", "over failed", "over succeeded");
    }

    @Test
    void whatWasUnderWayWhenItWasStoppedIsStopped() {
        assertThat(states(
                        Phase.STOPPED,
                        at(Section.STEPS, 0, 1, At.UNDER_WAY),
                        "restart intended",
                        "restart under_way",
                        "restart stopped"))
                .containsExactly("restart stopped", "hook skipped", "over skipped", "over skipped");
    }

    private static List<String> states(Phase phase, Cursor cursor, String... lines) {
        return RunSteps.of(
                        run(phase, cursor, phase.isEnd() ? BEGIN.plusSeconds(60) : null),
                        Stream.of(lines)
                                .map(line -> line.split(" "))
                                .map(line -> new Line(BEGIN, line[0], line[1], "so"))
                                .toList())
                .stream()
                .map(shown -> shown.step().name() + " " + shown.state().wire())
                .toList();
    }

    private static Cursor at(Section section, int index, int attempt, At at) {
        return new Cursor(section, index, attempt, at, BEGIN, List.of(), null, null);
    }

    private static Run run(Phase phase, Cursor cursor, @Nullable Instant ended) {
        RunbookSpec spec = SpecReader.filled(JSON, new Selectors(new SimpleMeterRegistry()))
                .spec();
        return new Run(
                "r-1",
                "book",
                1,
                null,
                0,
                "manual",
                "token ann",
                null,
                null,
                "",
                List.of("pi-1"),
                JSON,
                spec,
                phase,
                cursor,
                "",
                null,
                null,
                false,
                BEGIN,
                BEGIN.plusSeconds(3_600),
                ended);
    }
}
