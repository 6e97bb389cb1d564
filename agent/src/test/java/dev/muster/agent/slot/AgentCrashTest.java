package dev.muster.agent.slot;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.agent.budget.Bandwidth;
import dev.muster.agent.desired.Wanted;
import dev.muster.agent.download.Download;
import dev.muster.agent.slot.SlotRecord.Phase;
import dev.muster.agent.state.StateDirectory;
import dev.muster.agent.testing.Artifact;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.net.ssl.SSLSocketFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The agent updates itself, and is killed at every point of it; real files, and the rules of the launcher in a few lines. */
class AgentCrashTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path directory;

    @SuppressWarnings("NullAway.Init")
    private Artifact server;

    @BeforeEach
    void serve() throws IOException {
        server = new Artifact();
    }

    @AfterEach
    void close() {
        server.close();
    }

    private record End(Phase phase, String runs, Slot slot) {}

    @Test
    void aHealthyVersionRunsWhereverTheAgentWasKilled() throws Exception {
        Map<String, End> ends = new LinkedHashMap<>();
        ends.put("healthy", new End(Phase.SUCCEEDED, "healthy", Slot.B));
        ends.put("unconnected", new End(Phase.ROLLED_BACK, "old", Slot.A));
        ends.put("ends-at-once", new End(Phase.ROLLED_BACK, "old", Slot.A));
        ends.put("unavailable", new End(Phase.FAILED, "old", Slot.A));
        Set<CrashPoint> reached = new LinkedHashSet<>();
        int crashes = 0;
        for (var scenario : ends.entrySet()) {
            for (CrashPoint point : CrashPoint.all()) {
                Machine machine = new Machine(
                        directory.resolve(scenario.getKey() + "-" + point.name().replace(' ', '-')), point);
                assertThat(machine.update(version(scenario.getKey())))
                        .as("%s, %s", scenario.getKey(), point)
                        .isEqualTo(scenario.getValue());
                if (machine.crashed) {
                    reached.add(point);
                    crashes++;
                }
            }
        }
        System.out.println(crashes + " crashes at " + reached.size() + " points while the agent updates itself");
        assertThat(reached).containsExactlyInAnyOrderElementsOf(CrashPoint.all());
    }

    private Wanted version(String version) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            zip.putNextEntry(new ZipEntry("muster-agent-2/slots/a/agent.jar"));
            zip.write(version.getBytes(UTF_8));
        }
        byte[] content = bytes.toByteArray();
        URI url = server.put(version, content);
        URI asked = version.equals("unavailable") ? URI.create(url + ".not") : url;
        return new Wanted(version, "r-1", null, asked, Artifact.sha256(content), (long) content.length);
    }

    private static final class Machine {
        private final Path folder;
        private final Path slots;
        private final CrashPoint point;
        private boolean crashed;
        private int starts;

        Machine(Path folder, CrashPoint point) throws IOException {
            this.folder = folder;
            this.point = point;
            this.slots = Files.createDirectories(folder.resolve("home/slots"));
            Files.createDirectories(slots.resolve("a"));
            Files.writeString(slots.resolve("a/agent.jar"), "old");
            Files.writeString(slots.resolve("current"), "a\n");
        }

        End update(Wanted wanted) throws Exception {
            while (true) {
                assertThat(++starts).isLessThan(40);
                Slot slot = launch();
                String version = Files.readString(slots.resolve(slot.folder()).resolve("agent.jar"));
                if (version.equals("ends-at-once")) {
                    continue;
                }
                try (StateDirectory state = StateDirectory.open(folder.resolve("state"))) {
                    SlotRecord record = run(state, slot, version, wanted);
                    assertThat(slots.resolve("trial")).doesNotExist();
                    assertThat(slots.resolve("failed")).doesNotExist();
                    assertThat(slots.resolve("current"))
                            .hasContent(Objects.requireNonNull(record.active()).folder());
                    assertThat(launch()).isEqualTo(record.active());
                    return new End(Objects.requireNonNull(record.change()).phase(), version, slot);
                } catch (Exit again) {
                    // the launcher starts it
                } catch (Dark killed) {
                    crashed = true;
                }
            }
        }

        /** As bin/muster-agent does. */
        private Slot launch() throws IOException {
            Path trial = slots.resolve("trial");
            if (Files.exists(trial)) {
                String[] words = Files.readString(trial).strip().split(" ");
                int before = Integer.parseInt(words[1]);
                if (before < 3) {
                    Files.writeString(trial, words[0] + " " + (before + 1));
                    return words[0].equals("a") ? Slot.A : Slot.B;
                }
                Files.writeString(slots.resolve("failed"), words[0] + " it was started 3 times");
                Files.delete(trial);
            }
            return Files.readString(slots.resolve("current")).strip().equals("a") ? Slot.A : Slot.B;
        }

        private SlotRecord run(StateDirectory state, Slot slot, String version, Wanted wanted) throws Exception {
            CrashPoint.Observer crashes = passed -> {
                if (!crashed && passed.equals(point)) {
                    throw new Dark();
                }
            };
            Download download = new Download(
                    java.net.URI.create("https://muster.invalid/"),
                    () -> (SSLSocketFactory) SSLSocketFactory.getDefault(),
                    new Bandwidth(0, System::nanoTime),
                    () -> true,
                    new Download.Bounds(1 << 20, 0, 1, 1),
                    pause -> {});
            AppWorld.Artifacts artifacts = new AppWorld.Artifacts(
                    download, new Unpacking.Bounds(100, 1 << 20, 0), (component, each) -> java.util.Optional.empty());
            SlotWorker[] itself = new SlotWorker[1];
            AgentWorld world = new AgentWorld(
                    new AgentHome(folder.resolve("home"), slot),
                    () -> itself[0].current(),
                    artifacts,
                    () -> !version.equals("unconnected"),
                    new AgentWorld.Probation(Duration.ZERO, Duration.ZERO),
                    () -> {
                        throw new Exit();
                    },
                    crashes);
            SlotWorker worker = new SlotWorker(new SlotStore(state, AgentHome.COMPONENT), world, crashes, same -> {});
            itself[0] = worker;
            worker.start(found -> AgentWorld.asItRuns(found, slot, version));
            worker.want(wanted);
            do {
                worker.round();
            } while (worker.restless());
            worker.round();
            return worker.current();
        }
    }

    private static final class Exit extends Error {
        private static final long serialVersionUID = 1L;
    }

    /** Not caught by anything but the test. */
    private static final class Dark extends Error {
        private static final long serialVersionUID = 1L;
    }
}
