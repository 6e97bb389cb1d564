package dev.muster.twin.document;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** JSON Pointers (RFC 6901) into documents whose fields are names; an array is a value and is never pointed into. */
final class Pointers {
    private Pointers() {}

    static String child(String pointer, String name) {
        return pointer + "/" + name.replace("~", "~0").replace("/", "~1");
    }

    static List<String> names(String pointer) {
        List<String> names = new ArrayList<>();
        for (String part : pointer.substring(1).split("/", -1)) {
            names.add(part.replace("~1", "/").replace("~0", "~"));
        }
        return names;
    }

    /** The value there, {@code null} when there is none. */
    static @Nullable JsonNode at(ObjectNode document, String pointer) {
        JsonNode node = document;
        for (String name : names(pointer)) {
            node = node instanceof ObjectNode object ? object.get(name) : null;
            if (node == null) {
                return null;
            }
        }
        return node;
    }
}
