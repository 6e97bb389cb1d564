package dev.muster.registry.apply;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Merges an applied document into the live one. Each field (JSON Pointer of a scalar, list or empty object) has at most one
 * owner; changing a field of another owner is a conflict unless forced; a field that its owner no longer applies goes; {@code
 * null} takes a field away.
 */
public final class FieldOwnership {
    /** Numbers are equal by value, however they are written. */
    private static final Comparator<JsonNode> EQUALITY =
            (a, b) -> a.isNumber() && b.isNumber() ? a.decimalValue().compareTo(b.decimalValue()) : a.equals(b) ? 0 : 1;

    private FieldOwnership() {}

    /** A field that somebody else owns and has set otherwise. */
    record Conflict(String pointer, String owner) {}

    record Merged(Map<String, JsonNode> fields, Map<String, String> managers, List<Conflict> conflicts) {
        JsonNode document() {
            return unflatten(fields);
        }

        boolean isSame(Map<String, JsonNode> live) {
            return same(document(), unflatten(live));
        }
    }

    /** @param holdsNull of a JSON Pointer: whether {@code null} is a value there */
    static Merged merge(
            Map<String, JsonNode> live,
            Map<String, String> owners,
            JsonNode applied,
            String manager,
            boolean force,
            Predicate<String> holdsNull) {
        Map<String, JsonNode> fields = new LinkedHashMap<>(live);
        Map<String, String> managers = new HashMap<>(owners);
        List<Conflict> conflicts = new ArrayList<>();
        Map<String, JsonNode> wanted = flatten(applied);
        owners.forEach((pointer, owner) -> {
            if (owner.equals(manager) && !wanted.containsKey(pointer)) {
                fields.remove(pointer);
                managers.remove(pointer);
            }
        });
        wanted.forEach((pointer, value) -> {
            JsonNode now = fields.get(pointer);
            if (now != null && same(now, value)) {
                managers.putIfAbsent(pointer, manager);
                return;
            }
            List<String> replaced = fields.keySet().stream()
                    .filter(field -> overlaps(field, fields, pointer))
                    .toList();
            Optional<Conflict> conflict = replaced.stream()
                    .filter(field -> !managers.getOrDefault(field, manager).equals(manager))
                    .map(field -> new Conflict(field, managers.getOrDefault(field, "")))
                    .findFirst();
            if (conflict.isPresent() && !force) {
                conflicts.add(conflict.get());
                return;
            }
            if (!replaced.equals(List.of(pointer))) {
                replaced.forEach(fields::remove);
            }
            replaced.forEach(managers::remove);
            if (value.isNull() && !holdsNull.test(pointer)) {
                fields.remove(pointer);
            } else {
                fields.put(pointer, value);
                managers.put(pointer, manager);
            }
        });
        managers.keySet().retainAll(fields.keySet());
        return new Merged(fields, managers, conflicts);
    }

    /** Who owns which field after something other than an apply has changed a document: that owns what it changed. */
    public static Map<String, String> takenOver(
            JsonNode before, JsonNode after, Map<String, String> owners, String manager) {
        Map<String, JsonNode> old = flatten(before);
        Map<String, String> managers = new HashMap<>();
        flatten(after).forEach((pointer, value) -> {
            JsonNode was = old.get(pointer);
            String owner = was != null && same(was, value) ? owners.get(pointer) : manager;
            if (owner != null) {
                managers.put(pointer, owner);
            }
        });
        return managers;
    }

    static Map<String, JsonNode> flatten(JsonNode document) {
        Map<String, JsonNode> fields = new LinkedHashMap<>();
        flatten("", document, fields);
        return fields;
    }

    static ObjectNode unflatten(Map<String, JsonNode> fields) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        fields.forEach((pointer, value) -> {
            ObjectNode parent = root;
            JsonPointer rest = JsonPointer.compile(pointer);
            while (!rest.tail().matches()) {
                String name = rest.getMatchingProperty();
                parent = parent.get(name) instanceof ObjectNode child ? child : parent.putObject(name);
                rest = rest.tail();
            }
            String name = rest.getMatchingProperty();
            boolean filled = value.isObject() && parent.get(name) instanceof ObjectNode child && !child.isEmpty();
            if (!filled) {
                parent.set(name, value.deepCopy());
            }
        });
        return root;
    }

    static boolean same(JsonNode a, JsonNode b) {
        return a.equals(EQUALITY, b);
    }

    private static void flatten(String pointer, JsonNode node, Map<String, JsonNode> fields) {
        if (!(node instanceof ObjectNode object) || (object.isEmpty() && !pointer.isEmpty())) {
            fields.put(pointer, node);
            return;
        }
        object.properties()
                .forEach(property -> flatten(
                        pointer + "/" + property.getKey().replace("~", "~0").replace("/", "~1"),
                        property.getValue(),
                        fields));
    }

    /** The field itself, what is below it, or a scalar where it needs an object. */
    private static boolean overlaps(String field, Map<String, JsonNode> fields, String pointer) {
        boolean above = pointer.startsWith(field + "/");
        JsonNode value = fields.get(field);
        return field.equals(pointer)
                || field.startsWith(pointer + "/")
                || (above && value != null && !value.isObject());
    }
}
