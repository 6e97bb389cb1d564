package dev.muster.simulator;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a server on this machine left in its data directory: where it listens, and the first-run admin token. */
record ServerFiles(
        @Nullable String http,
        @Nullable String mqtt,
        @Nullable String device,
        @Nullable String adminToken) {

    static ServerFiles in(Path dataDirectory) throws IOException {
        Path running = dataDirectory.resolve("run").resolve("server.json");
        JsonNode found = Files.exists(running)
                ? new JsonMapper().readTree(Files.readString(running))
                : new JsonMapper().createObjectNode();
        Path token = dataDirectory.resolve("admin.token");
        return new ServerFiles(
                text(found, "http"),
                text(found, "mqtt"),
                text(found, "device"),
                Files.isReadable(token) ? Files.readString(token).strip() : null);
    }

    private static @Nullable String text(JsonNode node, String field) {
        return Optional.ofNullable(node.get(field)).map(JsonNode::asString).orElse(null);
    }
}
