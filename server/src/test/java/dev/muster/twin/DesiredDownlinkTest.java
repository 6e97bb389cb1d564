package dev.muster.twin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The desired state as it reaches an asset, seen by mosquitto and curl, which nobody here wrote. */
class DesiredDownlinkTest {
    private static final JsonMapper JSON = JsonMapper.shared();

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private static Path directory;

    @SuppressWarnings("NullAway.Init")
    private static TwinServer server;

    @SuppressWarnings("NullAway.Init")
    private static JsonNode where;

    @BeforeAll
    static void start() throws IOException {
        require("mosquitto_sub", "--help");
        require("curl", "--version");
        server = new TwinServer(Map.of());
        where = JSON.readTree(Files.readString(server.directory().resolve("run/server.json")));
        assertThat(server.apply("""
                        apiVersion: muster.dev/v1
                        kind: AssetType
                        metadata: {name: valve}
                        spec: {heartbeat: {interval: 60s, ttl: 600s}}
                        """).statusCode()).isEqualTo(200);
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
    }

    @Test
    void comesRetainedOnSubscribeAndLiveWhenItChangesAndNotWhileNothingIsDesired() throws Exception {
        asset("valve-1");
        try (Subscriber subscriber = new Subscriber("valve-1", "-V", "5")) {
            // Nothing was desired when it subscribed. The first that it hears is live, or still the answer to its
            // subscription.
            subscriber.awaitSubscribed();
            server.configure("valve-1", "asset: valve-1", "config: {open: 1}");
            assertThat(subscriber.next().substring(1))
                    .isEqualTo(" {\"generation\":1,\"config\":{\"open\":1},\"software\":{}}");
            server.configure("valve-1", "asset: valve-1", "config: {open: 2}");
            assertThat(subscriber.next()).isEqualTo("0 {\"generation\":2,\"config\":{\"open\":2},\"software\":{}}");
        }
        for (String version : List.of("5", "311")) {
            try (Subscriber subscriber = new Subscriber("valve-1", "-V", version)) {
                assertThat(subscriber.next()).isEqualTo("1 {\"generation\":2,\"config\":{\"open\":2},\"software\":{}}");
            }
        }
    }

    @Test
    void isFetchedWithTheOwnCertificateWhenItIsTooLarge() throws Exception {
        asset("valve-2");
        asset("valve-3");
        server.configure("valve-2", "asset: valve-2", "config: {text: " + "x".repeat(3_000) + "}");
        server.twin("valve-2", twin -> twin.at("/desired/generation").asInt() == 1);
        JsonNode reference;
        try (Subscriber subscriber =
                new Subscriber("valve-2", "-V", "5", "-D", "CONNECT", "maximum-packet-size", "1000")) {
            reference = JSON.readTree(subscriber.next().substring(2));
        }
        String url = reference.path("url").stringValue();
        assertThat(URI.create(url).getPath()).isEqualTo("/v1/desired");
        assertThat(reference.path("generation").asInt()).isEqualTo(1);

        assertThat(curl("valve-2", url)).isEqualTo(200);
        Path document = directory.resolve("document");
        assertThat(run("sha256sum", "document"))
                .startsWith(reference.path("sha256").stringValue());
        assertThat(JSON.readTree(Files.readString(document)).at("/config/text").stringValue())
                .hasSize(3_000);
        assertThat(server.twin("valve-2").at("/desired/sha256")).isEqualTo(reference.path("sha256"));
        assertThat(curl("valve-3", url)).isEqualTo(404);
    }

    /** An asset with key and certificate in files of its name. */
    private static void asset(String id) throws IOException {
        server.create(id, "valve", "{}");
        JsonNode made = JSON.readTree(server.post("/api/v1/assets/" + id + "/credentials", "application/json", "{}")
                .body());
        Files.writeString(directory.resolve(id + ".key"), made.path("key").stringValue());
        Files.writeString(
                directory.resolve(id + ".crt"), made.path("certificate").stringValue());
        Files.writeString(directory.resolve("ca.crt"), made.path("ca").stringValue());
    }

    private static int curl(String asset, String url) throws Exception {
        return Integer.parseInt(run(
                "curl",
                "-s",
                "--max-time",
                "30",
                "--cacert",
                "ca.crt",
                "--cert",
                asset + ".crt",
                "--key",
                asset + ".key",
                "-o",
                "document",
                "-w",
                "%{http_code}",
                url));
    }

    private static String run(String... command) throws Exception {
        Path out = Files.createTempFile(directory, "run", ".out");
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(out.toFile())
                .start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return Files.readString(out).strip();
    }

    /** mosquitto_sub; each message a line: the retain flag, a space, the payload. */
    private static final class Subscriber implements AutoCloseable {
        private final Process process;
        private final Path out;
        private int read;

        Subscriber(String asset, String... more) throws IOException {
            String mqtt = where.path("mqtt").stringValue();
            List<String> command = new ArrayList<>(List.of(
                    "stdbuf",
                    "-oL",
                    "mosquitto_sub",
                    "-d",
                    "-h",
                    "localhost",
                    "-p",
                    mqtt.substring(mqtt.lastIndexOf(':') + 1),
                    "--cafile",
                    "ca.crt",
                    "--cert",
                    asset + ".crt",
                    "--key",
                    asset + ".key",
                    "-i",
                    asset,
                    "-q",
                    "1",
                    "-t",
                    "assets/" + asset + "/state/desired",
                    "-F",
                    "MESSAGE %r %p"));
            command.addAll(List.of(more));
            out = Files.createTempFile(directory, "sub", ".out");
            process = new ProcessBuilder(command)
                    .directory(directory.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(out.toFile())
                    .start();
        }

        void awaitSubscribed() throws Exception {
            await(lines -> lines.stream().anyMatch(line -> line.contains("Subscribed")));
        }

        String next() throws Exception {
            int wanted = read++;
            return messages(await(lines -> messages(lines).size() > wanted)).get(wanted);
        }

        private static List<String> messages(List<String> lines) {
            return lines.stream()
                    .filter(line -> line.startsWith("MESSAGE "))
                    .map(line -> line.substring("MESSAGE ".length()))
                    .toList();
        }

        private List<String> await(java.util.function.Predicate<List<String>> enough) throws Exception {
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
            while (System.nanoTime() < end) {
                List<String> lines = Files.readString(out).lines().toList();
                if (enough.test(lines)) {
                    return lines;
                }
                Thread.sleep(20);
            }
            throw new AssertionError("mosquitto_sub got only:\n" + Files.readString(out));
        }

        @Override
        public void close() throws InterruptedException {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly().waitFor();
        }
    }

    private static void require(String program, String argument) {
        boolean there;
        try {
            new ProcessBuilder(program, argument)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
            there = true;
        } catch (IOException | InterruptedException e) {
            there = false;
        }
        if (!there && "true".equals(System.getenv("CI"))) {
            throw new AssertionError(program + " is missing; apt install it");
        }
        Assumptions.assumeTrue(there, "SKIPPED: " + program + " is missing; apt install it");
    }
}
