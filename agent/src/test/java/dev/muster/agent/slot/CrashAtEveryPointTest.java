package dev.muster.agent.slot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.agent.desired.Wanted;
import dev.muster.agent.slot.SlotRecord.Phase;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The agent, or the machine, goes dark at every point of a change: afterwards exactly the right version runs. */
class CrashAtEveryPointTest {

    /** @param before installed and healthy, in order */
    private record Scenario(List<String> before, String wanted, End end) {}

    /** @param runs the version; null when none does */
    private record End(
            Phase phase, @Nullable String runs, @Nullable String beside) {}

    private static final Map<String, Scenario> SCENARIOS = new LinkedHashMap<>();

    static {
        SCENARIOS.put("first version", new Scenario(List.of(), "2.0", new End(Phase.SUCCEEDED, "2.0", null)));
        SCENARIOS.put("next version", new Scenario(List.of("1.0"), "2.0", new End(Phase.SUCCEEDED, "2.0", "1.0")));
        SCENARIOS.put(
                "over the one before",
                new Scenario(List.of("0.9", "1.0"), "2.0", new End(Phase.SUCCEEDED, "2.0", "1.0")));
        SCENARIOS.put(
                "back to the one before",
                new Scenario(List.of("1.0", "2.0"), "1.0", new End(Phase.SUCCEEDED, "1.0", "2.0")));
        SCENARIOS.put("the one that runs", new Scenario(List.of("1.0"), "1.0", new End(Phase.SUCCEEDED, "1.0", null)));
        SCENARIOS.put("ill version", new Scenario(List.of("1.0"), "ill", new End(Phase.ROLLED_BACK, "1.0", null)));
        SCENARIOS.put(
                "ill version, and the old one by now, too",
                new Scenario(List.of("fragile"), "ill", new End(Phase.FAILED, "fragile", null)));
        SCENARIOS.put("ill first version", new Scenario(List.of(), "ill", new End(Phase.FAILED, null, null)));
        SCENARIOS.put("unavailable version", new Scenario(List.of("1.0"), "lost", new End(Phase.FAILED, "1.0", null)));
    }

    @Test
    void theRightVersionRunsWhereverTheAgentWasKilled() throws Exception {
        Set<CrashPoint> reached = new LinkedHashSet<>();
        int crashes = 0;
        for (boolean powerLoss : List.of(false, true)) {
            for (var scenario : SCENARIOS.entrySet()) {
                for (CrashPoint point : CrashPoint.all()) {
                    FakeMachine machine = machine(scenario.getValue());
                    if (changedWithCrashAt(
                                    Set.of(point), machine, scenario.getValue().wanted(), powerLoss)
                            > 0) {
                        reached.add(point);
                        crashes++;
                    }
                    assertThat(machine.violations)
                            .as("%s, %s", scenario.getKey(), point)
                            .isEmpty();
                    assertThat(end(machine))
                            .as("%s, %s", scenario.getKey(), point)
                            .isEqualTo(scenario.getValue().end());
                }
            }
        }
        System.out.println(CrashPoint.all().size() + " crash points, " + crashes + " crashes in " + SCENARIOS.size()
                + " scenarios, each as a kill and as a power loss");
        assertThat(reached)
                .as("every point is one that the worker passes")
                .containsExactlyInAnyOrderElementsOf(CrashPoint.all());
    }

    @Test
    void manyCrashesInOneChangeEndWithOneHealthyVersion() throws Exception {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        int gaveUp = 0;
        for (int i = 0; i < 3000; i++) {
            Scenario scenario = List.copyOf(SCENARIOS.values()).get(random.nextInt(SCENARIOS.size()));
            FakeMachine machine = machine(scenario);
            String newest = machineWithRandomCrashes(random, machine, scenario);
            assertThat(machine.violations).as("seed %d, change %d", seed, i).isEmpty();
            End end = end(machine);
            if (end.phase() == Phase.ROLLED_BACK || end.phase() == Phase.FAILED) {
                gaveUp++;
                assertThat(end.runs()).isNotEqualTo(newest);
            } else {
                assertThat(end.runs()).isEqualTo(newest);
            }
            assertThat(machine.processes).hasSize(end.runs() == null ? 0 : 1);
        }
        System.out.println(gaveUp + " of 3000 changes given up");
        assertThat(gaveUp).isBetween(1, 2999);
    }

