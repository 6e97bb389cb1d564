package dev.muster.main;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.platform.config.Settings;
import dev.muster.platform.error.StartRefusal;
import dev.muster.platform.postgres.Database;
import dev.muster.platform.postgres.EmbeddedPostgres;
import dev.muster.testing.TestServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class MusterServerTest {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final TestServer SERVER =
            TestServer.start(Map.of("db-url", "", "http-max-body", "64KiB", "db-connect-wait", "500ms"));

    @AfterAll
    static void stop() {
        SERVER.close();
    }

    @Test
    void tellsOtherProgramsWhereItIsAndAdmitsTheFirstAdministrator() throws IOException {
        JsonNode file =
                JsonMapper.shared().readTree(Files.readString(SERVER.directory().resolve("run/server.json")));
        assertThat(file.get("http").asString()).isEqualTo(SERVER.url());
        assertThat(file.get("pid").asLong()).isEqualTo(ProcessHandle.current().pid());
        assertThat(PosixFilePermissions.toString(
                        Files.getPosixFilePermissions(SERVER.directory().resolve("admin.token"))))
                .isEqualTo("rw-------");
        assertThat(SERVER.send(SERVER.adminRequest("/api/v1/whoami").GET()).statusCode())
                .isEqualTo(200);
    }

    @Test
    void refusesASecondServerOnItsDataDirectoryAndNamesTheHolder() {
        Settings settings = Settings.of(
                SettingsCatalog.ALL, Map.of("data-dir", SERVER.directory().toString(), "http-listen", "127.0.0.1:0"));
        assertThatThrownBy(() -> MusterServer.start(settings))
                .isInstanceOf(StartRefusal.class)
                .hasMessageContaining("process " + ProcessHandle.current().pid())
                .hasMessageContaining("--data-dir");
        assertThat(SERVER.directory().resolve("run/server.json")).exists();
    }

    @Test
    void refusesABusyPortAndNamesItsOwner(@TempDir Path folder) throws IOException {
        try (ServerSocket busy = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String address = "127.0.0.1:" + busy.getLocalPort();
            Settings settings =
                    Settings.of(SettingsCatalog.ALL, Map.of("data-dir", folder.toString(), "http-listen", address));
            assertThatThrownBy(() -> MusterServer.start(settings))
                    .isInstanceOf(StartRefusal.class)
                    .hasMessageContaining(address)
                    .hasMessageContaining("process " + ProcessHandle.current().pid() + " (java)")
                    .hasMessageContaining("--http-listen");
        }
        assertThat(folder.resolve("postgres")).doesNotExist();
    }

    @Test
    void bringsAKilledPostgresBackByItself() throws Exception {
        EmbeddedPostgres postgres = SERVER.bean(Database.class).embedded();
        assertThat(postgres).isNotNull();
        await(() -> SERVER.get("/readyz").statusCode() == 200);
        long killed = postgres.pid().orElseThrow();

        ProcessHandle.of(killed).orElseThrow().destroyForcibly();

        // How soon is its own affair, so whether 503 was seen meanwhile is not asked here but in DatabaseAwayTest.
        await(() -> postgres.pid().isPresent() && postgres.pid().orElseThrow() != killed);
        assertThat(SERVER.get("/livez").statusCode()).isEqualTo(200);
        await(() -> SERVER.get("/readyz").statusCode() == 200);
        await(() -> SERVER.send(SERVER.adminRequest("/api/v1/tokens").GET()).statusCode() == 200);
    }

    @Test
    void answersWhatCannotBeDoneWithAProblem() {
        HttpResponse<String> unknown =
                SERVER.send(SERVER.adminRequest("/api/v1/unknown").GET());
        assertProblem(unknown, 404, "not_found");
        HttpResponse<String> method =
                SERVER.send(SERVER.adminRequest("/api/v1/whoami").DELETE());
        assertProblem(method, 405, "method_not_allowed");
        assertProblem(post("{\"name\": nonsense"), 400, "invalid");
        assertProblem(post("{\"name\":\"a\",\"role\":\"viewer\",\"colour\":\"red\"}"), 400, "invalid");
        HttpResponse<String> limit =
                SERVER.send(SERVER.adminRequest("/api/v1/events?limit=1001").GET());
        assertProblem(limit, 400, "invalid");
        assertThat(limit.body()).contains("limit is 1001; allowed is 1 to 1000");
        HttpResponse<String> token = SERVER.send(
                SERVER.adminRequest("/api/v1/events?continue=%24%24").GET());
        assertProblem(token, 400, "invalid");
    }

    @Test
    void refusesABodyBeyondItsBoundWhetherItTellsItsLengthOrNot() {
        String large = "{\"name\":\"" + "x".repeat(70_000) + "\"}";
        assertProblem(post(large), 413, "too_large");
        var chunked = SERVER.adminRequest("/api/v1/tokens")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.fromPublisher(HttpRequest.BodyPublishers.ofString(large)));
        assertProblem(SERVER.send(chunked), 413, "too_large");
    }

    private static HttpResponse<String> post(String body) {
        return SERVER.send(SERVER.adminRequest("/api/v1/tokens")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    private static void assertProblem(HttpResponse<String> response, int status, String code) {
        assertThat(response.body()).contains("\"code\":\"" + code + "\"");
        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(response.headers().firstValue("Content-Type").orElse("")).startsWith("application/problem+json");
    }

    private static void await(Callable<Boolean> condition) throws Exception {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.call()) {
            assertThat(System.nanoTime()).as("deadline").isLessThan(deadline);
            Thread.sleep(10);
        }
    }
}
