package dev.muster.twin.desired;

import dev.muster.twin.document.DesiredMerge.Accepted;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The accepted local changes of one asset, as column {@code local_base} holds them: by JSON Pointer the value that was found and
 * the one that was desired then, each missing where there was none.
 */
public record LocalChanges(TreeMap<String, Accepted> byPointer) {

    public static LocalChanges none() {
        return new LocalChanges(new TreeMap<>());
    }

    public static LocalChanges read(ObjectNode stored) {
        LocalChanges changes = none();
        stored.forEachEntry(
                (pointer, change) -> changes.add(new Accepted(pointer, change.get("value"), change.get("base"))));
        return changes;
    }

    /** The later of two for one field counts; what was desired below both stays known from the earlier. */
    public void add(Accepted accepted) {
        byPointer.put(accepted.pointer(), accepted);
    }

    public List<Accepted> accepted() {
        return new ArrayList<>(byPointer.values());
    }

    public ObjectNode stored() {
        ObjectNode stored = JsonNodeFactory.instance.objectNode();
        byPointer.forEach((pointer, accepted) -> {
            ObjectNode change = stored.putObject(pointer);
            set(change, "value", accepted.value());
            set(change, "base", accepted.base());
        });
        return stored;
    }

    private static void set(ObjectNode change, String field, @org.jspecify.annotations.Nullable JsonNode value) {
        if (value != null) {
            change.set(field, value);
        }
    }
}
