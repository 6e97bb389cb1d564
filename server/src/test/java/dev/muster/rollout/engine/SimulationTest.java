package dev.muster.rollout.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Thousands of rollouts through a bad world. A failure names its seed; {@code -Drollout.seed=N} runs that one alone,
 * {@code -Drollout.schedules=N} more or fewer of them, {@code -Drollout.firstSeed=N} others.
 */
class SimulationTest {
    private static final int SCHEDULES = Integer.getInteger("rollout.schedules", 10_000);
    private static final long FIRST = Long.getLong("rollout.firstSeed", 1);

    /** Every step that a target may take; what is not here is a bug, what is here and is never taken is not tested. */
    private static final Set<String> STEPS =
            Set.of("""
            pending -> waiting, ordered, excluded, indeterminate, rolling_back, rollback_failed
            waiting -> pending, ordered, excluded, indeterminate, rolling_back, rollback_failed
            selected -> pending
            ordered -> waiting, recovering, bricked, notified, downloading, installed, rebooting, verifying, succeeded, failed, returning, unreachable, \
            indeterminate, rolling_back, rollback_failed
            notified -> waiting, recovering, bricked, downloading, installed, rebooting, verifying, succeeded, failed, returning, rolling_back, rollback_failed
            downloading -> waiting, recovering, bricked, installed, rebooting, verifying, succeeded, failed, returning, rolling_back, rollback_failed
            installed -> waiting, recovering, bricked, rebooting, verifying, succeeded, failed, returning, rolling_back, rollback_failed
            rebooting -> verifying, succeeded, failed, returning, recovering, bricked, rolling_back, rollback_failed
            verifying -> succeeded, failed, returning, recovering, bricked, rolling_back, rollback_failed
            succeeded -> rolling_back, rollback_failed
            failed -> pending, rolling_back, rollback_failed
            returning -> failed, stranded, bricked, rolling_back, rollback_failed
            recovering -> failed, stranded, bricked, rolling_back, rollback_failed
            bricked -> pending, rolling_back, rollback_failed
            stranded -> pending, rolling_back, rollback_failed
            unreachable -> pending, rolling_back, rollback_failed
            indeterminate -> pending, rolling_back, rollback_failed
            rollback_failed -> indeterminate
            rolling_back -> confirming_back, rolled_back, rollback_failed
            confirming_back -> rolled_back, rollback_failed
            """.lines().flatMap(SimulationTest::steps).toArray(String[]::new));

    /** Possible, and so rare that a run of 10,000 may miss them. */
    private static final Set<String> RARE = Set.of(
            "pending -> rollback_failed",
            "waiting -> rolling_back",
            "waiting -> rollback_failed",
            "waiting -> indeterminate",
            "notified -> failed",
            "notified -> installed",
            "notified -> succeeded",
            "notified -> rolling_back",
            "notified -> returning",
            "notified -> rollback_failed",
            "returning -> rollback_failed",
            "returning -> bricked",
            "bricked -> pending",
            "ordered -> bricked",
            "notified -> bricked",
            "downloading -> bricked",
            "installed -> bricked",
            "rebooting -> bricked",
            "bricked -> rollback_failed",
            "downloading -> recovering",
            "installed -> recovering",
            "notified -> recovering",
            "ordered -> recovering",
            "verifying -> bricked",
            "recovering -> rollback_failed",
            "stranded -> pending",
            "stranded -> rollback_failed");

    private static final Set<String> FAULTS = Set.of(
            "another change",
            "asset deleted",
            "asset not safe to change",
            "asset selected later",
            "clock jumped",
            "gate signal changed",
            "message contradicts",
            "message late",
            "message lost",
            "message repeated",
            "message says nothing of the order",
            "selection changed",
            "server killed",
            "server killed before a commit",
            "window closed",
            "operator: abort",
            "operator: exclude",
            "operator: pause",
            "operator: promote",
            "operator: resume",
            "operator: retry",
            "operator: rollback");

    @Test
    void keepsItsPromisesInEverySchedule() {
        Long only = Long.getLong("rollout.seed");
        long began = System.nanoTime();
        Statistics statistics = only == null ? Schedules.run(FIRST, FIRST + SCHEDULES - 1) : Schedules.run(only, only);
        System.out.println(statistics.histogram() + "in "
                + Duration.ofNanos(System.nanoTime() - began).toSeconds() + " s");

        assertThat(STEPS).as("steps that a target may take").containsAll(statistics.transitions.keySet());
        if (statistics.schedules >= 5_000) {
            Set<String> expected = new TreeSet<>(STEPS);
            expected.removeAll(RARE);
            assertThat(statistics.transitions.keySet())
                    .as("steps that were taken")
                    .containsAll(expected);
            assertThat(statistics.faults.keySet()).as("faults that came about").containsAll(FAULTS);
            assertThat(statistics.phases.keySet())
                    .as("ends")
                    .containsExactlyInAnyOrder("completed", "aborted", "rolled_back");
        }
    }

    @Test
    void aSeedGivesTheSameScheduleAgain() {
        Statistics once = new Statistics();
        Statistics again = new Statistics();
        for (long seed = 1; seed <= 20; seed++) {
            new Simulation(seed, new Rules(), once).run();
            new Simulation(seed, new Rules(), again).run();
        }
        assertThat(again.histogram()).isEqualTo(once.histogram());
    }

    private static Stream<String> steps(String line) {
        String[] sides = line.split(" -> ");
        return Arrays.stream(sides[1].split(", ")).map(to -> sides[0] + " -> " + to.strip());
    }
}
