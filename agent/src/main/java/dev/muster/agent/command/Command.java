package dev.muster.agent.command;

import dev.muster.agent.config.Fields;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** A command as docs/protocol.md §4 has it. */
record Command(
        String id,
        String name,
        ObjectNode params,
        @Nullable Instant deadline,
        @Nullable String traceparent) {
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /** What a message says. */
    sealed interface Message {
        record Whole(Command command) implements Message {}

        /** It has an id, so that its sender can be told. */
        record Unusable(String id, String reason) implements Message {}

        record Unreadable(String reason) implements Message {}
    }

    static Message parse(byte[] bytes) {
        JsonNode root;
        try {
            root = JSON.readTree(bytes);
        } catch (JacksonException e) {
            return new Message.Unreadable("it is not JSON: " + e.getOriginalMessage());
        }
        JsonNode id = root.get("id");
        if (id == null || !id.isString() || !ID.matcher(id.stringValue()).matches()) {
            return new Message.Unreadable("it has no id of the form " + ID);
        }
        List<String> problems = new ArrayList<>();
        Fields fields = new Fields("", root, problems);
        JsonNode params = fields.node("params");
        if (params != null && !params.isObject()) {
            fields.problem("params", "must be an object");
        }
        Command command = new Command(
                id.stringValue(),
                fields.text("name"),
                params instanceof ObjectNode object ? object : JsonNodeFactory.instance.objectNode(),
                fields.has("deadline") ? fields.parsed("deadline", Instant.EPOCH, Command::instant) : null,
                root.path("traceparent").asString(null));
        return problems.isEmpty()
                ? new Message.Whole(command)
                : new Message.Unusable(command.id(), String.join("; ", problems));
    }

    private static Instant instant(String text) {
        try {
            return Instant.parse(text);
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException("must be a time such as 2026-11-23T12:00:00Z", e);
        }
    }
}
