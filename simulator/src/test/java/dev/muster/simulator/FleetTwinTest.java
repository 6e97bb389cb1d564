package dev.muster.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.simulator.client.ClientSettings;
import dev.muster.simulator.client.TestBroker;
import dev.muster.simulator.device.Behaviour;
import dev.muster.simulator.device.DeviceState;
import dev.muster.simulator.device.DeviceState.Difference;
import dev.muster.simulator.device.DeviceStates;
import dev.muster.simulator.device.Pace;
import dev.muster.simulator.device.Power;
import dev.muster.simulator.enrol.ClaimToken;
import dev.muster.simulator.enrol.TestCa;
import dev.muster.simulator.enrol.TestEst;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Assets that are told something, over a real connection. */
@Timeout(120)
class FleetTwinTest {
    private static final String DESIRED = "assets/pos-00001/state/desired";
    private static final String COMMANDS = "assets/pos-00001/commands";

    @TempDir
    Path folder;

    private final TestCa ca = new TestCa();
    private final String token = ca.claimToken("s3cret");

    @Test
    void anAssetDoesWhatItIsToldAndKeepsItOverARestart() throws Exception {
        Path truth = folder.resolve("truth.jsonl");
        try (TestEst est = new TestEst(ca, token);
                TestBroker broker = new TestBroker(ca)) {
            try (Fleet fleet = started(1, truth, est, broker)) {
                awaitSubscriptions(broker);
                broker.sendToAll(DESIRED, """
                        {"generation":3,"config":{"receipt":{"copies":2}},"software":{"app":{"version":"1.5.0"}}}""");
                await(
                        fleet,
                        state -> state.settled()
                                && "1.5.0".equals(state.software().get("app")));
                assertReported(
                        broker,
                        "\"generation\":3",
                        "\"config\":{\"receipt\":{\"copies\":2}}",
                        "\"state\":\"succeeded\"");

                broker.sendToAll(COMMANDS, """
                        {"id":"c-1","name":"reboot","params":{},"deadline":"2099-01-01T00:00:00Z"}""");
                await(fleet, state -> state.settled() && state.commands().containsKey("c-1") && state.connected());
                assertThat(broker.connects)
                        .as("one for the update, one for the reboot")
                        .hasValue(3);

                assertThat(new FleetControl(fleet, 7).carryOut("drift pos-00001 /receipt/copies=99"))
                        .isEqualTo("drift: /receipt/copies changed on 1 assets");
                await(fleet, state -> state.settled() && !state.drift().isEmpty());
                assertReported(broker, "\"config\":{\"receipt\":{\"copies\":99}}", "\"bootId\":\"b-3\"");

                fleet.stop(Duration.ofSeconds(10));
                assertThat(fleet.states()).hasSize(1).allMatch(DeviceState::connected, "as it was when it ended");
                assertThat(fleet.report().refused()).isZero();
            }
            DeviceState kept = Objects.requireNonNull(DeviceStates.read(truth).get("pos-00001"));
            assertThat(kept.generation()).isEqualTo(3);
            assertThat(kept.drift()).isEqualTo(Map.of("/receipt/copies", new Difference(2L, 99L)));
            assertThat(kept.commands()).containsOnlyKeys("c-1");
            try (Fleet again = started(1, truth, est, broker)) {
                await(again, DeviceState::settled);
                DeviceState now = again.states().getFirst();
                assertThat(now.bootId()).isEqualTo("b-4");
                assertThat(now.software()).isEqualTo(kept.software());
                assertThat(now.config()).isEqualTo(kept.config());
                again.stop(Duration.ofSeconds(10));
            }
        }
    }

    @Test
    void aWipedAssetSaysSoForgetsItsKeyAndNeverComesBack() throws Exception {
        Path truth = folder.resolve("truth.jsonl");
        Path key = folder.resolve("state/pos-00001.pem");
        try (TestEst est = new TestEst(ca, token);
                TestBroker broker = new TestBroker(ca)) {
            try (Fleet fleet = started(1, truth, est, broker)) {
                awaitSubscriptions(broker);
                assertThat(key).exists();
                broker.sendToAll(COMMANDS, """
                        {"id":"c-1","name":"wipe","params":{},"deadline":"2099-01-01T00:00:00Z"}""");
                await(fleet, state -> state.power() == Power.WIPED && !state.connected());
                while (Files.exists(key)) {
                    Thread.sleep(10);
                }
                assertThat(broker.acknowledged)
                        .as("before it left")
                        .anyMatch(line ->
                                line.startsWith("assets/pos-00001/commands/c-1/result ") && line.contains("succeeded"));
                fleet.stop(Duration.ofSeconds(10));
            }
            int connects = broker.connects.get();
            try (Fleet again = started(1, truth, est, broker)) {
                assertThat(again.report().enrolled()).isZero();
                assertThat(again.report().allTookPart()).isTrue();
            }
            assertThat(broker.connects).hasValue(connects);
            assertThat(key).doesNotExist();
        }
    }

