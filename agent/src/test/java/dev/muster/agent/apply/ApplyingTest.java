package dev.muster.agent.apply;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.agent.budget.Bandwidth;
import dev.muster.agent.command.Tombstone;
import dev.muster.agent.process.OwnedProcesses;
import dev.muster.agent.settings.SettingsReader;
import dev.muster.agent.state.AssetFacts;
import dev.muster.agent.state.StateDirectory;
import dev.muster.agent.testing.Artifact;
import dev.muster.agent.testing.Heard;
import dev.muster.protocol.AssetId;
import dev.muster.protocol.Uplink;
import dev.muster.protocol.Uplink.CommandResult;
import dev.muster.protocol.Uplink.StateReport;
import dev.muster.protocol.Uplink.Update;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.net.ssl.SSLSocketFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The applying half as it is put together: documents and commands in, reports out, with real programs in between. */
class ApplyingTest {
    private static final String UNSIGNED = "--unsigned-releases-for-tests=true";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path directory;

    @SuppressWarnings("NullAway.Init")
    private Artifact artifacts;

    @SuppressWarnings("NullAway.Init")
    private StateDirectory state;

    @SuppressWarnings("NullAway.Init")
    private Applying applying;

    private final Heard server = new Heard();
    private final CompletableFuture<Integer> ended = new CompletableFuture<>();
    private volatile boolean delivered;
    private long generation;

    @BeforeEach
    void start() throws IOException {
        directory = directory.toRealPath();
        artifacts = new Artifact();
        Files.createDirectory(directory.resolve("etc"));
        Files.writeString(directory.resolve("etc/hosts"), "original");
        Files.writeString(directory.resolve("allow.yaml"), """
                files: {roots: [ETC]}
                apps: {app: {start: [./run.sh], health: {exec: [./health.sh], intervalSeconds: 1, healthyAfterSeconds: 0, timeoutSeconds: 20}}}
                appsFromServer: true
                wipe: true
                """.replace(
                        "ETC", directory.resolve("etc").toString()));
        applying = agent(UNSIGNED);
    }

    private Applying agent(String... more) throws IOException {
        state = StateDirectory.open(directory.resolve("state"));
        Applying agent = new Applying(new Applying.Surroundings(
                new SettingsReader(Applying.SETTINGS)
                        .read(
                                Stream.concat(
                                                Stream.of(
                                                        "--allow-file=" + directory.resolve("allow.yaml"),
                                                        "--confirm-seconds=1"),
                                                Stream.of(more))
                                        .toList(),
                                Map.of()),
                state,
                server,
                new AssetFacts(new AssetId("pump-7"), "pump-7", Optional.empty(), Map.of()),
                List.of(),
                new Bandwidth(0, System::nanoTime),
                () -> true,
                () -> (SSLSocketFactory) SSLSocketFactory.getDefault(),
                () -> true,
                () -> delivered,
                artifacts.put("", new byte[0]).toString(),
                Optional.of("claim_secret.pin"),
                "1.0",
                "b-1",
                InstantSource.system(),
                (code, inGoodOrder) -> ended.complete(code)));
        agent.start();
        return agent;
    }

    @AfterEach
    void close() throws Exception {
        applying.close();
        state.close();
        artifacts.close();
        for (String app : List.of("app", "other")) {
            assertThat(OwnedProcesses.end("app " + app + " of " + state.path(), java.time.Duration.ZERO))
                    .isEmpty();
        }
    }

    @Test
    void aVersionIsInstalledAndAnIllOneIsTakenBack() throws Exception {
        want("{}", app("1.0", true));
        StateReport report = await(Update.State.SUCCEEDED, "1.0");
        assertThat(report.software()).isEqualTo(Map.of("app", "1.0"));
        assertThat(report.updates())
                .isEqualTo(Map.of("app", new Update("1.0", Update.State.SUCCEEDED, null, null, null, "r-1.0")));
        want("{}", app("2.0", false));
        report = await(Update.State.ROLLED_BACK, "2.0");
        assertThat(report.software()).isEqualTo(Map.of("app", "1.0"));
        Update update = Objects.requireNonNull(report.updates().get("app"));
        assertThat(update.previous()).isEqualTo("1.0");
        assertThat(update.reason()).startsWith("it ended with 7: cannot find my cheese");
        assertThat(server.all(StateReport.class).stream()
                        .map(each -> each.updates().get("app"))
                        .filter(each -> each != null && each.version().equals("2.0"))
                        .map(Update::state)
                        .distinct())
                .containsExactly(
                        Update.State.NOTIFIED,
                        Update.State.DOWNLOADING,
                        Update.State.INSTALLED,
                        Update.State.VERIFYING,
                        Update.State.ROLLED_BACK);
        assertThat(OwnedProcesses.of("app app of " + state.path()))
                .as("the old version runs when it is told")
                .hasSize(1);
    }

