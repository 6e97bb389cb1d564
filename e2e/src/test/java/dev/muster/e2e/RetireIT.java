package dev.muster.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.protocol.AssetId;
import dev.muster.simulator.Endpoints;
import dev.muster.simulator.client.AssetClient;
import dev.muster.simulator.client.ClientListener;
import dev.muster.simulator.client.ClientNetwork;
import dev.muster.simulator.client.ClientSettings;
import dev.muster.simulator.enrol.ArtifactClient;
import dev.muster.simulator.enrol.AssetIdentity;
import dev.muster.simulator.enrol.EstClient;
import dev.muster.simulator.enrol.IdentityStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The real agent is retired by the real server, which is killed on the way; then everything is looked at from outside. */
class RetireIT {
    private static final Duration LONG = Duration.ofMinutes(2);
    private static final String SECRET = "the recipe of the sauce";

    @TempDir
    Path folder;

    @Test
    void aRetiredBoxHoldsNothingAndIsRefusedEverywhere() throws Exception {
        Path state = folder.resolve("agent");
        Path managed = Files.createDirectory(folder.resolve("etc"));
        Path allow = Files.writeString(folder.resolve("allow.yaml"), "wipe: true\nfiles: {roots: [" + managed + "]}\n");
        try (ServerProcess server = new ServerProcess(folder.resolve("data"), Map.of(), List.of())) {
            server.start();
            CommandLine muster = new CommandLine(server, folder.resolve("home"));
            Path token = Files.writeString(folder.resolve("token"), server.claimToken("linux-device", "box-*", 5));
            List<String> flags = List.of(
                    "--server=" + server.device(),
                    "--mqtt=" + server.mqtt(),
                    "--id=box-1",
                    "--token-file=" + token,
                    "--metrics-seconds=1",
                    "--confirm-seconds=1",
                    "--allow-file=" + allow);
            try (AgentProcess agent = new AgentProcess(state, Map.of(), flags)) {
                agent.start();
                agent.awaitConnected();
                configure(server, managed);
                Await.that(
                        "the managed file is there",
                        LONG,
                        () -> Files.exists(managed.resolve("recipe"))
                                && lifecycle(server).equals("active"));
                AssetIdentity copy = copied(state);
                assertThat(find(state, SECRET))
                        .as("the configuration is on its disk")
                        .isNotEmpty();

                // offline, and the server is killed while it waits for it
                agent.kill9();
                muster.must("retire", "box-1", "--yes", "--within", "1h", "--reason", "sold");
                server.kill9();
                server.start();
                assertThat(retirement(server).path("summary").asString())
                        .startsWith("waits for the asset to wipe itself");
                agent.start();
                Await.that("the agent says that it is wiped", LONG, () -> !agent.isAlive());
                server.kill9();
                server.start();
                Await.that(
                        "retired; in the end " + retirement(server),
                        LONG.multipliedBy(2),
                        () -> retirement(server).path("phase").asString().equals("retired"));
                assertThat(retirement(server).path("summary").asString()).isEqualTo("retired, wipe confirmed");

                nothingIsLeft(state, managed);
                whoHasACopyIsRefused(server, copy);
                agent.start();
                Await.that("the agent refuses to start", LONG, () -> !agent.isAlive());
                assertThat(Files.readString(agent.log())).contains("this asset was wiped (asset box-1 at ");
            }
            anotherAgentOfTheSameIdIsRefusedUntilItIsRestored(server, muster, flags);
        }
    }

    private static void configure(ServerProcess server, Path managed) throws Exception {
        server.apply("""
                apiVersion: muster.dev/v1
                kind: Configuration
                metadata: {name: kitchen}
                spec:
                  target: {asset: box-1}
                  config: {files: {recipe: {path: %s, template: "%s"}}}
                """.formatted(managed.resolve("recipe"), SECRET));
    }

