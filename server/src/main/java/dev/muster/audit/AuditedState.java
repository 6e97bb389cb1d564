package dev.muster.audit;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/**
 * An object as the audit trail shows it: JSON, bounded, without secrets.
 *
 * <p>Callers hand over objects without secrets; the masks here are the second fence, for the day one forgets.
 */
final class AuditedState {
    static final int MAX_CHARS = 64 * 1024;
    static final String MASK = "***";

    private static final JsonMapper JSON = JsonMapper.builder()
            .changeDefaultPropertyInclusion(inclusion -> inclusion.withValueInclusion(JsonInclude.Include.NON_NULL))
            .build();
    private static final Set<String> SECRET_FIELDS =
            Set.of("secret", "password", "passphrase", "privatekey", "private_key", "token", "authorization");
    private static final Pattern SECRET_TEXT =
            Pattern.compile("(muster|claim)_[0-9A-Za-z]{20,}|-----BEGIN [A-Z ]*PRIVATE KEY-----");

    private AuditedState() {}

    static @Nullable String json(@Nullable Object state) {
        if (state == null) {
            return null;
        }
        JsonNode masked = masked(JSON.valueToTree(state));
        String text = JSON.writeValueAsString(masked);
        return text.length() <= MAX_CHARS
                ? text
                : JSON.writeValueAsString(
                        Map.of("omitted", "larger than " + MAX_CHARS + " characters: " + text.length()));
    }

    private static JsonNode masked(JsonNode node) {
        switch (node) {
            case ObjectNode object -> {
                for (Map.Entry<String, JsonNode> field : Set.copyOf(object.properties())) {
                    object.set(field.getKey(), isSecret(field) ? StringNode.valueOf(MASK) : masked(field.getValue()));
                }
                return object;
            }
            case ArrayNode array -> {
                for (int i = 0; i < array.size(); i++) {
                    array.set(i, masked(array.get(i)));
                }
                return array;
            }
            case StringNode text
            when SECRET_TEXT.matcher(text.stringValue()).find() -> {
                return StringNode.valueOf(MASK);
            }
            default -> {
                return node;
            }
        }
    }

    private static boolean isSecret(Map.Entry<String, JsonNode> field) {
        return field.getValue().isString()
                && SECRET_FIELDS.contains(field.getKey().toLowerCase(Locale.ROOT));
    }
}
