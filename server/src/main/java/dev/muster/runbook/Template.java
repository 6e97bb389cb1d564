package dev.muster.runbook;

import dev.muster.alert.incident.Concern;
import java.math.BigDecimal;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.BooleanNode;
import tools.jackson.databind.node.DecimalNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/**
 * Fills {@code ${labels.asset}}, {@code ${parameters.service}}, {@code ${incident}} and the like into the texts of a spec. In a selector a
 * value becomes a CEL string, whatever it holds: what an alert says can choose an asset, never write a selector.
 */
final class Template {
    private static final Pattern VARIABLE = Pattern.compile("\\$\\{([A-Za-z][A-Za-z0-9_.-]{0,127})}");
    private static final Set<String> SELECTORS = Set.of("selector", "targets");

    private Template() {}

    /** @param value of a variable: text, number or flag; null when there is none */
    static JsonNode fill(JsonNode spec, Function<String, @Nullable Object> value, Set<String> missing) {
        return fill("", spec, value, missing);
    }

    private static JsonNode fill(
            String field, JsonNode node, Function<String, @Nullable Object> value, Set<String> missing) {
        if (node instanceof ObjectNode object) {
            ObjectNode filled = JsonNodeFactory.instance.objectNode();
            object.properties()
                    .forEach(each -> filled.set(
                            each.getKey(),
                            each.getKey().equals("tests")
                                    ? each.getValue()
                                    : fill(each.getKey(), each.getValue(), value, missing)));
            return filled;
        }
        if (node instanceof ArrayNode array) {
            ArrayNode filled = JsonNodeFactory.instance.arrayNode();
            array.forEach(each -> filled.add(fill(field, each, value, missing)));
            return filled;
        }
        return node.isString() ? text(field, node.stringValue(), value, missing) : node;
    }

    private static JsonNode text(
            String field, String text, Function<String, @Nullable Object> value, Set<String> missing) {
        Matcher whole = VARIABLE.matcher(text);
        if (whole.matches()) {
            Object found = value.apply(whole.group(1));
            if (found instanceof BigDecimal number) {
                return DecimalNode.valueOf(number);
            }
            if (found instanceof Boolean flag) {
                return BooleanNode.valueOf(flag);
            }
        }
        boolean selector = SELECTORS.contains(field);
        return StringNode.valueOf(VARIABLE.matcher(text).replaceAll(match -> {
            Object found = value.apply(match.group(1));
            if (found == null) {
                missing.add(match.group(1));
                return "";
            }
            String shown = found.toString();
            return Matcher.quoteReplacement(
                    selector && !(found instanceof BigDecimal) && !(found instanceof Boolean)
                            ? Concern.literal(shown)
                            : shown);
        }));
    }

    /** The variables that a spec names. */
    static Set<String> variables(JsonNode spec) {
        Set<String> found = new LinkedHashSet<>();
        JsonNode unused = fill(
                spec,
                name -> {
                    found.add(name);
                    return "x";
                },
                new LinkedHashSet<>());
        return found;
    }
}
