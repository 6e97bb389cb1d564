package dev.muster.command;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * What an asset says beside the bare result, bounded: its {@code output} is kept as text, the rest as JSON.
 *
 * @param json null when it said nothing more
 * @param output null when it printed nothing
 */
record ResultDetail(@Nullable JsonNode json, @Nullable String output) {
    static final int MAX_JSON_CHARACTERS = 16 * 1024;
    static final int MAX_OUTPUT_CHARACTERS = 16 * 1024;

    private static final JsonMapper JSON = JsonMapper.shared();

    static ResultDetail of(@Nullable Object detail) {
        if (detail == null) {
            return new ResultDetail(null, null);
        }
        JsonNode json = JSON.valueToTree(detail);
        String output = null;
        if (json instanceof ObjectNode object && object.path("output").isString()) {
            output = cut(object.path("output").stringValue());
            object.remove("output");
        }
        return new ResultDetail(json.isObject() && json.isEmpty() ? null : bounded(json), output);
    }

    /** PostgreSQL keeps no NUL in text. */
    private static String cut(String output) {
        String text = output.replace("\u0000", "\ufffd");
        return text.length() <= MAX_OUTPUT_CHARACTERS
                ? text
                : text.substring(0, MAX_OUTPUT_CHARACTERS) + "… (" + text.length() + " characters)";
    }

    private static JsonNode bounded(JsonNode json) {
        String text = json.toString();
        if (text.length() > MAX_JSON_CHARACTERS) {
            return JsonNodeFactory.instance
                    .objectNode()
                    .put("omitted", text.length() + " characters, at most " + MAX_JSON_CHARACTERS + " are kept");
        }
        return text.contains("\\u0000") ? JSON.readTree(text.replace("\\u0000", "\\ufffd")) : json;
    }
}
