package dev.muster.bench;

import dev.muster.simulator.enrol.ClaimToken;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A real server in a process of its own, on free ports, started by the launcher as a user would. */
final class MusterServer implements AutoCloseable {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration START = Duration.ofMinutes(3);
    private final Path dataDirectory;
    private final Process process;
    private final JsonNode addresses;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();

    private MusterServer(Path dataDirectory, Process process, JsonNode addresses) {
        this.dataDirectory = dataDirectory;
        this.process = process;
        this.addresses = addresses;
    }

    /** Returns when it says that it is ready. Its log is beside the data directory. */
    static MusterServer start(Path dataDirectory) throws Exception {
        return start(dataDirectory, "127.0.0.1:0", "127.0.0.1:0");
    }

    static MusterServer start(Path dataDirectory, String mqtt, String device) throws Exception {
        Files.createDirectories(dataDirectory);
        Path announced = dataDirectory.resolve("run/server.json");
        Files.deleteIfExists(announced);
        Path log = dataDirectory.resolveSibling(dataDirectory.getFileName() + ".log");
        Process process = new ProcessBuilder(
                        Programs.root().resolve("muster").toString(), // becomes the JVM
                        "server",
                        "--data-dir",
                        dataDirectory.toString(),
                        "--http-listen",
                        "127.0.0.1:0",
                        "--mqtt-listen",
                        mqtt,
                        "--device-listen",
                        device)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
        long end = System.nanoTime() + START.toNanos();
        while (!Files.exists(announced)) {
            if (!process.isAlive() || System.nanoTime() > end) {
                process.destroyForcibly();
                throw new IOException("the server did not start; it said:\n" + lastLines(log));
            }
            process.waitFor(5, TimeUnit.MILLISECONDS);
        }
        return new MusterServer(dataDirectory, process, JSON.readTree(Files.readString(announced)));
    }

    private static String lastLines(Path log) throws IOException {
        List<String> lines = Files.readAllLines(log);
        return String.join("\n", lines.subList(Math.max(0, lines.size() - 30), lines.size()));
    }

    Process process() {
        return process;
    }

    String mqttAddress() {
        return addresses.get("mqtt").asString();
    }

    InetSocketAddress mqtt() {
        URI uri = URI.create("mqtt://" + mqttAddress());
        return new InetSocketAddress(uri.getHost(), uri.getPort());
    }

    URI device() {
        return URI.create(addresses.get("device").asString());
    }

    JsonNode get(String path) throws IOException, InterruptedException {
        return send(request(path).GET().build());
    }

    /** A token that enrols so many vehicles. */
    ClaimToken claimToken(int uses) throws IOException, InterruptedException {
        String wanted = "{\"type\":\"vehicle\",\"uses\":" + uses + ",\"expiresIn\":\"24h\"}";
        JsonNode answer = send(request("/api/v1/claim-tokens")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(wanted))
                .build());
        return ClaimToken.parse(answer.get("token").asString());
    }

    private HttpRequest.Builder request(String path) throws IOException {
        String token = Files.readString(dataDirectory.resolve("admin.token")).strip();
        return HttpRequest.newBuilder(
                        URI.create(addresses.get("http").asString()).resolve(path))
                .timeout(Duration.ofSeconds(60))
                .header("Authorization", "Bearer " + token);
    }

    private JsonNode send(HttpRequest request) throws IOException, InterruptedException {
        HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() / 100 != 2) {
            throw new IOException(
                    request.method() + " " + request.uri() + " answered " + answer.statusCode() + ": " + answer.body());
        }
        return JSON.readTree(answer.body());
    }

    /** SIGTERM, as an operator stops it. */
    @Override
    public void close() throws InterruptedException {
        http.close();
        process.destroy();
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
    }
}
