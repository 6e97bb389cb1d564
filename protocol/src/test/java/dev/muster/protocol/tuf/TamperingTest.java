package dev.muster.protocol.tuf;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Every single alteration of a valid repository is refused, or leaves what is signed exactly as it was: white space, order
 * and what stands outside of the signed part of files that no other file names by hash.
 */
class TamperingTest {
    private static final long SEED = 20_261_125;
    private static final Instant NOW = Instant.parse("2026-11-26T12:00:00Z");
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final List<String> FILES = List.of(
            "1.root.json", "2.root.json", "timestamp.json", "2.snapshot.json", "2.targets.json", "2.releases-app.json");

    private final TestRepository repository = repository();
    private final Map<String, Integer> outcomes = new TreeMap<>();

    private static TestRepository repository() {
        TestRepository repository = TestRepository.complete(SEED);
        repository.root(2, repository.key(Metadata.TopRole.ROOT));
        repository.targets(2);
        repository.app(2, Map.of(TestRepository.PATH, repository.file()));
        repository.publish(2);
        return repository;
    }

    @Test
    void everyAlteredFieldIsRefused() {
        for (String file : FILES) {
            JsonNode document = JSON.readTree(repository.served(file));
            for (List<String> path : paths(document)) {
                for (Alteration alteration : Alteration.values()) {
                    JsonNode altered = alteration.apply(document.deepCopy(), path);
                    check(file, JSON.writeValueAsBytes(altered), alteration + " of " + path);
                }
            }
        }
        System.out.println("altered fields: " + outcomes);
        assertThat(outcomes.keySet()).contains("refused altered", "refused not_signed", "refused malformed");
        assertThat(outcomes.values().stream().mapToInt(n -> n).sum()).isGreaterThan(500);
    }

    @Test
    void everyAlteredByteIsRefused() {
        Random random = new Random(SEED);
        for (String file : FILES) {
            byte[] original = repository.served(file);
            for (int i = 0; i < 400; i++) {
                byte[] altered = original.clone();
                int at = random.nextInt(altered.length);
                altered[at] ^= (byte) (1 << random.nextInt(8));
                check(file, altered, "seed " + SEED + ": a bit at " + at);
            }
        }
        System.out.println("altered bytes, seed " + SEED + ": " + outcomes);
        assertThat(outcomes.keySet()).contains("refused altered", "refused not_signed", "refused malformed");
    }

    private void check(String file, byte[] altered, String how) {
        byte[] original = repository.served(file);
        try {
            TargetFile found = found(file, altered);
            assertThat(canonical(altered)).as("%s of %s is believed", how, file).isEqualTo(canonical(original));
            assertThat(found).isEqualTo(repository.file());
            outcomes.merge("harmless", 1, Integer::sum);
        } catch (MetadataRefusedException refused) {
            assertThat(refused.detail()).as("%s of %s", how, file).contains(".json");
            outcomes.merge("refused " + refused.reason().wire(), 1, Integer::sum);
        }
    }

    private TargetFile found(String file, byte[] altered) throws MetadataRefusedException {
        TrustedMetadata trusted = TrustedMetadata.startingWith(repository.served("1.root.json"), NOW);
        if (file.equals("1.root.json")) { // as if it were served in place of the next one
            trusted = trusted.withRoot(altered);
        }
        trusted = trusted.withRoot(served("2.root.json", file, altered))
                .withTimestamp(served("timestamp.json", file, altered))
                .withSnapshot(served("2.snapshot.json", file, altered))
                .withTargets(served("2.targets.json", file, altered))
                .withDelegated(TestRepository.APP, "targets", served("2.releases-app.json", file, altered));
        return trusted.targets(TestRepository.APP)
                .orElseThrow()
                .file(TestRepository.PATH)
                .orElseThrow();
    }

    private byte[] served(String wanted, String file, byte[] altered) {
        return wanted.equals(file) ? altered : repository.served(wanted);
    }

    private static String canonical(byte[] document) throws MetadataRefusedException {
        return new String(
                CanonicalJson.of(SignedDocument.parse(document, "x.json").signed()), StandardCharsets.UTF_8);
    }

    /** What is done to one member or element. */
    private enum Alteration {
        REMOVED,
        NULL,
        ANOTHER_VALUE,
        NUMBER,
        EMPTY;

        JsonNode apply(JsonNode document, List<String> path) {
            JsonNode parent = document;
            for (String step : path.subList(0, path.size() - 1)) {
                parent = parent.isArray() ? parent.get(Integer.parseInt(step)) : parent.get(step);
            }
            String last = path.getLast();
            JsonNode before = parent.isArray() ? parent.get(Integer.parseInt(last)) : parent.get(last);
            Optional<JsonNode> after = value(before);
            switch (parent) {
                case ObjectNode object ->
                    after.ifPresentOrElse(value -> object.set(last, value), () -> object.remove(last));
                case ArrayNode array ->
                    after.ifPresentOrElse(
                            value -> array.set(Integer.parseInt(last), value),
                            () -> array.remove(Integer.parseInt(last)));
                default -> throw new IllegalStateException("a value has no members");
            }
            return document;
        }

        private Optional<JsonNode> value(JsonNode before) {
            JsonNodeFactory nodes = JsonNodeFactory.instance;
            return switch (this) {
                case REMOVED -> Optional.empty();
                case NULL -> Optional.of(nodes.nullNode());
                case NUMBER -> Optional.of(nodes.numberNode(before.asLong(0) + 1));
                case EMPTY ->
                    Optional.of(
                            before.isObject()
                                    ? nodes.objectNode()
                                    : before.isArray() ? nodes.arrayNode() : nodes.stringNode(""));
                case ANOTHER_VALUE -> Optional.of(nodes.stringNode(another(before.asString(""))));
            };
        }

        private static String another(String text) {
            return text.isEmpty() ? "x" : (text.charAt(0) == '0' ? '1' : '0') + text.substring(1);
        }
    }

    private static List<List<String>> paths(JsonNode node) {
        List<List<String>> found = new ArrayList<>();
        collect(node, List.of(), found);
        return found;
    }

    private static void collect(JsonNode node, List<String> path, List<List<String>> found) {
        if (!path.isEmpty()) {
            found.add(path);
        }
        if (node.isObject()) {
            node.properties().forEach(field -> collect(field.getValue(), with(path, field.getKey()), found));
        } else if (node.isArray()) {
            for (int i = 0; i < node.size(); i++) {
                collect(node.get(i), with(path, Integer.toString(i)), found);
            }
        }
    }

    private static List<String> with(List<String> path, String step) {
        List<String> longer = new ArrayList<>(path);
        longer.add(step);
        return longer;
    }
}
