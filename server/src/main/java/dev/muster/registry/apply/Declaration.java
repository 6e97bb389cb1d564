package dev.muster.registry.apply;

import dev.muster.registry.document.DeclaredObject;
import dev.muster.registry.document.FieldReader;
import dev.muster.registry.document.Problem;
import java.util.List;
import java.util.Map;
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
        if (!version.isEmpty() && !version.equals(DeclaredObject.API_VERSION)) {
            reader.problem("apiVersion", "must be " + DeclaredObject.API_VERSION + ", found \"" + version + "\"");
        }
        String kindName = reader.requiredText("kind");
        AppliedKind kind = kinds.get(kindName);
        if (!kindName.isEmpty() && kind == null) {
            reader.problem(
                    "kind", "must be one of " + String.join(", ", kinds.keySet()) + ", found \"" + kindName + "\"");
        }
        ObjectNode fields = JsonNodeFactory.instance.objectNode();
        FieldReader metadata = reader.object("metadata");
        String name = metadata.requiredText("name");
        if ((kind == null || kind.hasLabels()) && metadata.has("labels")) {
            fields.putObject("metadata").set("labels", metadata.json("labels"));
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
