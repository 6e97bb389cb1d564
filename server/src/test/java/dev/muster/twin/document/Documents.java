package dev.muster.twin.document;

import java.util.List;
import java.util.random.RandomGenerator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Random documents with few names, so that they meet. */
final class Documents {
    private static final List<String> NAMES = List.of("a", "b", "c/d", "e~f", "");

    private Documents() {}

    static ObjectNode json(String text) {
        return (ObjectNode) JsonMapper.shared().readTree(text.replace('\'', '"'));
    }

    static ObjectNode object(RandomGenerator random, int depth, boolean withNull) {
        ObjectNode object = JsonNodeFactory.instance.objectNode();
        for (int i = random.nextInt(4); i > 0; i--) {
            object.set(NAMES.get(random.nextInt(NAMES.size())), value(random, depth, withNull));
        }
        return object;
    }

    private static JsonNode value(RandomGenerator random, int depth, boolean withNull) {
        JsonNodeFactory nodes = JsonNodeFactory.instance;
        return switch (random.nextInt(depth == 0 ? 4 : 7)) {
            case 0 -> nodes.numberNode(random.nextInt(3));
            case 1 -> nodes.stringNode("x".repeat(random.nextInt(2) * 300));
            case 2 -> withNull ? nodes.nullNode() : nodes.booleanNode(true);
            case 3 -> nodes.arrayNode().add(random.nextInt(2)).add(object(random, 0, false));
            default -> object(random, depth - 1, withNull);
        };
    }
}
