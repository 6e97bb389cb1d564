package dev.muster.main;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.testing.TestServer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The console's types are generated from a file, which must be what the server serves. */
class OpenApiDocumentTest {
    private static final Path FILE = Path.of("..", "console", "openapi.json");
    private static final Path FRESH = Path.of("target", "openapi.json");
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(SerializationFeature.INDENT_OUTPUT, SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .build();

    @Test
    void theDocumentThatTheConsoleIsMadeOfIsWhatTheServerServes() throws Exception {
        JsonNode served;
        try (TestServer server = TestServer.start()) {
            served = JSON.readTree(
                    server.send(server.adminRequest("/api/openapi.json")).body());
        }
        // Where it listens is no part of what it offers.
        ((ObjectNode) served).remove("servers");
        String fresh = JSON.writeValueAsString(JSON.treeToValue(served, Object.class)) + "\n";
        Files.createDirectories(FRESH.getParent());
        Files.writeString(FRESH, fresh);
        assertThat(JSON.readTree(FILE))
                .as("out of date; mend it with: cp server/target/openapi.json console/openapi.json")
                .isEqualTo(served);
    }
}
