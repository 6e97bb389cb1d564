package dev.muster.agent.work;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.agent.budget.Bandwidth;
import dev.muster.agent.buffer.DiskBuffer;
import dev.muster.agent.logs.LogShipper;
import dev.muster.agent.metrics.HostMetrics;
import dev.muster.agent.state.StateDirectory;
import dev.muster.protocol.Uplink;
import dev.muster.protocol.UplinkKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class WorkTest {
    @TempDir
    Path folder;

    private final List<Uplink> sent = new ArrayList<>();
    private final List<Uplink.Heartbeat> heartbeats = new ArrayList<>();
    private final Bandwidth uploads = new Bandwidth(0, () -> 0);
    private StateDirectory state;
    private DiskBuffer buffer;
    private Work work;
    private Path machine;

    @BeforeEach
    void start() throws IOException {
        state = StateDirectory.open(folder.resolve("state"));
        buffer = DiskBuffer.open(state.folder("buffer"), DiskBuffer.MIN_BYTES);
        machine = Files.createDirectories(folder.resolve("machine/proc"))
                .resolve("..")
                .normalize();
        InstantSource clock = InstantSource.fixed(Instant.ofEpochMilli(1_800_000_000_000L));
        work = new Work(
                clock,
                sent::add,
                heartbeats::add,
                buffer,
                new HostMetrics(machine, machine),
                new LogShipper(state, sent::add, ZoneOffset.UTC),
                uploads,
                new Bandwidth(0, () -> 0),
                new Intervals(30, 30));
    }

    @AfterEach
    void stop() throws IOException {
        work.close();
        buffer.close();
        state.close();
    }

    @Test
    void measuresAndShowsLifeAtTheIntervalsOfTheConfiguration() throws IOException {
        apply(
                "{\"heartbeatSeconds\": 20, \"metrics\": {\"seconds\": 10}, \"bandwidth\": {\"uploadBytesPerSecond\": 77}}");
        turns(0, 60);
        assertThat(heartbeats).hasSize(4); // 0, 20, 40, 60
        assertThat(sent.stream().filter(Uplink.Telemetry.class::isInstance)).hasSize(7);
        assertThat(uploads.limit()).isEqualTo(77);
    }

    @Test
    void aCrossedThresholdIsAnEventBesideTheValue() throws IOException {
        apply("""
                {"metrics": {"seconds": 1, "without": ["disk.used", "disk.free", "reboot.required", "processes"],
                             "rules": {"load.1m": {"aggregate": {"seconds": 3600}, "threshold": {"above": 5, "severity": "error"}}}}}
                """);
        load("1.0");
        turns(0, 2);
        assertThat(sent).isEmpty();
        load("9.5");
        turns(3, 5);
        load("2.0");
        turns(6, 6);
        assertThat(sent).hasSize(4);
        assertThat(sent.get(1)).isInstanceOfSatisfying(Uplink.Events.class, events -> {
            Uplink.Event event = events.events().getFirst();
            assertThat(event.type()).isEqualTo("metric.threshold.crossed");
            assertThat(event.message()).isEqualTo("load.1m is 9.5, above 5.0");
        });
        assertThat(sent.get(3))
                .isInstanceOfSatisfying(
                        Uplink.Events.class,
                        events -> assertThat(events.events().getFirst().type()).isEqualTo("metric.threshold.cleared"));
    }

    @Test
    void whatTheBufferGaveUpIsReportedOnce() throws IOException {
        for (int i = 0; i < 200; i++) {
            buffer.append(UplinkKind.TELEMETRY, "", new byte[10_000], false);
        }
        long lost = buffer.fill().lost();
        apply("{}");
        turns(0, 100);
        assertThat(sent.stream().filter(Uplink.Events.class::isInstance))
                .singleElement()
                .satisfies(uplink -> {
                    Uplink.Event event = ((Uplink.Events) uplink).events().getFirst();
                    assertThat(event.type()).isEqualTo("agent.buffer.dropped");
                    assertThat(event.data()).containsEntry("messages", lost);
                });
    }

    @Test
    void shipsTheLogsThatTheConfigurationNames() throws IOException {
        Path log = folder.resolve("app.log");
        apply("{\"logs\": {\"seconds\": 1, \"sources\": {\"app\": {\"paths\": [\"" + log + "\"]}}}}");
        turns(0, 0);
        Files.writeString(log, "hello\n");
        turns(1, 1);
        assertThat(sent.stream().filter(Uplink.Logs.class::isInstance)).hasSize(1);
    }

    @Test
    void aWrongPartIsNotAppliedAndReportedIsWhatIsInEffect() {
        assertThat(work.part().problems(json("{\"metrics\": {\"seconds\": 0}}")))
                .singleElement()
                .asString()
                .contains("agent.metrics.seconds is 0");
        JsonNode good = json("{\"metrics\": {\"seconds\": 5}}");
        work.part().apply(good);
        assertThat(work.part().current()).isEqualTo(good);
    }

    private void load(String value) throws IOException {
        Files.writeString(machine.resolve("proc/loadavg"), value + " 1 1 1/1 1\n");
    }

    /** With a budget that the JVM of the tests keeps. */
    private void apply(String json) {
        ObjectNode part = (ObjectNode) json(json);
        part.putObject("budget").put("memoryBytes", 1L << 40).put("cpuShare", 1000);
        work.part().apply(part);
    }

    private void turns(int from, int to) throws IOException {
        for (int second = from; second <= to; second++) {
            work.turn(TimeUnit.SECONDS.toNanos(second));
        }
    }

    private static JsonNode json(String text) {
        return new JsonMapper().readTree(text);
    }
}
