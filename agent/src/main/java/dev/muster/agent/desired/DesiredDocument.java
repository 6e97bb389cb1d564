package dev.muster.agent.desired;

import dev.muster.agent.config.Fields;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** A desired document as docs/protocol.md §4.1 has it: what the asset should be. Fields that are not known are ignored. */
public record DesiredDocument(long generation, ObjectNode config, Map<String, Wanted> software) {
    /** Of the document, however it came. */
    public static final int MAX_BYTES = 8 << 20;

    private static final int MAX_COMPONENTS = 256;
    private static final Pattern COMPONENT = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
    private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");
    private static final Set<String> LOCAL = Set.of("127.0.0.1", "localhost", "[::1]");
    private static final JsonMapper JSON = JsonMapper.builder().build();

    public DesiredDocument {
        software = Map.copyOf(software);
    }

    /** Before the server has wanted anything. */
    public static DesiredDocument none() {
        return new DesiredDocument(0, JsonNodeFactory.instance.objectNode(), Map.of());
    }

    /** What a message says about the desired state. */
    public sealed interface Message {
        record Whole(DesiredDocument document) implements Message {}

        /** The document is too large for a message and is to be fetched. */
        record Elsewhere(long generation, URI url, String sha256) implements Message {}

        /** It has a generation and cannot be used, which is reported. */
        record Unusable(long generation, String reason) implements Message {}

        /** It has not even a generation, so that nobody could be told. */
        record Unreadable(String reason) implements Message {}
    }

    public static Message parse(byte[] bytes) {
        JsonNode root;
        try {
            root = JSON.readTree(bytes);
        } catch (JacksonException e) {
            return new Message.Unreadable("it is not JSON: " + e.getOriginalMessage());
        }
        JsonNode generation = root.get("generation");
        if (generation == null || !generation.isIntegralNumber() || !generation.canConvertToLong()) {
            return new Message.Unreadable("it has no generation, which must be a whole number");
        }
        List<String> problems = new ArrayList<>();
        Message message = read(generation.longValue(), new Fields("", root, problems));
        return problems.isEmpty() ? message : new Message.Unusable(generation.longValue(), String.join("; ", problems));
    }

    private static Message read(long generation, Fields root) {
        if (root.has("url") && !root.has("config")) {
            return new Message.Elsewhere(
                    generation,
                    root.required("url", URI.create(""), Wanteds::address),
                    root.required("sha256", "", Wanteds::sha256));
        }
        JsonNode config = root.node("config");
        if (config != null && !config.isObject()) {
            root.problem("config", "must be an object");
        }
        Map<String, Wanted> software = new TreeMap<>(root.objects("software", Wanteds::read));
        software.keySet().stream()
                .filter(component -> !COMPONENT.matcher(component).matches())
                .forEach(component -> root.problem("software", "has a component that is not of the form " + COMPONENT));
        if (software.size() > MAX_COMPONENTS) {
            root.problem(
                    "software", "has " + software.size() + " components, at most " + MAX_COMPONENTS + " are allowed");
        }
        return new Message.Whole(new DesiredDocument(
                generation,
                config instanceof ObjectNode object ? object : JsonNodeFactory.instance.objectNode(),
                software));
    }

    /** Reads the components. */
    private static final class Wanteds {
        static Wanted read(String component, Fields fields) {
            return new Wanted(
                    version(fields),
                    fields.optionalText("attempt").orElse(null),
                    fields.optionalText("target").orElse(null),
                    fields.has("url") ? fields.parsed("url", URI.create(""), Wanteds::address) : null,
                    fields.has("sha256") ? fields.parsed("sha256", "", Wanteds::sha256) : null,
                    size(fields));
        }

        private static String version(Fields fields) {
            String version = fields.text("version");
            if (version.length() > 128) {
                fields.problem("version", "has " + version.length() + " characters, at most 128 are allowed");
            }
            return version;
        }

        private static @Nullable Long size(Fields fields) {
            return fields.has("size") ? (Long) fields.number("size", 0, 1, 1L << 40) : null;
        }

        /** Relative to the server's device HTTPS, or of its own; plain HTTP only to the own machine, where a gateway may serve it. */
        static URI address(String text) {
            URI url = URI.create(text);
            boolean relative = !url.isAbsolute() && url.getRawAuthority() == null && text.startsWith("/");
            boolean local = "http".equals(url.getScheme()) && LOCAL.contains(String.valueOf(url.getHost()));
            boolean secure = "https".equals(url.getScheme()) && url.getHost() != null;
            if (!relative && !local && !secure) {
                throw new IllegalArgumentException("must be an https URL, or a path that begins with /");
            }
            return url;
        }

        static String sha256(String text) {
            if (!SHA256.matcher(text).matches()) {
                throw new IllegalArgumentException("must be 64 lower-case hexadecimal digits");
            }
            return text;
        }
    }

    /** In the form that {@link #parse} reads back to an equal one. */
    public byte[] toBytes() {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("generation", generation);
        root.set("config", config);
        ObjectNode components = root.putObject("software");
        new TreeMap<>(software).forEach((component, wanted) -> components.set(component, json(wanted)));
        return JSON.writeValueAsBytes(root);
    }

    /** One component in the form of the document. */
    public static ObjectNode json(Wanted wanted) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("version", wanted.version());
        put(node, "attempt", wanted.attempt());
        put(node, "target", wanted.target());
        put(node, "url", wanted.url() == null ? null : wanted.url().toString());
        put(node, "sha256", wanted.sha256());
        if (wanted.size() != null) {
            node.put("size", wanted.size());
        }
        return node;
    }

    /** The inverse of {@link #json}. */
    public static Wanted wanted(Fields fields) {
        return Wanteds.read("", fields);
    }

    private static void put(ObjectNode node, String key, @Nullable String value) {
        if (value != null) {
            node.put(key, value);
        }
    }
}
