package dev.muster.e2e;

import dev.muster.platform.postgres.EmbeddedPostgres;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** A real {@code muster server} in a process of its own; it keeps its ports over restarts, as a real one would. */
final class ServerProcess implements AutoCloseable {
    private static final Duration START = Duration.ofMinutes(10);
    /** Of a plan of a million assets too. */
    private static final Duration ANSWER = Duration.ofMinutes(10);

    private static final int POSTMASTER_PORT = 3;

    static final ObjectMapper JSON = new ObjectMapper();

    private final Path dataDirectory;
    private final Map<String, String> environment;
    private List<String> settings;
    private final Function<String[], List<String>> program;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
    private @Nullable Process process;
    private @Nullable JsonNode ports;

    /** @param settings further flags, such as {@code --journal-sync=false} */
    ServerProcess(Path dataDirectory, Map<String, String> environment, List<String> settings) {
        this(dataDirectory, environment, settings, flags -> Programs.java("server", flags));
    }

    /** @param program the command line, given the server's flags */
    ServerProcess(
            Path dataDirectory,
            Map<String, String> environment,
            List<String> settings,
            Function<String[], List<String>> program) {
        this.dataDirectory = dataDirectory;
        this.environment = Map.copyOf(environment);
        this.settings = List.copyOf(settings);
        this.program = program;
    }

