package dev.muster.runbook;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.registry.selector.Selectors;
import dev.muster.runbook.Run.Phase;
import dev.muster.runbook.RunDriver.Left;
import dev.muster.runbook.RunbookEngine.Line;
import dev.muster.runbook.RunbookEngine.Stepped;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** Runs that are killed at every place, and seeded ones that are killed anywhere, again and again. */
class RunDriverTest {
    private static final Selectors SELECTORS = new Selectors(new SimpleMeterRegistry());
    private static final Instant BEGIN = Instant.parse("2026-11-26T08:00:00Z");

    private static final String SPEC = """
            steps:
              - {name: look, command: {name: collect}, retries: 1}
              - {name: tell, http: {url: "https://example.org/hook"}, onError: ONWARD}
              - {name: put, http: {method: PUT, url: "https://example.org/state"}}
              - {name: back, rollout: {name: bad, action: rollback}}
              - {name: over, waitFor: {alert: resolved}}
            onFailure:
              - {name: ticket, ticket: {summary: "it did not help"}}
            timeout: 1h
            """;

    @Test
    void aRunWithoutAKillDoesEachStepOnce() {
        Fleet fleet = new Fleet(-1);
        Run end = fleet.toItsEnd("continue");
        assertThat(end.phase()).isEqualTo(Phase.SUCCEEDED);
        assertThat(fleet.deeds).isEqualTo(Map.of("look", 1, "tell", 1, "put", 1, "back", 1, "over", 1));
    }

    @Test
    void killedAtEveryPlaceNothingInsideHappensTwiceAndNothingOutsideIsMadeAgainUnlessItMayBe() {
        int places = new Fleet(-1).placesOf("fail");
        int indeterminate = 0;
        for (int place = 0; place < places; place++) {
            Fleet fleet = new Fleet(place);
            Run end = fleet.toItsEnd("fail");
            assertThat(fleet.kills).as("place %d", place).isEqualTo(1);
            assertThat(fleet.problem()).as("place %d", place).isEmpty();
            assertThat(end.phase()).as("place %d", place).isIn(Phase.SUCCEEDED, Phase.INDETERMINATE);
            if (end.phase() == Phase.INDETERMINATE) {
                indeterminate++;
                assertThat(end.reason()).startsWith("tell is indeterminate");
                assertThat(fleet.deeds).as("the steps for a failure").containsEntry("ticket", 1);
            }
        }
        // After the intent, before the call, after it, before what came of it: nobody can tell these apart.
        assertThat(indeterminate).isEqualTo(4);
    }