    @Test
    void withoutASignatureNothingIsInstalled() throws Exception {
        applying.close();
        state.close();
        applying = agent();
        want("{}", app("1.0", true));
        StateReport report = await(Update.State.FAILED, "1.0");
        assertThat(Objects.requireNonNull(report.updates().get("app")).reason())
                .isEqualTo("the desired state names no target, and this asset installs only signed releases");
        assertThat(report.software()).isEmpty();
    }

    @Test
    void anApplicationIsRestartedByCommandAndWhenItEnds() throws Exception {
        want("{}", app("1.0", true));
        await(Update.State.SUCCEEDED, "1.0");
        List<Long> first = awaitProcesses(1);
        command("c1", "restart-app", "{'component':'app'}");
        server.await(
                CommandResult.class,
                result -> result.commandId().equals("c1") && result.status() == CommandResult.Status.SUCCEEDED);
        List<Long> second = awaitProcesses(1);
        assertThat(second).doesNotContainAnyElementsOf(first);
        ProcessHandle.of(second.getFirst()).ifPresent(ProcessHandle::destroyForcibly);
        server.await(
                Uplink.Events.class, events -> events.events().getFirst().type().equals("app.ended"));
        server.await(
                Uplink.Events.class, events -> events.events().getFirst().type().equals("app.well"));
        command("c2", "collect-logs", "{'names':['app']}");
        Uplink.Logs logs = server.await(Uplink.Logs.class, each -> true);
        assertThat(logs.records())
                .extracting(Uplink.LogRecord::body)
                .containsExactly("started 1.0", "started 1.0", "started 1.0");
    }

    @Test
    void theServerSaysHowAnApplicationRunsWhereItMay() throws Exception {
        want(
                "{'apps':{'other':{'start':['./run.sh'],'health':{'exec':['./health.sh'],'healthyAfterSeconds':0}}}}",
                "'other':" + version("3.0", true));
        await(Update.State.SUCCEEDED, "3.0");
        want("{'apps':{'other':{'start':['/bin/rm','-rf','/']}}}", "");
        StateReport report = server.await(StateReport.class, each -> each.rejected() != null);
        assertThat(Objects.requireNonNull(report.rejected()).reason())
                .isEqualTo(
                        "apps.other.start begins with '/bin/rm' and must begin with ./, a program of the installed version");
    }

    @Test
    void aConfigurationThatMakesAnApplicationIllIsTakenBack() throws Exception {
        String app =
                "{'apps':{'other':{'start':['./run.sh'],'health':{'exec':['./health.sh'],'healthyAfterSeconds':0}}}}";
        want(app, "'other':" + version("3.0", true));
        await(Update.State.SUCCEEDED, "3.0");
        want(app.replace("'./run.sh'", "'./run.sh','fail'"), "");
        StateReport report = server.await(StateReport.class, each -> each.rejected() != null);
        assertThat(Objects.requireNonNull(report.rejected()).reason())
                .startsWith("other is not well with it: it ended with 9");
        assertThat(report.generation()).isEqualTo(1);
    }

    @Test
    void whatNobodyKnowsHowToRunIsNotInstalled() throws Exception {
        want("{}", "'strange':" + version("1.0", true));
        StateReport report = server.await(
                StateReport.class,
                each -> each.updates().values().stream().anyMatch(update -> update.state() == Update.State.FAILED));
        assertThat(Objects.requireNonNull(report.updates().get("strange")).reason())
                .isEqualTo(
                        "this asset does not know how strange is run; it can be added to apps in the asset's allow file");
        assertThat(artifacts.requests).isEmpty();
    }

    @Test
    void applicationsOutliveAnAgentThatIsReplacedAndEndWithOneThatIsStopped() throws Exception {
        want("{}", app("1.0", true));
        await(Update.State.SUCCEEDED, "1.0");
        List<Long> running = awaitProcesses(1);
        state.close(); // as after kill -9, though its threads still run
        applying = agent(UNSIGNED);
        assertThat(awaitProcesses(1)).isEqualTo(running);
        applying.close();
        assertThat(OwnedProcesses.of("app app of " + state.path())).isEmpty();
    }