    void start() throws Exception {
        Path announced = dataDirectory.resolve("run/server.json");
        Files.deleteIfExists(announced);
        Files.createDirectories(dataDirectory);
        List<String> flags = new ArrayList<>(List.of("--data-dir", dataDirectory.toString()));
        JsonNode before = ports;
        flags.addAll(List.of(
                "--http-listen", before == null ? "127.0.0.1:0" : authority(before, "http"),
                "--mqtt-listen",
                        before == null ? "127.0.0.1:0" : before.get("mqtt").asString(),
                "--device-listen", before == null ? "127.0.0.1:0" : authority(before, "device")));
        flags.addAll(settings);
        ProcessBuilder builder = new ProcessBuilder(program.apply(flags.toArray(String[]::new)))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()));
        builder.environment().putAll(environment);
        Process started = builder.start();
        process = started;
        ports = Await.until("server in " + dataDirectory + " ready; see " + log(), START, () -> {
            if (!started.isAlive()) {
                throw new AssertionError("server ended with " + started.exitValue() + ":\n" + tail());
            }
            return Files.exists(announced) ? Optional.of(JSON.readTree(announced.toFile())) : Optional.empty();
        });
        Await.that("server in " + dataDirectory + " answers /readyz", START, () -> status("/readyz") == 200);
    }

    /** Ends it in order and starts it with other flags. */
    void startAgainWith(List<String> changed) throws Exception {
        terminate();
        settings = List.copyOf(changed);
        start();
    }

    /** Ends the process as a power switch would. */
    void kill9() throws InterruptedException {
        Process running = running();
        running.destroyForcibly();
        running.waitFor();
    }

    /** The embedded PostgreSQL, past the server: to fill tables, and to count what the server only says. */
    Connection database() throws IOException, SQLException {
        String port = requirePostmaster().get(POSTMASTER_PORT).strip();
        Properties login = new Properties();
        login.setProperty("user", EmbeddedPostgres.USER);
        login.setProperty(
                "password",
                Files.readString(dataDirectory.resolve("postgres/password")).strip());
        return DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:" + port + "/" + EmbeddedPostgres.DATABASE, login);
    }

    /** The lines of {@code postmaster.pid}, its pid first, its port fourth; none while PostgreSQL is away. */
    private List<String> postmaster() throws IOException {
        Path file = dataDirectory.resolve("postgres/data/postmaster.pid");
        try {
            List<String> lines = Files.readAllLines(file);
            return lines.size() > POSTMASTER_PORT ? lines : List.of();
        } catch (NoSuchFileException away) {
            return List.of();
        }
    }

    private List<String> requirePostmaster() throws IOException {
        List<String> lines = postmaster();
        if (lines.isEmpty()) {
            throw new AssertionError("PostgreSQL does not run below " + dataDirectory);
        }
        return lines;
    }

    /** Kills the embedded PostgreSQL under the server's hands; the server is expected to bring it back. */
    void killPostgres9() throws IOException {
        long pid = Long.parseLong(requirePostmaster().getFirst().strip());
        ProcessHandle postmaster = ProcessHandle.of(pid)
                .orElseThrow(() -> new AssertionError("PostgreSQL of " + dataDirectory + " does not run as " + pid));
        // Its children notice within moments; killed too, as a crash of the machine's memory killer would.
        List<ProcessHandle> children = postmaster.descendants().toList();
        postmaster.destroyForcibly();
        children.forEach(ProcessHandle::destroyForcibly);
    }

    URI http() {
        return URI.create(announced().get("http").asString());
    }

    String mqtt() {
        return announced().get("mqtt").asString();
    }

    String device() {
        return announced().get("device").asString();
    }

    String adminToken() throws IOException {
        return Files.readString(dataDirectory.resolve("admin.token")).strip();
    }

    Path dataDirectory() {
        return dataDirectory;
    }

    Path log() {
        return dataDirectory.resolveSibling(dataDirectory.getFileName() + ".server.log");
    }

    long pid() {
        return running().pid();
    }

    JsonNode get(String path) throws Exception {
        return find(path).orElseThrow(() -> new AssertionError("GET " + path + ": 404"));
    }

    /** Empty where there is no such thing. */
    Optional<JsonNode> find(String path) throws Exception {
        HttpResponse<String> answer = http.send(
                request(path).header("Authorization", "Bearer " + adminToken()).build(),
                HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() == 404) {
            return Optional.empty();
        }
        if (answer.statusCode() != 200) {
            throw new AssertionError("GET " + path + ": " + answer.statusCode() + " " + answer.body());
        }
        return Optional.of(JSON.readTree(answer.body()));
    }

    /** A claim token for one asset, as text. */
    String claimToken(String type, String id) throws Exception {
        return claimToken(type, id, 1);
    }

    String claimToken(String type, String ids, int uses) throws Exception {
        return post(
                        "/api/v1/claim-tokens",
                        Map.of("name", "e2e", "type", type, "idPattern", ids, "uses", uses, "expiresIn", "1h"))
                .path("token")
                .asString();
    }

    JsonNode post(String path, Object body) throws Exception {
        HttpResponse<String> answer = http.send(
                request(path)
                        .header("Authorization", "Bearer " + adminToken())
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(body)))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() / 100 != 2) {
            throw new AssertionError("POST " + path + ": " + answer.statusCode() + " " + answer.body());
        }
        return JSON.readTree(answer.body());
    }

    /** Whatever the server answers, a refusal too. */
    HttpResponse<String> exchange(
            String method, String path, String contentType, byte[] body, Map<String, String> headers) throws Exception {
        HttpRequest.Builder request = request(path)
                .header("Authorization", "Bearer " + adminToken())
                .header("Content-Type", contentType)
                .method(method, HttpRequest.BodyPublishers.ofByteArray(body));
        headers.forEach(request::header);
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    /** Applies YAML documents, which must be taken. */
    void apply(String yaml) throws Exception {
        HttpResponse<String> answer = http.send(
                request("/api/v1/apply")
                        .header("Authorization", "Bearer " + adminToken())
                        .header("Content-Type", "application/yaml")
                        .POST(HttpRequest.BodyPublishers.ofString(yaml))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 200) {
            throw new AssertionError("apply: " + answer.statusCode() + " " + answer.body());
        }
    }

    /** What {@code /readyz} says, ready or not. */
    JsonNode readiness() throws Exception {
        return JSON.readTree(http.send(request("/readyz").build(), HttpResponse.BodyHandlers.ofString())
                .body());
    }

    /** Whether all consumers have stored what is in the journal, and all of that can be queried. */
    boolean caughtUp() throws Exception {
        String metrics = http.send(
                        request("/metrics")
                                .header("Authorization", "Bearer " + adminToken())
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
        return metrics.lines()
                .filter(line -> line.startsWith("muster_ingest_lag{") || line.startsWith("muster_telemetry_unapplied"))
                .allMatch(line -> line.endsWith(" 0.0"));
    }

    /** Makes PostgreSQL begin a new file of its write-ahead log, for which it needs room; false when it has none, or is away. */
    boolean switchWal() throws IOException {
        if (postmaster().isEmpty()) {
            return false;
        }
        try (Connection connection = database();
                var statement = connection.createStatement()) {
            statement.execute("select pg_logical_emit_message(false, 'crash', 'so that there is something to switch')");
            statement.execute("select pg_switch_wal()");
            return true;
        } catch (SQLException away) {
            return false;
        }
    }

    /** Lines in its log. */
    long logged() throws IOException {
        try (var lines = Files.lines(log())) {
            return lines.count();
        }
    }

    boolean isAlive() {
        return running().isAlive();
    }

    int status(String path) throws InterruptedException {
        try {
            return http.send(request(path).build(), HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        } catch (IOException notListening) {
            return 0;
        }
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(http().resolve(path)).timeout(ANSWER);
    }

    /** SIGTERM; everything it started must end with it. */
    int terminate() throws Exception {
        Process running = running();
        List<ProcessHandle> children = running.descendants().toList();
        running.destroy();
        if (!running.waitFor(60, TimeUnit.SECONDS)) {
            running.destroyForcibly();
            throw new AssertionError("server " + running.pid() + " did not end within 60 s of SIGTERM");
        }
        Await.that(
                "children of the server " + children + " have ended",
                Duration.ofSeconds(10),
                () -> children.stream().noneMatch(ProcessHandle::isAlive));
        return running.exitValue();
    }

    @Override
    public void close() throws Exception {
        if (process != null && process.isAlive()) {
            terminate();
        }
    }

    private Process running() {
        if (process == null) {
            throw new IllegalStateException("server in " + dataDirectory + " was never started");
        }
        return process;
    }

    private JsonNode announced() {
        if (ports == null) {
            throw new IllegalStateException("server in " + dataDirectory + " was never started");
        }
        return ports;
    }

    private String tail() throws IOException {
        List<String> lines = Files.readAllLines(log());
        return String.join("\n", lines.subList(Math.max(0, lines.size() - 40), lines.size()));
    }

    private static String authority(JsonNode ports, String name) {
        return URI.create(ports.get(name).asString()).getAuthority();
    }
}