    @Test
    void aGameDayIsPlayedByLines() throws Exception {
        try (TestEst est = new TestEst(ca, token);
                TestBroker broker = new TestBroker(ca);
                Fleet fleet = started(20, folder.resolve("truth.jsonl"), est, broker)) {
            List<String> told = new ArrayList<>();
            FleetControl control = new FleetControl(fleet, 7);
            control.run(
                    new StringReader("offline 50%\n\nskew pos-00001 -3h\nfly\ndrift 5% nonsense\noffline\n"
                            + "offline pos-00001 until\noffline pos-00001 until pos-00001\nlapse 1% until noon\n"
                            + "x".repeat(5_000) + "\n"),
                    told::add);
            int away = Integer.parseInt(told.getFirst().replaceAll("\\D+", ""));
            assertThat(away).isBetween(3, 17);
            while (fleet.states().stream()
                                    .filter(state -> state.power() == Power.AWAY)
                                    .count()
                            < away
                    || fleet.statistics().connected() > 20 - away) {
                Thread.sleep(10);
            }
            assertThat(told.subList(1, told.size()))
                    .containsExactly(
                            "skew: the clocks of 1 assets are off by -3h",
                            "refused: \"fly\" is not known; there are offline, online, drift, skew, cut, fill, free,"
                                    + " lapse, renew, reflash, truth",
                            "refused: \"nonsense\" is not a change; write /reporting/telemetrySeconds=99",
                            "refused: which assets? write a share such as 10%, or an id",
                            "refused: \"until\" is not known; write until gw-1 for the asset whose restart brings them back",
                            "refused: asset pos-00001 cannot be behind itself",
                            "refused: \"until noon\" is not known; write until restart, or nothing",
                            "refused: the line is longer than 4096 characters");
            await(fleet, state -> state.skewMillis() == -3 * 3_600_000); // on its own thread, a moment later
            control.carryOut("online");
            while (fleet.statistics().connected() < 20) {
                Thread.sleep(10);
            }
            control.carryOut("truth");
            assertThat(DeviceStates.read(folder.resolve("truth.jsonl"))).hasSize(20);
            fleet.stop(Duration.ofSeconds(10));
        }
    }

    @Test
    void aDamagedStateIsNamedWithItsLine() throws IOException {
        Path file = folder.resolve("devices.jsonl");
        java.nio.file.Files.writeString(file, "{\"id\":\"pos-00001\",\"power\":\"on\"}\nnonsense\n");
        assertThatThrownBy(() -> DeviceStates.read(file))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("cannot read line 2 of " + file)
                .hasMessageContaining("delete the file to begin with new assets");
    }

    private Fleet started(int assets, Path truth, TestEst est, TestBroker broker) throws Exception {
        FleetOptions options = FleetOptions.of(assets, "pos=1", 7)
                .withClient(ClientSettings.standard().withBackoff(Duration.ofMillis(10), Duration.ofMillis(200)))
                .withFiles(folder.resolve("state"), null)
                .withDevices(DeviceOptions.honest()
                        .withBehaviour(
                                Behaviour.honest().withPace(Pace.standard().faster(100)))
                        .withTruth(truth));
        Fleet fleet = new Fleet(options, new Endpoints(est.address(), broker.address()));
        fleet.enrol((type, uses) -> ClaimToken.parse(token));
        fleet.connect();
        assertThat(fleet.awaitConnected(Duration.ofSeconds(60))).isTrue();
        return fleet;
    }

    private static void assertReported(TestBroker broker, String... parts) throws InterruptedException {
        while (broker.acknowledged.stream()
                .filter(line -> line.startsWith("assets/pos-00001/state/reported "))
                .noneMatch(line -> List.of(parts).stream().allMatch(line::contains))) {
            Thread.sleep(10);
        }
    }

    private interface Condition {
        boolean holds(DeviceState state);
    }

    private static void await(Fleet fleet, Condition condition) throws InterruptedException {
        while (!condition.holds(fleet.states().getFirst())) {
            Thread.sleep(10);
        }
    }

    /** A client subscribes once it is connected. */
    private static void awaitSubscriptions(TestBroker broker) {
        long patience = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!broker.subscriptions.containsAll(List.of(DESIRED, COMMANDS)) && System.nanoTime() < patience) {
            Thread.onSpinWait();
        }
        assertThat(broker.subscriptions).contains(DESIRED, COMMANDS);
    }
}
