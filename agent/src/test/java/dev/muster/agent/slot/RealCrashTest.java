package dev.muster.agent.slot;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.agent.budget.Bandwidth;
import dev.muster.agent.desired.Wanted;
import dev.muster.agent.download.Download;
import dev.muster.agent.process.OwnedProcesses;
import dev.muster.agent.slot.AppDefinition.Health;
import dev.muster.agent.slot.AppDefinition.Probe;
import dev.muster.agent.slot.SlotRecord.Installed;
import dev.muster.agent.slot.SlotRecord.Phase;
import dev.muster.agent.state.StateDirectory;
import dev.muster.agent.testing.Artifact;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.net.ssl.SSLSocketFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** As {@link CrashAtEveryPointTest}, with real files, a real server of artifacts and real processes, which outlive the agent. */
class RealCrashTest {
    private static final AppDefinition APP = new AppDefinition(
            List.of("./run.sh"),
            new Health(
                    new Probe.Exec(List.of("./health.sh")),
                    Duration.ofSeconds(1),
                    Duration.ZERO,
                    Duration.ofSeconds(20)),
            Duration.ofSeconds(5));

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
    void end() throws Exception {
        server.close();
        try (var assets = Files.list(directory)) {
            for (Path asset : assets.toList()) {
                OwnedProcesses.end("app app of " + asset.resolve("state"), Duration.ZERO);
            }
        }
    }

    @Test
    void theRightVersionRunsWhereverTheAgentWasKilled() throws Exception {
        Set<CrashPoint> reached = new LinkedHashSet<>();
        Wanted old = version("1.0", true);
        Wanted healthy = version("2.0", true);
        Wanted ill = version("3.0", false);
        for (CrashPoint point : CrashPoint.all()) {
            Asset asset = new Asset(directory.resolve(point.name().replace(' ', '-')));
            asset.change(old, Set.of(), new LinkedHashSet<>());
            asset.change(healthy, Set.of(point), reached);
            assertThat(asset.end()).as("%s", point).isEqualTo(new End(Phase.SUCCEEDED, "2.0", "1.0", "1.0", 1));
            asset.change(ill, Set.of(point), reached);
            assertThat(asset.end()).as("%s", point).isEqualTo(new End(Phase.ROLLED_BACK, "2.0", null, "2.0", 1));
            asset.close();
        }
        // without a version to go back to
        Asset empty = new Asset(directory.resolve("empty"));
        empty.change(
                ill,
                Set.of(CrashPoint.beforeRecording(Phase.FAILED), CrashPoint.afterRecording(Phase.FAILED)),
                reached);
        assertThat(empty.end()).isEqualTo(new End(Phase.FAILED, null, null, null, 0));
        empty.close();
        assertThat(reached).containsExactlyInAnyOrderElementsOf(CrashPoint.all());
    }

    @Test
    void aProgramThatRunsGoesOnWhenTheAgentIsKilled() throws Exception {
        Asset asset = new Asset(directory.resolve("asset"));
        asset.change(version("1.0", true), Set.of(), new LinkedHashSet<>());
        List<Long> before = asset.started();
        asset.agent.stopLikeKilled();
        asset.change(version("1.0", true), Set.of(), new LinkedHashSet<>());
        assertThat(asset.started()).isEqualTo(before).hasSize(1);
        asset.close();
    }

    @Test
    void oneThatEndsIsStartedAgainAndItsLastWordsAreKnown() throws Exception {
        Asset asset = new Asset(directory.resolve("asset"));
        asset.change(version("1.0", true), Set.of(), new LinkedHashSet<>());
        List<Long> before = asset.started();
        Files.writeString(asset.apps.resolve("app/log"), "out of cheese\n", java.nio.file.StandardOpenOption.APPEND);
        ProcessHandle.of(before.getFirst()).ifPresent(ProcessHandle::destroyForcibly);
        while (!asset.processes().isEmpty()) {
            Thread.onSpinWait();
        }
        asset.agent.nanos += Duration.ofSeconds(2).toNanos();
        asset.agent.supervisor.tick();
        assertThat(asset.agent.supervisor.unwell()).isEqualTo("it ended with 137: out of cheese");
        assertThat(asset.started()).hasSize(1).doesNotContainAnyElementsOf(before);
        asset.close();
    }

    /** @param previous as reported */
    private record End(
            Phase phase,
            @org.jspecify.annotations.Nullable String runs,
            @org.jspecify.annotations.Nullable String beside,
            @org.jspecify.annotations.Nullable String previous,
            int processes) {}

