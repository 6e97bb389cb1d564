package dev.muster.twin.document;

import static dev.muster.twin.document.Documents.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.twin.document.DesiredMerge.Accepted;
import dev.muster.twin.document.DesiredMerge.Layer;
import dev.muster.twin.document.DesiredMerge.Merged;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.IntNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

class DesiredMergeTest {
    private static Layer layer(String origin, String config) {
        return new Layer(origin, json(config), Map.of());
    }

    private static Merged merged(Layer... layers) {
        return DesiredMerge.merge(List.of(layers), List.of());
    }

    @Test
    void laterLayersBeatEarlierOnesLeafByLeaf() {
        Merged merged = merged(
                layer("baseline", "{'ntp':{'enabled':true,'hosts':['a','b']},'rate':5}"),
                layer("group", "{'ntp':{'hosts':['c']}}"),
                layer("own", "{'rate':6}"));

        assertThat(merged.body())
                .isEqualTo("{\"config\":{\"ntp\":{\"enabled\":true,\"hosts\":[\"c\"]},\"rate\":6},\"software\":{}}");
        assertThat(merged.origins())
                .isEqualTo(
                        Map.of("/config/ntp/enabled", "baseline", "/config/ntp/hosts", "group", "/config/rate", "own"));
    }

    @Test
    void nullTakesAwayAndAnEmptiedObjectStays() {
        Merged merged = merged(
                layer("one", "{'ntp':{'enabled':true},'x':1}"), layer("two", "{'ntp':{'enabled':null},'x':null}"));

        assertThat(merged.config()).isEqualTo(json("{'ntp':{}}"));
        assertThat(merged.origins()).isEqualTo(Map.of("/config/ntp", "two"));
    }

    @Test
    void aValueReplacesAnObjectAndAnObjectAValue() {
        assertThat(merged(layer("one", "{'a':{'b':1,'c':2}}"), layer("two", "{'a':3}")))
                .isEqualTo(new Merged(json("{'a':3}"), new TreeMap<>(), new TreeMap<>(Map.of("/config/a", "two"))));
        assertThat(merged(layer("one", "{'a':3}"), layer("two", "{'a':{'b':1}}")))
                .isEqualTo(new Merged(
                        json("{'a':{'b':1}}"), new TreeMap<>(), new TreeMap<>(Map.of("/config/a/b", "two"))));
    }

    @Test
    void softwareIsMergedByComponent() {
        Merged merged = DesiredMerge.merge(
                List.of(
                        new Layer(
                                "configuration/base",
                                json("{}"),
                                Map.of("app", json("{'version':'1'}"), "os", json("{'version':'9'}"))),
                        new Layer("rollout/r-1", json("{}"), Map.of("app", json("{'version':'2','attempt':'r-1.1'}")))),
                List.of());

        assertThat(merged.body())
                .isEqualTo(
                        "{\"config\":{},\"software\":{\"app\":{\"attempt\":\"r-1.1\",\"version\":\"2\"},\"os\":{\"version\":\"9\"}}}");
        assertThat(merged.origins())
                .isEqualTo(Map.of("/software/app", "rollout/r-1", "/software/os", "configuration/base"));
    }

