package dev.muster.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A real server, for agents that are watched from outside: by files, processes and what the server shows. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class AgentsFixture {
    static final Duration LONG = Duration.ofSeconds(Integer.getInteger("patience", 300));

    @SuppressWarnings("NullAway.Init")
    Path folder;

    @SuppressWarnings("NullAway.Init")
    ServerProcess server;

    @SuppressWarnings("NullAway.Init")
    CommandLine muster;

    @BeforeAll
    final void startServer(@TempDir Path folder) throws Exception {
        this.folder = folder;
        server = new ServerProcess(folder.resolve("data"), Map.of(), List.of("--asset-certificate-lifetime=3m"));
        server.start();
        muster = new CommandLine(server, folder.resolve("cli"));
        begin();
    }

    /** What there is beside the server, before the first test. */
    void begin() throws Exception {}

    /** What there is beside the server, the first to be closed first. */
    List<AutoCloseable> others() {
        return List.of();
    }

    @AfterAll
    final void stop() throws Exception {
        List<AutoCloseable> all = new ArrayList<>(others());
        all.add(server);
        List<Exception> failures = new ArrayList<>();
        for (AutoCloseable each : all) {
            try {
                if (each != null) {
                    each.close();
                }
            } catch (Exception e) {
                failures.add(e);
            }
        }
        assertThat(failures).isEmpty();
    }

    String command(String asset, String name, Map<String, Object> parameters) throws Exception {
        return server.post(
                        "/api/v1/commands",
                        Map.of(
                                "asset",
                                asset,
                                "name",
                                name,
                                "parameters",
                                parameters,
                                "timeout",
                                "30m",
                                "confirm",
                                true))
                .path("id")
                .asString();
    }

    void awaitInSync(Box box) throws Exception {
        Await.that(box.id() + " is in sync; see " + box.agent().log(), LONG, () -> {
            if (!box.agent().isAlive()) {
                throw new AssertionError("agent of " + box.id() + " ended:\n"
                        + Files.readString(box.agent().log()));
            }
            return state(box.id()).equals("in_sync");
        });
    }

    JsonNode twin(String asset) throws Exception {
        return server.get("/api/v1/assets/" + asset + "/twin");
    }

    String state(String asset) throws Exception {
        return server.find("/api/v1/assets/" + asset + "/twin")
                .map(twin -> twin.path("state").asString())
                .orElse("");
    }
}
