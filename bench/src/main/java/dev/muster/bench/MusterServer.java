package dev.muster.bench;

import dev.muster.platform.postgres.EmbeddedPostgres;
import dev.muster.protocol.AssetId;
import dev.muster.simulator.enrol.ClaimToken;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A real server in a process of its own, on free ports, started by the launcher as a user would. */
final class MusterServer implements AutoCloseable {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration START = Duration.ofMinutes(10);
    /** Of a plan of a million assets too. */
    private static final Duration ANSWER = Duration.ofMinutes(5);

    private static final int POSTMASTER_PORT = 3;

    private final Path dataDirectory;
    private final Process process;
    private final JsonNode addresses;
    private final @Nullable SystemPostgres postgres;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();

    private MusterServer(Path dataDirectory, Process process, JsonNode addresses, @Nullable SystemPostgres postgres) {
        this.dataDirectory = dataDirectory;
        this.process = process;
        this.addresses = addresses;
        this.postgres = postgres;
    }

    /** Returns when it says that it is ready. Its log is beside the data directory. */
    static MusterServer start(Path dataDirectory) throws Exception {
        return start(dataDirectory, List.of());
    }

    /** @param more settings as flags */
    static MusterServer start(Path dataDirectory, List<String> more) throws Exception {
        List<String> program = List.of(Programs.root().resolve("muster").toString(), "server"); // becomes the JVM
        return start(program, dataDirectory, more);
    }

    /** @param program the beginning of the command line, for a server that is more than one */
    static MusterServer start(List<String> program, Path dataDirectory, List<String> more) throws Exception {
        return start(program, dataDirectory, more, null);
    }