    private static String machineWithRandomCrashes(Random random, FakeMachine machine, Scenario scenario)
            throws Exception {
        int left = random.nextInt(8);
        String wanted = scenario.wanted();
        while (true) {
            int steps = left-- > 0 ? 1 + random.nextInt(12) : Integer.MAX_VALUE;
            Countdown crash = new Countdown(steps);
            if (random.nextInt(8) == 0) {
                wanted = List.of("ill", "3.0", "3.1", "0.9", "1.0").get(random.nextInt(5));
            }
            if (random.nextInt(10) == 0) {
                machine.stuck = random.nextInt(3);
            }
            try {
                settle(worker(machine, crash), wanted);
                return wanted;
            } catch (Dark dark) {
                if (random.nextBoolean()) {
                    machine.loseProcesses();
                }
            }
        }
    }

    private static FakeMachine machine(Scenario scenario) throws Exception {
        FakeMachine machine = new FakeMachine();
        machine.ill.add("ill");
        machine.unavailable.add("lost");
        for (String version : scenario.before()) {
            settle(worker(machine, CrashPoint.NOBODY), version);
            assertThat(end(machine).runs()).isEqualTo(version);
        }
        machine.ill.add("fragile");
        return machine;
    }

    /** The number of crashes. */
    private static int changedWithCrashAt(
            Set<CrashPoint> points, FakeMachine machine, String version, boolean powerLoss) throws Exception {
        Set<CrashPoint> left = new LinkedHashSet<>(points);
        CrashPoint.Observer observer = point -> {
            if (left.remove(point)) {
                throw new Dark(point);
            }
        };
        while (true) {
            try {
                settle(worker(machine, observer), version);
                return points.size() - left.size();
            } catch (Dark dark) {
                if (powerLoss) {
                    machine.loseProcesses();
                }
            }
        }
    }

    private static SlotWorker worker(FakeMachine machine, CrashPoint.Observer crashes) {
        return new SlotWorker(machine, machine.world(crashes), crashes, worker -> {});
    }

    private static void settle(SlotWorker worker, String version) throws Exception {
        worker.start();
        worker.want(new Wanted(version, "r-1." + version, null, null, null, null));
        int rounds = 0;
        do {
            worker.round();
            assertThat(++rounds).isLessThan(100);
        } while (worker.restless());
        worker.round(); // keeps what is active now
    }

    private static End end(FakeMachine machine) {
        SlotRecord slots = machine.onDisk;
        Slot active = slots.active();
        assertThat(machine.processes).isEqualTo(active == null ? List.of() : List.of(active));
        for (Slot slot : Slot.values()) {
            SlotRecord.Installed installed = slots.in(slot);
            if (installed != null) {
                assertThat(machine.files.get(slot))
                        .as("what the record says of %s", slot)
                        .isEqualTo(installed.version());
            }
        }
        SlotRecord.Installed running = slots.running();
        SlotRecord.Installed beside = active == null ? null : slots.in(active.other());
        Phase phase = slots.change() == null ? Phase.NOTIFIED : slots.change().phase();
        return new End(phase, running == null ? null : running.version(), beside == null ? null : beside.version());
    }

    private static final class Countdown implements CrashPoint.Observer {
        private int left;

        Countdown(int steps) {
            this.left = steps;
        }

        @Override
        public void passed(CrashPoint point) {
            if (--left == 0) {
                throw new Dark(point);
            }
        }
    }

    /** Not caught by anything but the test. */
    private static final class Dark extends Error {
        private static final long serialVersionUID = 1L;

        Dark(CrashPoint point) {
            super(point.toString());
        }
    }
}
