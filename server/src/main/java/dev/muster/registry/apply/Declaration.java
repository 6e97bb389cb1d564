package dev.muster.registry.apply;

import dev.muster.registry.document.DeclaredObject;
import dev.muster.registry.document.FieldReader;
import dev.muster.registry.document.Problem;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * One document of an apply, its outer form checked.
 *
 * @param index of the document, from 0
 * @param fields what it declares: {@code metadata.labels} and {@code spec}
 */
record Declaration(int index, DeclaredKind kind, String name, ObjectNode fields) {

    static Declaration read(int index, JsonNode document, List<Problem> problems) {
        FieldReader reader = FieldReader.of("", document, problems);
        if (!document.isObject()) {
            return new Declaration(index, DeclaredKind.ASSET, "", JsonNodeFactory.instance.objectNode());
        }
        String version = reader.requiredText("apiVersion");
        if (!version.isEmpty() && !version.equals(DeclaredObject.API_VERSION)) {
            reader.problem("apiVersion", "must be " + DeclaredObject.API_VERSION + ", found \"" + version + "\"");
        }
        String kindName = reader.requiredText("kind");
        DeclaredKind kind = DeclaredKind.ofWire(kindName).orElse(DeclaredKind.ASSET);
        if (!kindName.isEmpty() && DeclaredKind.ofWire(kindName).isEmpty()) {
            reader.problem("kind", "must be one of AssetType, Group, Asset, found \"" + kindName + "\"");
        }
        ObjectNode fields = JsonNodeFactory.instance.objectNode();
        FieldReader metadata = reader.object("metadata");
        String name = metadata.requiredText("name");
        if (kind == DeclaredKind.ASSET && metadata.has("labels")) {
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
        return new Declaration(index, kind, name, fields);
    }
}
