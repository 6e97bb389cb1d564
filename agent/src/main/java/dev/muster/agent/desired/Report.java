package dev.muster.agent.desired;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.muster.protocol.UplinkCodec;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** A configuration in the form of the report: plain values, long texts as their hash, within the bounds of docs/protocol.md. */
final class Report {
    static final int LONGEST_VERBATIM = 256;
    private static final int MAX_DEPTH = UplinkCodec.MAX_DEPTH;
    private static final int MAX_VALUES = UplinkCodec.MAX_VALUES - 256;

    private Report() {}

    /** Why this configuration could not be reported, and is therefore not taken; empty when it can. */
    static Optional<String> unreportable(JsonNode config) {
        int depth = depth(config);
        int values = values(config);
        if (depth > MAX_DEPTH) {
            return Optional.of("config is nested " + depth + " levels deep, at most " + MAX_DEPTH + " can be reported");
        }
        if (values > MAX_VALUES) {
            return Optional.of("config has " + values + " values, at most " + MAX_VALUES + " can be reported");
        }
        return badName(config)
                .map(name -> "config has the name '" + name + "', which is longer than " + UplinkCodec.MAX_NAME_LENGTH
                        + " characters or has control characters");
    }

    private static int depth(JsonNode node) {
        return node.isContainer()
                ? 1 + node.values().stream().mapToInt(Report::depth).max().orElse(0)
                : 0;
    }

    private static int values(JsonNode node) {
        return 1 + node.values().stream().mapToInt(Report::values).sum();
    }

    private static Optional<String> badName(JsonNode node) {
        for (var property : node.properties()) {
            String name = property.getKey();
            if (name.isEmpty()
                    || name.length() > UplinkCodec.MAX_NAME_LENGTH
                    || name.chars().anyMatch(Character::isISOControl)) {
                return Optional.of(name.replaceAll("\\p{Cntrl}", "?"));
            }
        }
        return node.values().stream()
                .map(Report::badName)
                .flatMap(Optional::stream)
                .findFirst();
    }

    static Map<String, Object> values(Map<String, JsonNode> config) {
        Map<String, Object> values = new LinkedHashMap<>();
        config.forEach((key, node) -> value(node).ifPresent(value -> values.put(key, value)));
        return values;
    }

    private static Optional<Object> value(JsonNode node) {
        return switch (node.getNodeType()) {
            case OBJECT -> {
                Map<String, Object> object = new LinkedHashMap<>();
                node.properties()
                        .forEach(each -> value(each.getValue()).ifPresent(value -> object.put(each.getKey(), value)));
                yield Optional.of(object);
            }
            case ARRAY -> {
                List<Object> list = new ArrayList<>();
                node.values().forEach(each -> value(each).ifPresent(list::add));
                yield Optional.of(list);
            }
            case STRING -> Optional.of(text(node.stringValue()));
            case BOOLEAN -> Optional.of(node.booleanValue());
            case NUMBER ->
                Optional.of(
                        node.isIntegralNumber() && node.canConvertToLong()
                                ? (Object) node.longValue()
                                : (Object) node.doubleValue());
            case NULL, MISSING, BINARY, POJO -> Optional.empty();
        };
    }

    private static String text(String text) {
        return text.length() <= LONGEST_VERBATIM ? text : "sha256:" + sha256(text);
    }

    private static String sha256(String text) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