    private Wanted version(String version, boolean healthy) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            put(zip, "run.sh", healthy ? "#!/bin/sh\nexec sleep 1000\n" : "#!/bin/sh\nsleep 1000 & exit 7\n");
            put(zip, "health.sh", healthy ? "#!/bin/sh\nexit 0\n" : "#!/bin/sh\nexit 1\n");
            put(zip, "padding", "x".repeat(1000));
        }
        byte[] content = bytes.toByteArray();
        URI url = server.put(version, content);
        return new Wanted(version, "r-" + version, null, url, Artifact.sha256(content), (long) content.length);
    }

    private static void put(ZipOutputStream zip, String name, String content) throws IOException {
        ZipEntry entry = new ZipEntry(name);
        entry.setTime(0);
        zip.putNextEntry(entry);
        zip.write(content.getBytes(UTF_8));
    }

    /** A machine; agents come and go on it. */
    private static final class Asset {
        private final Path folder;
        private final Path apps;

        @SuppressWarnings("NullAway.Init")
        private Agent agent;

        Asset(Path folder) throws IOException {
            this.folder = folder;
            this.apps = Files.createDirectories(folder.resolve("apps"));
        }

        void change(Wanted wanted, Set<CrashPoint> crashes, Set<CrashPoint> reached) throws Exception {
            Set<CrashPoint> left = new LinkedHashSet<>(crashes);
            CrashPoint.Observer observer = point -> {
                if (left.remove(point)) {
                    reached.add(point);
                    throw new Dark();
                }
            };
            while (true) {
                if (agent != null) {
                    agent.stopLikeKilled();
                }
                agent = new Agent(folder, apps, observer);
                try {
                    agent.settle(wanted);
                    return;
                } catch (Dark killed) {
                    // the next agent goes on
                }
            }
        }

        List<Long> processes() {
            return OwnedProcesses.of("app app of " + folder.resolve("state"));
        }

        /** A process is known by its environment, which it has moments after it was started. */
        private List<Long> started() {
            long patience = System.nanoTime() + Duration.ofSeconds(30).toNanos();
            List<Long> found = processes();
            while (found.isEmpty() && System.nanoTime() < patience) {
                Thread.onSpinWait();
                found = processes();
            }
            return found;
        }

        End end() throws IOException {
            SlotRecord slots = agent.worker.current();
            Slot active = slots.active();
            Installed running = slots.running();
            Installed beside = active == null ? null : slots.in(active.other());
            List<Long> processes = running == null ? processes() : started();
            if (active != null && running != null) {
                assertThat(Files.readSymbolicLink(apps.resolve("app/current"))).isEqualTo(Path.of(active.folder()));
                assertThat(processes).hasSize(1);
                assertThat(Files.readString(Path.of("/proc/" + processes.getFirst() + "/environ")))
                        .contains("MUSTER_VERSION=" + running.version() + "\0", "/app/" + active.folder() + "\0");
            }
            for (Slot slot : Slot.values()) {
                if (slots.in(slot) != null) {
                    assertThat(apps.resolve("app").resolve(slot.folder()).resolve("padding"))
                            .hasContent("x".repeat(1000));
                }
            }
            SlotRecord.Change change = Objects.requireNonNull(slots.change());
            return new End(
                    change.phase(),
                    running == null ? null : running.version(),
                    beside == null ? null : beside.version(),
                    change.previous(),
                    processes.size());
        }

        void close() throws Exception {
            agent.stopLikeKilled();
            OwnedProcesses.end("app app of " + folder.resolve("state"), Duration.ZERO);
        }
    }

    private static final class Agent {
        private final StateDirectory state;
        private final Supervisor supervisor;
        private final SlotWorker worker;
        private long nanos = System.nanoTime();

        Agent(Path folder, Path apps, CrashPoint.Observer crashes) throws IOException {
            state = StateDirectory.open(folder.resolve("state"));
            Path own = Files.createDirectories(apps.resolve("app"));
            SlotStore store = new SlotStore(state, "app");
            AppProcess process = new AppProcess(state, "app", own, crashes);
            supervisor = new Supervisor(process, () -> Optional.of(APP), (type, severity, message) -> {}, () -> nanos);
            Download download = new Download(
                    java.net.URI.create("https://muster.invalid/"),
                    () -> (SSLSocketFactory) SSLSocketFactory.getDefault(),
                    new Bandwidth(0, System::nanoTime),
                    () -> true,
                    new Download.Bounds(1 << 20, 0, 1, 1),
                    pause -> {});
            AppWorld.Artifacts artifacts = new AppWorld.Artifacts(
                    download, new Unpacking.Bounds(100, 1 << 20, 0), (component, wanted) -> Optional.empty());
            SlotWorker[] itself = new SlotWorker[1];
            AppWorld world = new AppWorld(
                    "app",
                    own,
                    process,
                    supervisor,
                    () -> Optional.of(APP),
                    () -> itself[0].current(),
                    artifacts,
                    crashes);
            worker = new SlotWorker(store, world, crashes, same -> {});
            itself[0] = worker;
        }

        void settle(Wanted wanted) throws Exception {
            worker.start();
            worker.want(wanted);
            int rounds = 0;
            do {
                worker.round();
                assertThat(++rounds).isLessThan(50);
            } while (worker.restless());
            worker.round();
            supervisor.tick();
        }

        void stopLikeKilled() throws IOException {
            state.close();
        }
    }

    /** Not caught by anything but the test. */
    private static final class Dark extends Error {
        private static final long serialVersionUID = 1L;
    }
}
