package dev.muster.simulator.device;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.protocol.PayloadFormat;
import dev.muster.protocol.Uplink;
import dev.muster.protocol.Uplink.CommandResult;
import dev.muster.protocol.Uplink.CommandResult.Status;
import dev.muster.protocol.Uplink.StateReport;
import dev.muster.protocol.Uplink.Update.State;
import dev.muster.protocol.UplinkCodec;
import dev.muster.simulator.device.Desired.Target;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Thousands of random lives of assets, with what must hold in each of them. */
class DeviceScheduleTest {
    private static final int LIVES = 2_000;
    private static final int STEPS = 60;
    private static final Set<Status> OPEN = EnumSet.of(Status.ACCEPTED, Status.RUNNING);
    private static final List<String> COMMANDS = List.of("reboot", "sync-prices", "print-test", "show-message", "fly");
    private static final Behaviour WILD = new Behaviour(
            Share.percent(30),
            Share.percent(30),
            Share.percent(20),
            Share.percent(20),
            Share.percent(20),
            Share.percent(10),
            Share.percent(10),
            Share.percent(20),
            List.of(
                    Fault.parse("app@1.5.0: failing=20% bricking=5% slow=20% silent=10% lying=10%"),
                    Fault.parse("os@*: failing=30% hardware=rev-b")),
            List.of(),
            Pace.standard());

