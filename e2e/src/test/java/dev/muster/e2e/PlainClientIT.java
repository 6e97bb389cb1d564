package dev.muster.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What the server says to an asset that has no agent of ours, as the protocol is written down. */
@WhenAgentsAreAskedFor
class PlainClientIT extends AgentsFixture {
    @Test
    void aPlainClientIsToldAsTheProtocolSays() throws Exception {
        boolean missing = Programs.onPath("mosquitto_sub").isEmpty();
        if (System.getenv("CI") != null) {
            assertThat(missing).as("mosquitto_sub is missing").isFalse();
        }
        assumeThat(missing).as("SKIPPED, mosquitto_sub is not installed").isFalse();
        muster.must("create", "asset", "plain-1", "--type", "linux-device");
        Path keys = folder.resolve("plain-1");
        muster.must("asset", "credentials", "plain-1", "--out", keys.toString());
        Await.that(
                "a desired state", LONG, () -> twin("plain-1").path("desired").isObject());

        try (Plain first = new Plain(keys, "first")) {
            List<String> desired = first.await("state/desired", 1);
            assertThat(desired.getFirst()).startsWith("1|");
            JsonNode document = ServerProcess.JSON.readTree(desired.getFirst().substring(2));
            assertThat(document.at("/config/ntp/enabled").asBoolean()).isTrue();
            assertThat(document.path("generation").asLong()).isPositive();

            muster.apply("""
                    apiVersion: muster.dev/v1
                    kind: Configuration
                    metadata: {name: plain}
                    spec: {target: {asset: plain-1}, config: {reporting: {telemetrySeconds: 10}}}
                    """);
            String live = first.await("state/desired", 2).get(1);
            assertThat(live).startsWith("0|");
            JsonNode changed = ServerProcess.JSON.readTree(live.substring(2));
            assertThat(changed.path("generation").asLong())
                    .isGreaterThan(document.path("generation").asLong());
            assertThat(changed.at("/config/reporting/telemetrySeconds").asInt()).isEqualTo(10);

            String id = command("plain-1", "ping", Map.of());
            String given = first.await("commands", 1).getFirst();
            assertThat(given).startsWith("0|");
            JsonNode command = ServerProcess.JSON.readTree(given.substring(2));
            assertThat(command.path("id").asString()).isEqualTo(id);
            assertThat(command.path("name").asString()).isEqualTo("ping");
            assertThat(command.path("params").isObject()).isTrue();
            assertThat(Instant.parse(command.path("deadline").asString())).isAfter(Instant.now());
            assertThat(command.path("traceparent").asString()).matches("00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}");
        }
        // Not answered, so it comes again in the next session, after the desired state.
        try (Plain second = new Plain(keys, "second")) {
            assertThat(second.await("state/desired", 1).getFirst()).startsWith("1|");
            JsonNode again = ServerProcess.JSON.readTree(
                    second.await("commands", 1).getFirst().substring(2));
            String id = again.path("id").asString();
            say(keys, "commands/" + id + "/result", "{\"status\":\"succeeded\",\"detail\":{\"output\":\"pong\"}}");
            Await.that(
                    "the answer is taken",
                    LONG,
                    () -> server.get("/api/v1/commands/" + id)
                            .path("status")
                            .asString()
                            .equals("succeeded"));
            assertThat(server.get("/api/v1/commands/" + id).path("output").asString())
                    .isEqualTo("pong");
        }
    }

    private void say(Path keys, String topic, String payload) throws Exception {
        List<String> command = client("mosquitto_pub", keys);
        command.addAll(List.of("-q", "1", "-t", "assets/plain-1/" + topic, "-m", payload));
        Process process = new ProcessBuilder(command).inheritIO().start();
        assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).isZero();
    }

    private List<String> client(String program, Path keys) {
        String address = server.mqtt();
        int colon = address.lastIndexOf(':');
        return new ArrayList<>(List.of(
                program,
                "-h",
                address.substring(0, colon),
                "-p",
                address.substring(colon + 1),
                "--cafile",
                keys.resolve("ca.pem").toString(),
                "--cert",
                keys.resolve("certificate.pem").toString(),
                "--key",
                keys.resolve("key.pem").toString(),
                "-V",
                "5"));
    }

    /** {@code mosquitto_sub} on both topics; each line is RETAIN and payload. */
    private final class Plain implements AutoCloseable {
        private final Path folder;
        private final Process process;

        Plain(Path keys, String name) throws Exception {
            this.folder = Files.createDirectories(keys.resolveSibling("plain-" + name));
            List<String> command = client("mosquitto_sub", keys);
            command.addAll(List.of("-q", "1", "-F", "%t|%r|%p"));
            command.addAll(List.of("-t", "assets/plain-1/state/desired", "-t", "assets/plain-1/commands"));
            this.process = new ProcessBuilder(command)
                    .redirectOutput(folder.resolve("out").toFile())
                    .redirectError(folder.resolve("err").toFile())
                    .start();
        }

        List<String> await(String topic, int count) throws Exception {
            String prefix = "assets/plain-1/" + topic + "|";
            return Await.until(count + " messages at " + topic + "; see " + folder, LONG, () -> {
                List<String> lines = Files.readAllLines(folder.resolve("out")).stream()
                        .filter(line -> line.startsWith(prefix))
                        .map(line -> line.substring(prefix.length()))
                        .toList();
                return lines.size() >= count ? Optional.of(lines) : Optional.empty();
            });
        }

        @Override
        public void close() throws InterruptedException {
            process.destroy();
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        }
    }
}
