package dev.muster.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.cli.Cli.Result;
import java.io.IOException;
import java.net.ServerSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** {@code --wait} and the exit codes that a pipeline goes by. */
class PipelineTest {
    private static final String STATUS =
            "{\"status\":{\"phase\":\"%s\",\"cause\":\"%s\",\"why\":\"%s\",\"wave\":\"%s\","
                    + "\"targets\":9,\"inFlight\":0,\"counts\":{},\"waves\":[{\"name\":\"canary\",\"state\":\"settled\"},"
                    + "{\"name\":\"all\",\"state\":\"open\"}]}}";

    private final FakeServer server;

    PipelineTest() throws IOException {
        server = new FakeServer();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private Result waiting(String phase, String cause, String why, String wave, String... more) {
        server.answers("GET /api/v1/rollouts/app-2", 200, STATUS.formatted(phase, cause, why, wave));
        String[] args = new String[more.length + 3];
        System.arraycopy(new String[] {"rollout", "wait", "app-2"}, 0, args, 0, 3);
        System.arraycopy(more, 0, args, 3, more.length);
        return Cli.at(server).run(args);
    }

    @Test
    void eachEndOfARolloutHasItsCode() {
        assertThat(waiting("completed", "", "all waves passed", "all"))
                .isEqualTo(new Result(0, "completed (all waves passed), wave all\n", ""));
        assertThat(waiting("rolled_back", "", "gate failed", "canary"))
                .isEqualTo(new Result(
                        1,
                        "rolled_back (gate failed), wave canary\n",
                        "muster: rollout app-2 is rolled_back: gate failed\n"));
        assertThat(waiting("aborted", "", "by anna", "canary").code()).isEqualTo(1);
        assertThat(waiting("paused", "gate_inconclusive", "no data", "canary").code())
                .isEqualTo(3);
        assertThat(waiting("draft", "", "", "canary").code()).isEqualTo(3);
        assertThat(Cli.at(server).run("rollout", "wait", "other").code()).isEqualTo(4);
        assertThat(waiting("running", "", "", "canary", "--timeout", "1ms"))
                .isEqualTo(new Result(6, "running, wave canary\n", "muster: rollout app-2 has not ended after 0 s\n"));
        assertThat(waiting("running", "", "", "canary", "--timeout", "soon").code())
                .isEqualTo(2);
    }

    @Test
    void aWaveHasPassedWhenTheNextOneIsOpenOrWaitsForAPerson() {
        String[] canary = {"--wave", "canary", "--timeout", "1ms"};
        assertThat(waiting("running", "", "", "all", canary).code()).isZero();
        assertThat(waiting("paused", "wave", "wave all waits", "canary", canary).code())
                .isZero();
        assertThat(waiting("completed", "", "", "all", canary).code()).isZero();
        // it is settled, and nobody has said yet that it was good
        assertThat(waiting("running", "", "", "canary", canary).code()).isEqualTo(6);
        assertThat(waiting("paused", "gate_failed", "too many", "canary", canary)
                        .code())
                .isEqualTo(3);
        assertThat(waiting("rolling_back", "", "too many", "all", canary).code())
                .isEqualTo(6);
        assertThat(waiting("running", "", "", "all", "--wave", "early").code()).isEqualTo(4);
    }

    @Test
    void startingWaitsToo() {
        server.answers("POST /api/v1/rollouts/app-2/start", 200, STATUS.formatted("running", "", "", "canary"));
        server.answers("GET /api/v1/rollouts/app-2", 200, STATUS.formatted("aborted", "", "by anna", "canary"));
        assertThat(Cli.at(server)
                        .run("rollout", "start", "app-2", "--wait", "--timeout", "1s")
                        .code())
                .isEqualTo(1);
    }

    @Test
    void aServerThatStaysAwayEndsWithFiveAndNotWithTimedOut() throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        Result away = Cli.at(server)
                .run("--server", "http://127.0.0.1:" + port, "rollout", "wait", "app-2", "--timeout", "1ms");
        assertThat(away.code()).isEqualTo(5);
        assertThat(away.err()).startsWith("muster: cannot reach http://127.0.0.1:" + port);
    }

    @Test
    void aHooksSecretIsAloneOnStandardOutput(@org.junit.jupiter.api.io.TempDir java.nio.file.Path directory)
            throws IOException {
        server.answers(
                "POST /api/v1/release-hooks",
                201,
                "{\"secret\":\"5ec4e7\",\"hook\":{\"name\":\"images\",\"path\":\"/hooks/images\"}}");
        server.answers(
                "GET /api/v1/release-hooks/images/deliveries",
                200,
                "[{\"delivery\":\"d-1\",\"received\":\"%s\",\"tag\":\"v1\",\"outcome\":\"started\",\"rollout\":\"app-1\"}]"
                        .formatted(java.time.Instant.now()));
        java.nio.file.Path file = java.nio.file.Files.writeString(
                directory.resolve("hook.yaml"), "name: images\nrollout: {selector: \"true\"}\n");
        Result created = Cli.at(server).run("hook", "create", "-f", file.toString());
        assertThat(created.out()).isEqualTo("5ec4e7\n");
        assertThat(created.err())
                .isEqualTo("hook images takes messages at " + server.url()
                        + "/hooks/images; its secret, shown this once:\n");
        assertThat(server.requests)
                .last()
                .extracting(FakeServer.Request::body)
                .isEqualTo("{\"name\":\"images\",\"rollout\":{\"selector\":\"true\"}}");
        assertThat(Cli.at(server).run("hook", "deliveries", "images").out())
                .contains("started")
                .contains("app-1");
    }
}