    @Test
    void whatIsAssignedOnTopOfAMergeIsMergedAsIfItHadBeenTheLastLayer() {
        Layer base = new Layer(
                "configuration/base",
                json("{'rate':5}"),
                Map.of("app", json("{'version':'1'}"), "os", json("{'version':'9'}")));
        Layer assigned = new Layer("rollout/r-1", json("{}"), Map.of("app", json("{'version':'2','attempt':'r-1.1'}")));
        Merged below = merged(base);

        assertThat(below.assigned(List.of(assigned))).isEqualTo(merged(base, assigned));
        assertThat(below.assigned(List.of(assigned)).body(CanonicalJson.text(below.config())))
                .isEqualTo(
                        "{\"config\":{\"rate\":5},\"software\":{\"app\":{\"attempt\":\"r-1.1\",\"version\":\"2\"},\"os\":{\"version\":\"9\"}}}");
        assertThat(below).as("others go on from it").isEqualTo(merged(base));
        assertThatThrownBy(() -> below.assigned(List.of(layer("rollout/r-2", "{'rate':6}"))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("rollout/r-2");
    }

    @Test
    void anAcceptedValueHoldsUntilTheWishBelowItChanges() {
        Layer five = layer("own", "{'rate':5}");
        List<Accepted> local = List.of(new Accepted("/rate", IntNode.valueOf(7), IntNode.valueOf(5)));

        assertThat(DesiredMerge.merge(List.of(five), local).config()).isEqualTo(json("{'rate':7}"));
        assertThat(DesiredMerge.merge(List.of(five), local).origins()).isEqualTo(Map.of("/config/rate", "local"));
        assertThat(DesiredMerge.merge(List.of(layer("own", "{'rate':5.0}")), local)
                        .config())
                .isEqualTo(json("{'rate':7}"));
        assertThat(DesiredMerge.merge(List.of(layer("own", "{'rate':6}")), local)
                        .config())
                .isEqualTo(json("{'rate':6}"));
    }

    @Test
    void anAcceptedAbsenceTakesAway() {
        assertThat(DesiredMerge.merge(
                                List.of(layer("own", "{'a':{'b':1,'c':2}}")),
                                List.of(new Accepted("/a/b", null, IntNode.valueOf(1))))
                        .config())
                .isEqualTo(json("{'a':{'c':2}}"));
    }

    /** Against the pseudocode of RFC 7396, and for each value the last layer that names it. */
    @Test
    void agreesWithTheRfcForRandomLayers() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int round = 0; round < 3_000; round++) {
            List<Layer> layers = new ArrayList<>();
            JsonNode expected = JsonNodeFactory.instance.objectNode();
            for (int i = random.nextInt(5); i >= 0; i--) {
                ObjectNode patch = Documents.object(random, 3, true);
                layers.add(new Layer("layer-" + i, patch, Map.of()));
                expected = patched(expected, patch);
            }

            Merged merged = DesiredMerge.merge(layers, List.of());

            assertThat(merged.config())
                    .as("seed %d round %d: %s", seed, round, layers)
                    .isEqualTo(expected);
            Map<String, JsonNode> leaves = new TreeMap<>();
            leaves("/config", merged.config(), leaves);
            leaves.remove("/config");
            assertThat(merged.origins().keySet())
                    .as("seed %d round %d: %s", seed, round, layers)
                    .isEqualTo(leaves.keySet());
            leaves.forEach((pointer, value) -> {
                if (!value.isObject()) {
                    assertThat(merged.origins().get(pointer))
                            .as("seed %d: %s in %s", seed, pointer, layers)
                            .isEqualTo(last(layers, pointer));
                }
            });
        }
    }

    private static JsonNode patched(JsonNode target, JsonNode patch) {
        if (!patch.isObject()) {
            return patch;
        }
        ObjectNode result =
                target.isObject() ? ((ObjectNode) target).deepCopy() : JsonNodeFactory.instance.objectNode();
        patch.forEachEntry((name, value) -> {
            if (value.isNull()) {
                result.remove(name);
            } else {
                JsonNode known = result.get(name);
                result.set(name, patched(known == null ? JsonNodeFactory.instance.nullNode() : known, value));
            }
        });
        return result;
    }

    private static void leaves(String pointer, JsonNode node, Map<String, JsonNode> leaves) {
        if (!node.isObject() || node.isEmpty()) {
            leaves.put(pointer, node);
            return;
        }
        node.forEachEntry((name, value) -> leaves(Pointers.child(pointer, name), value, leaves));
    }

    private static @Nullable String last(List<Layer> layers, String pointer) {
        return layers.stream()
                .filter(layer -> {
                    JsonNode named = Pointers.at(layer.config(), pointer.substring("/config".length()));
                    return named != null && !named.isObject() && !named.isNull();
                })
                .map(Layer::origin)
                .reduce((earlier, later) -> Objects.requireNonNull(later))
                .orElse(null);
    }
}
