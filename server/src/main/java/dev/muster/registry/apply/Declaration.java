package dev.muster.registry.apply;

import dev.muster.registry.document.DeclaredObject;
import dev.muster.registry.document.FieldReader;
import dev.muster.registry.document.Problem;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * One document of an apply, its outer form checked.
 *
 * @param index of the document, from 0
 * @param fields what it declares: {@code metadata.labels} and {@code spec}
 */
record Declaration(int index, AppliedKind kind, String name, ObjectNode fields) {

    /**
     * @param kinds by their names
     * @return {@code null} when there is a problem
     */
    static @Nullable Declaration read(
            int index, JsonNode document, Map<String, AppliedKind> kinds, List<Problem> problems) {
        FieldReader reader = FieldReader.of("", document, problems);
        if (!document.isObject()) {
            return null;
        }
        String version = reader.requiredText("apiVersion");
        String kindName = reader.requiredText("kind");
        AppliedKind kind = kinds.get(kindName);
        String expected = kind == null ? DeclaredObject.API_VERSION : kind.apiVersion();
        if (!version.isEmpty() && !version.equals(expected)) {
            reader.problem("apiVersion", "must be " + expected + ", found \"" + version + "\"");
        }
        if (!kindName.isEmpty() && kind == null) {
            reader.problem(
                    "kind", "must be one of " + String.join(", ", kinds.keySet()) + ", found \"" + kindName + "\"");
        }
        ObjectNode fields = JsonNodeFactory.instance.objectNode();
        FieldReader metadata = reader.object("metadata");
        String name = metadata.requiredText("name");
        for (String declared : kind == null ? Set.of("labels") : kind.metadata()) {
            if (metadata.has(declared)) {
                fields.withObject("metadata").set(declared, metadata.json(declared));
            }
        }
        for (String shown : List.of("resourceVersion", "created", "updated", "managers")) {
            metadata.has(shown);
        }
        metadata.finish();
        if (!reader.has("spec")) {
            reader.problem("spec", "is missing");
        } else if (!reader.json("spec").isObject()) {
            reader.problem("spec", "must be an object");
        } else {
            fields.set("spec", reader.json("spec"));
        }
        reader.has("status");
        reader.finish();
        return kind == null || !problems.isEmpty() ? null : new Declaration(index, kind, name, fields);
    }
}