    @Test
    void holdsWhatTheProtocolPromisesInEveryLife() throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        Map<String, Integer> reached = new TreeMap<>();
        try {
            for (int life = 0; life < LIVES; life++) {
                check(live(seed + life), reached);
            }
        } finally {
            System.out.println("seed " + seed + ", reached in " + LIVES + " lives: " + reached);
        }
        assertThat(reached.keySet())
                .as("states and faults that the lives reached; seed %d", seed)
                .contains(
                        "update rolled_back",
                        "update succeeded",
                        "update failed",
                        "update downloading",
                        "command succeeded",
                        "command indeterminate",
                        "command rejected",
                        "command failed",
                        "fault failing",
                        "fault bricking",
                        "fault slow",
                        "fault silent",
                        "fault lying",
                        "power away",
                        "power bricked",
                        "drifted",
                        "rejected");
    }

    @Test
    void livesTheSameLifeForTheSameSeed() {
        for (long seed = 1; seed <= 50; seed++) {
            Life one = live(seed);
            Life other = live(seed);
            assertThat(one.said).isEqualTo(other.said);
            assertThat(one.device.state()).isEqualTo(other.device.state());
        }
    }

    @Test
    void keepsEveryStateInAFileAsItWas(@TempDir Path folder) throws Exception {
        Map<String, DeviceState> states = new HashMap<>();
        for (long seed = 1; seed <= 300; seed++) {
            DeviceState state = live(seed).device.state();
            states.put(state.id(), state);
        }
        Path file = folder.resolve("devices.jsonl");
        DeviceStates.write(file, states.values());
        assertThat(DeviceStates.read(file)).isEqualTo(states);
    }

    private static Life live(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Life life = new Life("pump-" + seed, "pos", WILD, random.nextInt(2) == 0 ? "rev-a" : "rev-b", null);
        long generation = 0;
        int commands = 0;
        for (int step = 0; step < STEPS; step++) {
            switch (random.nextInt(12)) {
                case 0, 1 -> {
                    if (life.reachable) {
                        life.desired(++generation, config(random), software(random));
                    }
                }
                case 2 -> {
                    if (life.reachable) {
                        String name = COMMANDS.get(random.nextInt(COMMANDS.size()));
                        // sometimes one that it was told before
                        String id = "c" + (random.nextInt(4) == 0 ? random.nextInt(commands + 1) : ++commands);
                        life.command(id, name, Map.of());
                    }
                }
                case 3 -> {
                    if (life.reachable) {
                        life.cut();
                    }
                }
                case 4 -> {
                    if (!life.reachable && life.device.isOn()) {
                        life.connect();
                    }
                }
                case 5 -> {
                    if (random.nextInt(5) == 0) {
                        life.take(life.device.goAway(life.now));
                    }
                }
                case 6 -> {
                    if (random.nextInt(3) == 0) {
                        life.take(life.device.comeBack(life.now));
                    }
                }
                case 7 -> {
                    if (!life.downloads.isEmpty()) {
                        Effect.Download first = life.downloads.removeFirst();
                        String failure = random.nextInt(3) == 0 ? "the download answered 404" : null;
                        life.take(life.device.downloaded(first.component(), first.version(), failure, life.now));
                    }
                }
                default -> life.until(life.now + random.nextLong(30_000));
            }
        }
        if (!life.reachable && life.device.isOn()) {
            life.connect();
        }
        return life.settle();
    }

    private static Map<String, Object> config(SplittableRandom random) {
        return Map.of("reporting", Map.of("seconds", (long) random.nextInt(3)), "name", "n" + random.nextInt(2));
    }

    private static Map<String, Target> software(SplittableRandom random) {
        Map<String, Target> software = new TreeMap<>();
        software.put("app", target(List.of("1.4.2", "1.5.0", "1.6.0").get(random.nextInt(3)), random));
        if (random.nextBoolean()) {
            software.put("os", target(List.of("3.2.0", "4.0.0").get(random.nextInt(2)), random));
        }
        return software;
    }

    private static Target target(String version, SplittableRandom random) {
        return new Target(version, "r-" + random.nextInt(3), "https://muster.example/a", "9f86", 5L);
    }

    private static void check(Life life, Map<String, Integer> reached) throws Exception {
        Map<String, Status> ended = new HashMap<>();
        long boots = 0;
        for (Uplink uplink : life.said) {
            byte[] payload = UplinkCodec.encode(uplink, PayloadFormat.JSON);
            String subtopic = uplink instanceof CommandResult result ? result.commandId() : "";
            assertThat(UplinkCodec.decode(uplink.kind(), subtopic, PayloadFormat.JSON, payload))
                    .isEqualTo(uplink);
            switch (uplink) {
                case CommandResult result -> {
                    count(reached, "command " + Fault.wireName(result.status()));
                    Status before = ended.get(result.commandId());
                    assertThat(before == null || before == result.status())
                            .as("%s, after %s", result, before)
                            .isTrue();
                    if (!OPEN.contains(result.status())) {
                        ended.put(result.commandId(), result.status());
                    }
                }
                case StateReport report -> {
                    long boot = Long.parseLong(
                            Objects.requireNonNull(report.bootId()).substring(2));
                    assertThat(boot).as("the boots of one asset do not go back").isGreaterThanOrEqualTo(boots);
                    boots = boot;
                    report.updates().values().forEach(update -> {
                        count(reached, "update " + Fault.wireName(update.state()));
                        assertThat(update.progress() != null).isEqualTo(update.state() == State.DOWNLOADING);
                        assertThat(update.reason() != null)
                                .isEqualTo(update.state() == State.FAILED || update.state() == State.ROLLED_BACK);
                    });
                }
                default -> throw new AssertionError("a device does not say " + uplink);
            }
        }
        DeviceState state = life.device.state();
        state.faults().values().forEach(fault -> count(reached, "fault " + Fault.wireName(fault)));
        count(reached, "power " + Fault.wireName(state.power()));
        if (!state.drift().isEmpty()) {
            count(reached, "drifted");
        }
        if (state.rejected() != null) {
            count(reached, "rejected");
        }
        boolean waitsForDownload = !life.downloads.isEmpty();
        assertThat(state.settled() || waitsForDownload).as("settled: %s", state).isTrue();
        if (state.power() == Power.ON && !life.device.state().traits().contains(DeviceState.Trait.LATE)) {
            checkLastReport(life, state);
        }
    }

    /** What the server heard last is what is true, unless the asset is one that does not speak. */
    private static void checkLastReport(Life life, DeviceState state) {
        boolean silent = state.updates().values().stream().anyMatch(update -> update.state() == State.NOTIFIED);
        if (!silent) {
            StateReport last = life.lastReport();
            assertThat(last.config()).isEqualTo(state.config());
            assertThat(last.software()).isEqualTo(state.software());
            assertThat(last.updates()).isEqualTo(state.updates());
            assertThat(last.generation()).isEqualTo(state.generation());
            assertThat(last.bootId()).isEqualTo(state.bootId());
        }
    }

    private static void count(Map<String, Integer> reached, String what) {
        reached.merge(what, 1, Integer::sum);
    }
}