    @Test
    void thousandsOfSchedulesWithKillsFailuresAndStopsKeepTheRules() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Map<Phase, Integer> ends = new HashMap<>();
        int kills = 0;
        for (int schedule = 0; schedule < 3_000; schedule++) {
            Fleet fleet = new Fleet(random);
            Run end = fleet.toItsEnd(random.nextBoolean() ? "fail" : "continue");
            ends.merge(end.phase(), 1, Integer::sum);
            kills += fleet.kills;
            assertThat(fleet.problem())
                    .as("seed %d, schedule %d", seed, schedule)
                    .isEmpty();
        }
        System.out.println("runs ended " + ends + " with " + kills + " kills, seed " + seed);
        assertThat(ends.keySet())
                .as("seed %d", seed)
                .contains(Phase.SUCCEEDED, Phase.FAILED, Phase.INDETERMINATE, Phase.STOPPED);
    }

    @Test
    void anApprovalInTheInstantOfTheTimeoutCounts() {
        assertThat(approvedWhileItRunsOut(null)).isEqualTo(Phase.SUCCEEDED);
        assertThat(approvedWhileItRunsOut(Fault.LAST_WORD_FORGOTTEN))
                .as("the planted fault is found")
                .isEqualTo(Phase.FAILED);
    }

    /** The person's answer is written between the look at the step and what came of the look. */
    private static Phase approvedWhileItRunsOut(@Nullable Fault fault) {
        Fleet fleet = new Fleet(-1);
        fleet.spec = "steps: [{name: ask, approve: {instructions: look}, timeout: 1m}]";
        fleet.fault = fault;
        fleet.answers = true;
        return fleet.toItsEnd("fail").phase();
    }

    @Test
    void thePlantedFaultsAreFound() {
        for (Fault fault : List.of(Fault.NOT_TOGETHER, Fault.INTENT_FORGOTTEN)) {
            boolean found = false;
            for (int place = 0; place < 60 && !found; place++) {
                Fleet fleet = new Fleet(place);
                fleet.fault = fault;
                fleet.toItsEnd("fail");
                found = fleet.problem().isPresent();
            }
            assertThat(found).as("%s", fault).isTrue();
        }
    }

    enum Fault {
        /** What a step does and that it was done are not one transaction. */
        NOT_TOGETHER,
        /** A call is made before it is written down that it will be. */
        INTENT_FORGOTTEN,
        /** What somebody said while the step was looked at is written over. */
        LAST_WORD_FORGOTTEN
    }

    private static final class Killed extends RuntimeException {
        Killed() {
            super("killed", null, false, false);
        }
    }

    /** A fleet, a log and a clock in memory; what is not committed at a kill is gone, what happened outside stays. */
    private static final class Fleet implements RunDriver.Log, Hands {
        private final @Nullable Random random;
        private int place;
        private int places;
        private int kills;
        private @Nullable Fault fault;
        private Instant now = BEGIN;
        private String spec = SPEC;
        private boolean answers;
        private Run run = first("fail");
        private List<Line> lines = new ArrayList<>();
        private Map<String, Integer> deeds = new HashMap<>();
        private final Map<String, String> calls = new HashMap<>();
        private boolean twice;
        private boolean inTransaction;

        Fleet(int place) {
            this.place = place;
            this.random = null;
        }

        Fleet(Random random) {
            this.place = -1;
            this.random = random;
        }

        private Run first(String onError) {
            JsonNode json = YAMLMapper.shared().readTree(spec.replace("ONWARD", onError));
            SpecReader.Read read = SpecReader.declared("x", json, SELECTORS);
            assertThat(read.problems()).isEmpty();
            return new Run(
                    "r",
                    "x",
                    1,
                    null,
                    0,
                    "alert",
                    "test",
                    null,
                    "f",
                    "s",
                    List.of("a"),
                    json,
                    read.spec(),
                    Phase.RUNNING,
                    Run.first(BEGIN),
                    "",
                    null,
                    null,
                    false,
                    BEGIN,
                    BEGIN.plus(Duration.ofHours(1)),
                    null);
        }

        int placesOf(String onError) {
            toItsEnd(onError);
            return places;
        }

        Run toItsEnd(String onError) {
            run = first(onError);
            Clock clock = new Clock() {
                @Override
                public ZoneId getZone() {
                    return ZoneOffset.UTC;
                }

                @Override
                public Clock withZone(ZoneId zone) {
                    return this;
                }

                @Override
                public Instant instant() {
                    return now;
                }
            };
            for (int turn = 0; turn < 5_000; turn++) {
                RunDriver driver = new RunDriver(new RunbookEngine(), this, this, clock);
                try {
                    Left left = driver.turn("r");
                    if (left == Left.ENDED) {
                        return run;
                    }
                    if (left == Left.WAITS) {
                        now = now.plusSeconds(20);
                    }
                } catch (Killed killed) {
                    kills++;
                    inTransaction = false;
                    now = now.plusSeconds(30);
                }
                if (random != null && random.nextInt(60) == 0 && !run.phase().isEnd()) {
                    run = stoppedBy(run);
                }
            }
            throw new AssertionError("it does not end: " + run);
        }

        private static Run stoppedBy(Run run) {
            return new Run(
                    run.id(),
                    run.runbook(),
                    run.revision(),
                    run.parent(),
                    run.depth(),
                    run.trigger(),
                    run.startedBy(),
                    run.incident(),
                    run.fingerprint(),
                    run.subject(),
                    run.targets(),
                    run.json(),
                    run.spec(),
                    run.phase(),
                    run.cursor(),
                    run.reason(),
                    "ann",
                    run.approvedBy(),
                    run.alertOver(),
                    run.startedAt(),
                    run.deadline(),
                    run.endedAt());
        }

        /** A place at which the server may be killed. */
        private void place() {
            int here = places++;
            if (here == place || (random != null && random.nextInt(12) == 0)) {
                throw new Killed();
            }
        }

        Optional<String> problem() {
            if (twice) {
                return Optional.of("a call that may not be repeated was made twice: " + calls);
            }
            for (Map.Entry<String, Integer> each : deeds.entrySet()) {
                int most = each.getKey().equals("look") ? 2 : each.getKey().equals("put") ? 99 : 1;
                if (each.getValue() > most) {
                    return Optional.of(each.getKey() + " was done " + each.getValue() + " times");
                }
            }
            if (run.phase() == Phase.SUCCEEDED && (deeds.getOrDefault("back", 0) != 1)) {
                return Optional.of("it succeeded without the rollback: " + deeds);
            }
            return Optional.empty();
        }

        @Override
        public Run load(String id) {
            place();
            return run;
        }

        @Override
        public boolean isAsLoaded(Run loaded) {
            return fault == Fault.LAST_WORD_FORGOTTEN || run.isSaidAs(loaded);
        }

        @Override
        public void write(Stepped stepped) {
            if (fault == Fault.INTENT_FORGOTTEN
                    && stepped.run().cursor().at() == Run.At.INTENDED
                    && !stepped.run().phase().isEnd()) {
                return;
            }
            if (!inTransaction) {
                place();
            }
            run = stepped.run();
            lines.addAll(stepped.lines());
            if (!inTransaction) {
                place();
            }
        }

        @Override
        public void together(Runnable work) {
            Run before = run;
            List<Line> linesBefore = new ArrayList<>(lines);
            Map<String, Integer> deedsBefore = new HashMap<>(deeds);
            inTransaction = fault != Fault.NOT_TOGETHER;
            try {
                place();
                work.run();
                place();
            } catch (Killed killed) {
                if (fault != Fault.NOT_TOGETHER) {
                    run = before;
                    lines = linesBefore;
                    deeds = deedsBefore;
                }
                throw killed;
            } finally {
                inTransaction = false;
            }
            place();
        }

        @Override
        public Deed perform(Run at, Step step) {
            place();
            if (step.action() instanceof Action.Http http && !http.idempotent()) {
                String key = step.name();
                twice |= calls.put(key, at.idempotencyKey()) != null;
            }
            deeds.merge(step.name(), 1, Integer::sum);
            place();
            if (random != null && random.nextInt(15) == 0) {
                return new Deed.Failed("bad luck");
            }
            return switch (step.action()) {
                case Action.Command _ ->
                    new Deed.Begun(List.of("c-" + at.cursor().attempt()), "");
                case Action.WaitForAlert _, Action.Approve _ -> new Deed.Begun(List.of(), "");
                default -> new Deed.Done("");
            };
        }

        @Override
        public Progress look(Run at, Step step) {
            if (step.action() instanceof Action.Approve) {
                if (at.cursor().answer() != null) {
                    return new Progress.Succeeded("");
                }
                if (answers && !now.isBefore(at.cursor().since().plusSeconds(60))) {
                    run = run.at(run.cursor().answered("ann"));
                }
                return new Progress.Pending("nobody has done it");
            }
            if (now.isBefore(at.cursor().since().plusSeconds(30))) {
                return new Progress.Pending("");
            }
            return random != null && random.nextInt(15) == 0 ? new Progress.Failed("no") : new Progress.Succeeded("");
        }

        @Override
        public Optional<String> worse(Run at) {
            return random != null && random.nextInt(40) == 0 ? Optional.of("fewer are online") : Optional.empty();
        }

        @Override
        public void abandon(Run at, Step step) {}
    }
}