    private static void nothingIsLeft(Path state, Path managed) throws IOException {
        try (Stream<Path> left = Files.walk(state)) {
            assertThat(left.filter(Files::isRegularFile)
                            .map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder("wiped", "lock");
        }
        assertThat(Files.readString(state.resolve("wiped"))).startsWith("asset box-1 at ");
        assertThat(managed).isEmptyDirectory();
        for (String trace : List.of(SECRET, "PRIVATE KEY", "BEGIN CERTIFICATE", "memory.used")) {
            assertThat(find(state, trace)).as(trace).isEmpty();
        }
    }

    /** With what was copied from the disk before: MQTT, renewal and downloads. */
    private static void whoHasACopyIsRefused(ServerProcess server, AssetIdentity copy) throws Exception {
        Endpoints endpoints = Endpoints.of(server.device(), server.mqtt());
        CompletableFuture<String> refused = new CompletableFuture<>();
        try (ClientNetwork network = new ClientNetwork(endpoints.mqtt(), copy.cas(), 1, 1, 1)) {
            AssetClient client = new AssetClient(network, copy, ClientSettings.standard(), new Listening(refused), 0);
            client.start();
            assertThat(refused.get(60, TimeUnit.SECONDS)).contains("NOT_AUTHORIZED", "is revoked");
            client.stop(Duration.ZERO).get(60, TimeUnit.SECONDS);
        }
        try (EstClient est = EstClient.trusting(endpoints.device(), copy.cas())) {
            assertThatThrownBy(() -> est.renew(copy)).hasMessageContainingAll("403", "is revoked");
        }
        assertThat(ArtifactClient.fetch(endpoints.device(), copy, "/v1/desired", null, null))
                .isEqualTo("the download answered 403");
    }

    private record Listening(CompletableFuture<String> refused) implements ClientListener {
        @Override
        public void connected(AssetClient client) {
            refused.complete("it was let in");
        }

        @Override
        public void connectFailed(AssetClient client, String reason) {
            refused.complete(reason);
        }
    }

    private void anotherAgentOfTheSameIdIsRefusedUntilItIsRestored(
            ServerProcess server, CommandLine muster, List<String> flags) throws Exception {
        try (AgentProcess other = new AgentProcess(folder.resolve("other"), Map.of(), flags)) {
            other.start();
            Await.that(
                    "simpleenroll is refused",
                    LONG,
                    () -> Files.readString(other.log()).contains("asset_retired")
                            || Files.readString(other.log()).contains("is retired"));
            if (other.isAlive()) {
                other.kill9();
            }
            assertThatThrownBy(() -> server.post("/api/v1/assets/box-1/credentials", Map.of()))
                    .hasMessageContaining("it is retired");
            assertThat(muster.must("asset", "restore", "box-1", "--reason", "bought back"))
                    .contains("is registered");
            other.start();
            other.awaitConnected();
            assertThat(lifecycle(server)).isIn("provisioned", "active");
        }
    }

    /** As a thief would who had the box in his hands for a moment. */
    private AssetIdentity copied(Path state) throws IOException {
        Path copy = Files.createDirectory(folder.resolve("copy"));
        Files.copy(state.resolve("identity.pem"), copy.resolve("box-1.pem"));
        Files.copy(state.resolve("ca.pem"), copy.resolve("ca.pem"));
        return new IdentityStore(copy).find(new AssetId("box-1")).orElseThrow();
    }

    private static List<Path> find(Path below, String text) throws IOException {
        List<Path> found = new ArrayList<>();
        try (Stream<Path> files = Files.walk(below)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                if (new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).contains(text)) {
                    found.add(file);
                }
            }
        }
        return found;
    }

    private static String lifecycle(ServerProcess server) throws Exception {
        return server.get("/api/v1/assets/box-1").path("lifecycle").asString();
    }

    private static JsonNode retirement(ServerProcess server) throws Exception {
        return server.get("/api/v1/assets/box-1/retirement");
    }
}
