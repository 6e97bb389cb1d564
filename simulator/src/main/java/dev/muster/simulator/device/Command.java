package dev.muster.simulator.device;

import dev.muster.protocol.Topics;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A command as it came from the server (docs/protocol.md §4).
 *
 * @param deadline milliseconds since the epoch; {@link Long#MAX_VALUE} when there is none
 * @param traceparent W3C Trace Context; empty when there is none
 */
public record Command(String id, String name, Map<String, Object> params, long deadline, String traceparent) {
    private static final JsonMapper JSON = new JsonMapper();

    public Command(String id, String name, Map<String, Object> params, long deadline) {
        this(id, name, params, deadline, "");
    }

    /** Empty when the payload is no command. */
    public static Optional<Command> parse(byte[] payload) {
        try {
            JsonNode document = JSON.readTree(payload);
            String id = document.path("id").asString("");
            if (!Topics.isCommandId(id) || !document.path("name").isString()) {
                return Optional.empty();
            }
            JsonNode deadline = document.path("deadline");
            return Optional.of(new Command(
                    id,
                    document.get("name").asString(),
                    Documents.object(document.path("params")),
                    deadline.isString() ? Instant.parse(deadline.asString()).toEpochMilli() : Long.MAX_VALUE,
                    document.path("traceparent").asString("")));
        } catch (JacksonException | DateTimeException e) {
            return Optional.empty();
        }
    }
}
