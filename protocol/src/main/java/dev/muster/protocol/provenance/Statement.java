package dev.muster.protocol.provenance;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Which files a build made, and how: an in-toto Statement 1 with a predicate of SLSA provenance 1.
 *
 * @param builder who built it: an URI that names the kind of machine
 * @param buildType how parameters are to be understood: an URI
 * @param source what it was built from, the first of the resolved dependencies; null when not told
 * @param revision of that source, as of Git; null when not told
 * @param invocation of the builder; null when not told
 */
public record Statement(
        List<Subject> subjects,
        String builder,
        String buildType,
        @Nullable String source,
        @Nullable String revision,
        @Nullable String invocation) {
    public static final String TYPE = "https://in-toto.io/Statement/v1";
    public static final String SLSA = "https://slsa.dev/provenance/v1";
    private static final int MAX_SUBJECTS = 1_000;
    private static final int MAX_TEXT = 2_000;
    private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

    public Statement {
        subjects = List.copyOf(subjects);
    }

    /** A file that was built. */
    public record Subject(String name, String sha256) {}

    /** Of an envelope whose payload is one. */
    public static Statement of(Envelope envelope) throws ProvenanceException {
        if (!envelope.payloadType().equals(Envelope.IN_TOTO)) {
            throw new ProvenanceException(
                    "holds " + shown(envelope.payloadType()) + ", allowed is " + Envelope.IN_TOTO);
        }
        JsonNode json;
        try {
            json = Envelope.JSON.readTree(envelope.payload());
        } catch (JacksonException e) {
            throw new ProvenanceException("has a payload that is not JSON");
        }
        required(json, "/_type", TYPE);
        required(json, "/predicateType", SLSA);
        JsonNode definition = json.at("/predicate/buildDefinition");
        if (!definition.path("externalParameters").isObject()) {
            throw new ProvenanceException("has no object predicate.buildDefinition.externalParameters");
        }
        JsonNode first = definition.path("resolvedDependencies").path(0);
        return new Statement(
                subjects(json.path("subject")),
                text(json, "/predicate/runDetails/builder/id"),
                text(json, "/predicate/buildDefinition/buildType"),
                optional(first.path("uri")),
                optional(first.at("/digest/gitCommit")),
                optional(json.at("/predicate/runDetails/metadata/invocationId")));
    }

    private static List<Subject> subjects(JsonNode listed) throws ProvenanceException {
        if (!listed.isArray() || listed.isEmpty() || listed.size() > MAX_SUBJECTS) {
            throw new ProvenanceException("has no array \"subject\" of 1 to " + MAX_SUBJECTS);
        }
        List<Subject> subjects = new ArrayList<>();
        for (JsonNode subject : listed) {
            String hash = subject.at("/digest/sha256").asString("");
            if (!SHA256.matcher(hash).matches()) {
                throw new ProvenanceException("has a subject without a SHA-256 in lower-case hexadecimal");
            }
            subjects.add(new Subject(shown(subject.path("name").asString("")), hash));
        }
        return subjects;
    }

    private static void required(JsonNode json, String field, String value) throws ProvenanceException {
        String found = json.at(field).asString("");
        if (!found.equals(value)) {
            throw new ProvenanceException(
                    "has as " + field.substring(1) + " \"" + shown(found) + "\", allowed is " + value);
        }
    }

    private static String text(JsonNode json, String field) throws ProvenanceException {
        String found = json.at(field).asString("");
        if (found.isBlank() || found.length() > MAX_TEXT) {
            throw new ProvenanceException(
                    "has no text " + field.substring(1).replace('/', '.') + " of 1 to " + MAX_TEXT + " characters");
        }
        return found;
    }

    private static @Nullable String optional(JsonNode found) {
        String text = found.asString("");
        return text.isBlank() || text.length() > MAX_TEXT ? null : text;
    }

    private static String shown(String text) {
        String printable = text.replaceAll("[^\\x20-\\x7e]", "?");
        return printable.length() <= 200 ? printable : printable.substring(0, 200) + "…";
    }

    /** The payload of an envelope. @param parameters of the build that whoever started it has chosen */
    public byte[] bytes(ObjectNode parameters) {
        ObjectNode json = Envelope.JSON.createObjectNode().put("_type", TYPE);
        for (Subject subject : subjects) {
            ObjectNode one = json.withArray("subject").addObject().put("name", subject.name());
            one.putObject("digest").put("sha256", subject.sha256());
        }
        json.put("predicateType", SLSA);
        ObjectNode predicate = json.putObject("predicate");
        ObjectNode definition = predicate.putObject("buildDefinition").put("buildType", buildType);
        definition.set("externalParameters", parameters);
        if (source != null) {
            ObjectNode dependency =
                    definition.putArray("resolvedDependencies").addObject().put("uri", source);
            if (revision != null) {
                dependency.putObject("digest").put("gitCommit", revision);
            }
        }
        ObjectNode run = predicate.putObject("runDetails");
        run.putObject("builder").put("id", builder);
        if (invocation != null) {
            run.putObject("metadata").put("invocationId", invocation);
        }
        return Envelope.JSON.writeValueAsBytes(json);
    }
}
