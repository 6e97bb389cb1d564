package dev.muster.release.supply;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a release is made of: the components of a CycloneDX document in JSON, those within others too. */
public record Sbom(String specVersion, List<Component> components) {
    /** Of one document. */
    public static final int MAX_BYTES = 8 << 20;

    static final int MAX_COMPONENTS = 50_000;
    private static final int MAX_DEPTH = 32;
    private static final int MAX_NAME = 512;
    private static final int MAX_PURL = 2_048;
    private static final Pattern SPEC_VERSION = Pattern.compile("1\\.[2-9]");
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    public Sbom {
        components = List.copyOf(components);
    }

    /**
     * A part.
     *
     * @param type library, application, framework, …
     * @param group empty when not told, as are {@code version} and {@code purl}
     */
    public record Component(String type, String group, String name, String version, String purl) {
        /** Its package URL without version, qualifiers and subpath; empty without one. */
        String pack() {
            return packageOf(purl);
        }
    }

    /** {@code pkg:npm/%40scope/name@1.2.3?arch=x#sub} is of the package {@code pkg:npm/%40scope/name}. */
    public static String packageOf(String purl) {
        String plain = purl.replaceFirst("[?#].*$", "");
        int at = plain.lastIndexOf('@');
        return at > plain.lastIndexOf('/') ? plain.substring(0, at) : plain;
    }

    /** The version in a package URL; null without one. */
    public static @Nullable String versionOf(String purl) {
        String plain = purl.replaceFirst("[?#].*$", "");
        int at = plain.lastIndexOf('@');
        return at > plain.lastIndexOf('/') ? plain.substring(at + 1) : null;
    }

    /** Why a document cannot be read, in words. */
    public static final class MalformedException extends Exception {
        private static final long serialVersionUID = 1L;

        MalformedException(String message) {
            super(message, null, false, false);
        }
    }

    public static Sbom parse(byte[] document) throws MalformedException {
        JsonNode json;
        try {
            json = JSON.readTree(document);
        } catch (JacksonException e) {
            throw new MalformedException("is not JSON");
        }
        if (!json.path("bomFormat").asString("").equals("CycloneDX")) {
            throw new MalformedException("is no CycloneDX document in JSON: it has no \"bomFormat\": \"CycloneDX\"");
        }
        String version = json.path("specVersion").asString("");
        if (!SPEC_VERSION.matcher(version).matches()) {
            throw new MalformedException("follows CycloneDX \"" + shown(version) + "\", known are 1.2 to 1.9");
        }
        List<Component> components = new ArrayList<>();
        collect(json.path("components"), 0, components);
        return new Sbom(version, components);
    }

    private static void collect(JsonNode listed, int depth, List<Component> into) throws MalformedException {
        if (listed.isMissingNode()) {
            return;
        }
        if (!listed.isArray() || depth > MAX_DEPTH) {
            throw new MalformedException(
                    listed.isArray()
                            ? "has components within components more than " + MAX_DEPTH + " deep"
                            : "has \"components\" that are no array");
        }
        for (JsonNode one : listed) {
            if (into.size() == MAX_COMPONENTS) {
                throw new MalformedException("has more than " + MAX_COMPONENTS + " components");
            }
            String name = text(one, "name", MAX_NAME);
            if (name.isEmpty()) {
                throw new MalformedException("has a component without a name");
            }
            String purl = text(one, "purl", MAX_PURL);
            String version = text(one, "version", MAX_NAME);
            String ofPurl = versionOf(purl);
            into.add(new Component(
                    text(one, "type", MAX_NAME),
                    text(one, "group", MAX_NAME),
                    name,
                    version.isEmpty() && ofPurl != null ? ofPurl : version,
                    purl));
            collect(one.path("components"), depth + 1, into);
        }
    }

    private static String text(JsonNode node, String field, int max) throws MalformedException {
        JsonNode found = node.path(field);
        if (found.isMissingNode()) {
            return "";
        }
        if (!found.isString()
                || found.stringValue().length() > max
                || found.stringValue().indexOf('\0') >= 0) {
            throw new MalformedException(
                    "has a component whose \"" + field + "\" is no text of at most " + max + " characters");
        }
        return found.stringValue();
    }

    private static String shown(String text) {
        String printable = text.replaceAll("[^\\x20-\\x7e]", "?");
        return printable.length() <= 40 ? printable : printable.substring(0, 40) + "…";
    }
}