    @Test
    void aWipeLeavesNothingButATombstone() throws Exception {
        state.write("key.pem", "secret".getBytes(UTF_8));
        want(
                "{'files':{'hosts':{'path':'ETC/hosts','template':'ours'},'motd':{'path':'ETC/motd','template':'ours'}}}"
                        .replace("ETC", directory.resolve("etc").toString()),
                app("1.0", true));
        await(Update.State.SUCCEEDED, "1.0");
        command("c1", "wipe", "{}");
        server.await(CommandResult.class, result -> result.status() == CommandResult.Status.SUCCEEDED);
        assertThat(OwnedProcesses.of("app app of " + state.path())).isEmpty();
        assertThat(directory.resolve("state/apps")).doesNotExist();
        assertThat(directory.resolve("etc/hosts")).hasContent("original");
        assertThat(directory.resolve("etc/motd")).doesNotExist();
        assertThat(directory.resolve("state/key.pem")).hasContent("secret");

        // killed before the server has acknowledged it: the next agent starts nothing, and ends it
        applying.close();
        state.close();
        applying = agent(UNSIGNED);
        want("{}", app("1.0", true));
        command("c1", "wipe", "{}");
        delivered = true;
        assertThat(ended.get(60, TimeUnit.SECONDS)).isEqualTo(Applying.WIPED);
        try (Stream<Path> left = Files.list(directory.resolve("state"))) {
            assertThat(left.map(path -> path.getFileName().toString())).containsExactlyInAnyOrder("wiped", "lock");
        }
        assertThat(Tombstone.refusal(state, Optional.of("claim_secret.pin")))
                .hasValueSatisfying(why -> assertThat(why).startsWith("this asset was wiped (asset pump-7 at "));
        assertThat(Tombstone.refusal(state, Optional.empty())).isPresent();
        assertThat(Tombstone.refusal(state, Optional.of("claim_another.pin"))).isEmpty();
        assertThat(Tombstone.refusal(state, Optional.of("claim_secret.pin"))).isEmpty();
    }

    private List<Long> awaitProcesses(int count) throws InterruptedException {
        long until = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
        List<Long> found = OwnedProcesses.of("app app of " + state.path());
        while (found.size() != count && System.nanoTime() < until) {
            Thread.sleep(20);
            found = OwnedProcesses.of("app app of " + state.path());
        }
        assertThat(found).hasSize(count);
        return found;
    }

    private StateReport await(Update.State state, String version) throws InterruptedException {
        return server.await(
                StateReport.class,
                report -> report.updates().values().stream()
                        .anyMatch(update ->
                                update.state() == state && update.version().equals(version)));
    }

    private void want(String config, String software) {
        String json = "{'generation':" + ++generation + ",'config':" + config + ",'software':{" + software + "}}";
        applying.desired(json.replace('\'', '"').getBytes(UTF_8));
    }

    private void command(String id, String name, String params) {
        applying.command(("{'id':'" + id + "','name':'" + name + "','params':" + params + "}")
                .replace('\'', '"')
                .getBytes(UTF_8));
    }

    private String app(String version, boolean healthy) throws IOException {
        return "'app':" + version(version, healthy);
    }

    private String version(String version, boolean healthy) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            put(
                    zip,
                    "run.sh",
                    healthy
                            ? "#!/bin/sh\n[ $# = 0 ] || exit 9\necho started $MUSTER_VERSION\nexec sleep 1000\n"
                            : "#!/bin/sh\necho cannot find my cheese\nexit 7\n");
            put(
                    zip,
                    "health.sh",
                    healthy ? "#!/bin/sh\n[ \"$MUSTER_VERSION\" = " + version + " ]\n" : "#!/bin/sh\nexit 1\n");
        }
        byte[] content = bytes.toByteArray();
        return "{'version':'" + version + "','attempt':'r-" + version + "','url':'"
                + artifacts.put(version, content).getPath() + "','sha256':'" + Artifact.sha256(content) + "','size':"
                + content.length + "}";
    }

    private static void put(ZipOutputStream zip, String name, String content) throws IOException {
        zip.putNextEntry(new ZipEntry(name));
        zip.write(content.getBytes(UTF_8));
    }
}