    /** @param postgres that it uses instead of an embedded one */
    static MusterServer start(
            List<String> program, Path dataDirectory, List<String> more, @Nullable SystemPostgres postgres)
            throws Exception {
        Files.createDirectories(dataDirectory);
        Path announced = dataDirectory.resolve("run/server.json");
        Files.deleteIfExists(announced);
        Path log = dataDirectory.resolveSibling(dataDirectory.getFileName() + ".log");
        List<String> command = new ArrayList<>(program);
        command.addAll(List.of(
                "--data-dir=" + dataDirectory,
                "--http-listen=127.0.0.1:0",
                "--mqtt-listen=127.0.0.1:0",
                "--device-listen=127.0.0.1:0"));
        command.addAll(more);
        if (postgres != null) {
            command.addAll(postgres.settings());
        }
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
        // A benchmark that is told to end leaves no server behind, and this one stops its databases itself.
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(process::destroy));
        long end = System.nanoTime() + START.toNanos();
        while (!Files.exists(announced)) {
            if (!process.isAlive() || System.nanoTime() > end) {
                process.destroyForcibly();
                throw new IOException("the server did not start; it said:\n" + lastLines(log));
            }
            process.waitFor(5, TimeUnit.MILLISECONDS);
        }
        return new MusterServer(dataDirectory, process, JSON.readTree(Files.readString(announced)), postgres);
    }

    private static String lastLines(Path log) throws IOException {
        List<String> lines = Files.readAllLines(log);
        return String.join("\n", lines.subList(Math.max(0, lines.size() - 30), lines.size()));
    }

    Process process() {
        return process;
    }

    /** Processor time of it and of its PostgreSQL, in microseconds. */
    double cpuMicros() throws IOException {
        return Programs.cpuMicros(process) + (postgres == null ? 0 : Programs.cpuMicros(postgres.process()));
    }

    /** With its PostgreSQL. */
    double residentMiB() throws IOException {
        return Programs.residentMiB(process) + (postgres == null ? 0 : Programs.residentMiB(postgres.process()));
    }

    String mqttAddress() {
        return addresses.get("mqtt").asString();
    }

    InetSocketAddress mqtt() {
        URI uri = URI.create("mqtt://" + mqttAddress());
        return new InetSocketAddress(uri.getHost(), uri.getPort());
    }

    /** Without TLS, when it was told to listen so. */
    InetSocketAddress mqttPlain() {
        URI uri = URI.create("mqtt://" + addresses.get("mqttPlain").asString());
        return new InetSocketAddress(uri.getHost(), uri.getPort());
    }

    URI device() {
        return URI.create(addresses.get("device").asString());
    }

    JsonNode get(String path) throws IOException, InterruptedException {
        return send(request(path).GET().build());
    }

    /** Returns when everything that was acknowledged can be queried. */
    void awaitApplied(Duration patience) throws IOException, InterruptedException {
        if (!isApplied(patience)) {
            throw new IOException("after " + patience + " the telemetry store is still " + behind() + " behind");
        }
    }

    /** Whether it comes to that within the time. */
    boolean isApplied(Duration patience) throws IOException, InterruptedException {
        long end = System.nanoTime() + patience.toNanos();
        while (behind() > 0) {
            if (System.nanoTime() > end) {
                return false;
            }
            Thread.sleep(50);
        }
        return true;
    }

    /** Messages that no store of telemetry has, and commits that cannot be asked for. */
    private double behind() throws IOException, InterruptedException {
        return metric("muster_ingest_lag{consumer=\"telemetry\"")
                + metric("muster_ingest_lag{consumer=\"late\"")
                + metric("muster_telemetry_unapplied");
    }

    /** The sum of those figures of the server whose lines begin so. */
    double metric(String begin) throws IOException, InterruptedException {
        HttpResponse<String> answer =
                http.send(request("/metrics").GET().build(), HttpResponse.BodyHandlers.ofString());
        return answer.body()
                .lines()
                .filter(line -> line.startsWith(begin))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    /** Registers {@code vehicle-000000} and so on, dealt out to as many depots by label. */
    void importAssets(String type, int count, int depots) throws IOException, InterruptedException {
        StringBuilder csv = new StringBuilder("id,type,label.depot\n");
        for (int i = 0; i < count; i++) {
            csv.append("vehicle-%06d,%s,d%d%n".formatted(i, type, i % depots));
        }
        HttpResponse<String> answer = http.send(
                request("/api/v1/assets/import")
                        .timeout(Duration.ofMinutes(10))
                        .header("Content-Type", "text/csv")
                        .POST(HttpRequest.BodyPublishers.ofString(csv.toString()))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 200
                || get("/api/v1/assets/count").path("count").asLong() < count) {
            throw new IOException("the import of " + count + " assets answered " + answer.statusCode() + ": "
                    + answer.body().lines().reduce((_, last) -> last).orElse(""));
        }
    }

    /** A token that enrols so many vehicles. */
    ClaimToken claimToken(int uses) throws IOException, InterruptedException {
        String wanted = "{\"type\":\"vehicle\",\"uses\":" + uses + ",\"expiresIn\":\"24h\"}";
        JsonNode answer = post("/api/v1/claim-tokens", wanted);
        return ClaimToken.parse(answer.get("token").asString());
    }

    /** A new vehicle and a token of it. */
    Credential.Token vehicleWithToken(String id) throws IOException, InterruptedException {
        post("/api/v1/assets", "{\"id\":\"" + id + "\",\"type\":\"vehicle\"}");
        JsonNode answer = post("/api/v1/assets/" + id + "/tokens", "{\"expiresIn\":\"1d\"}");
        return new Credential.Token(new AssetId(id), answer.get("token").asString());
    }

    URI http() {
        return URI.create(addresses.get("http").asString());
    }

    String adminToken() throws IOException {
        return Files.readString(dataDirectory.resolve("admin.token")).strip();
    }

    Path dataDirectory() {
        return dataDirectory;
    }

    JsonNode post(String path, String body) throws IOException, InterruptedException {
        return post(path, "application/json", body);
    }

    JsonNode post(String path, String type, String body) throws IOException, InterruptedException {
        return send(request(path)
                .header("Content-Type", type)
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build());
    }

    /** @param csv as {@code muster import} takes it */
    void importAssets(String csv) throws IOException, InterruptedException {
        HttpRequest request = request("/api/v1/assets/import")
                .timeout(Duration.ofMinutes(10))
                .header("Content-Type", "text/csv")
                .POST(HttpRequest.BodyPublishers.ofString(csv))
                .build();
        HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() / 100 != 2) {
            throw new IOException("the import answered " + answer.statusCode() + ": " + answer.body());
        }
    }

    /** Its PostgreSQL, past the server: to fill tables, and to count what the server only says. */
    Connection database() throws IOException, SQLException {
        if (postgres != null) {
            return postgres.connect(EmbeddedPostgres.DATABASE);
        }
        List<String> postmaster = Files.readAllLines(dataDirectory.resolve("postgres/data/postmaster.pid"));
        Properties login = new Properties();
        login.setProperty("user", EmbeddedPostgres.USER);
        login.setProperty(
                "password",
                Files.readString(dataDirectory.resolve("postgres/password")).strip());
        return DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:" + postmaster.get(POSTMASTER_PORT).strip() + "/"
                        + EmbeddedPostgres.DATABASE,
                login);
    }

    /** As a power switch would; its databases are left to the next start. */
    void kill9() throws InterruptedException {
        process.destroyForcibly().waitFor();
        http.close();
    }

    private HttpRequest.Builder request(String path) throws IOException {
        return HttpRequest.newBuilder(http().resolve(path))
                .timeout(ANSWER)
                .header("Authorization", "Bearer " + adminToken());
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
            process.destroyForcibly().waitFor();
        }
    }
}
