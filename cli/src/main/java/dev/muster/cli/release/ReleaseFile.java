package dev.muster.cli.release;

import dev.muster.cli.CommandFailed;
import dev.muster.cli.ExitCode;
import dev.muster.cli.release.Bundle.Entry;
import dev.muster.cli.rest.Api;
import dev.muster.protocol.tuf.TargetFile;
import dev.muster.protocol.tuf.TargetFile.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * What a release consists of, as somebody writes it down: of one component, or of several that belong together (a set).
 *
 * @param artifacts of a component; none when the release is a set, or was published before
 * @param attachments for people and auditors
 * @param components of a set
 */
public record ReleaseFile(
        String name,
        String version,
        String compatibility,
        List<Artifact> artifacts,
        Map<Kind, Path> attachments,
        List<ReleaseFile> components) {
    private static final Set<String> FIELDS =
            Set.of("name", "version", "compatibility", "artifacts", "notes", "sbom", "provenance", "components");
    private static final Set<String> ARTIFACT_FIELDS = Set.of("file", "hardware", "compatibility");

    /** @param compatibility CEL, in addition to that of the release; empty for all */
    public record Artifact(Path file, List<String> hardware, String compatibility) {
        /** {@code FILE} or {@code FILE=rpi4,rpi5}. */
        public static Artifact parse(String text) {
            int equals = text.lastIndexOf('=');
            return equals < 0
                    ? new Artifact(Path.of(text), List.of(), "")
                    : new Artifact(
                            Path.of(text.substring(0, equals)),
                            List.of(text.substring(equals + 1).split(",")),
                            "");
        }
    }

    /** Paths in it are relative to its folder. */
    public static ReleaseFile read(Path file) {
        try {
            JsonNode json = new YAMLMapper().readTree(Files.readString(file));
            Path base = file.toAbsolutePath().getParent();
            return of(json, "", base == null ? Path.of("") : base, file.toString());
        } catch (IOException e) {
            throw new CommandFailed(ExitCode.USAGE, "cannot read " + file + ": " + e.getMessage());
        } catch (JacksonException e) {
            throw new CommandFailed(ExitCode.USAGE, file + " is not YAML: " + e.getOriginalMessage());
        }
    }

    private static ReleaseFile of(JsonNode json, String name, Path base, String where) {
        requireKnown(json, FIELDS, where);
        List<Artifact> artifacts = new ArrayList<>();
        for (JsonNode artifact : json.path("artifacts")) {
            requireKnown(artifact, ARTIFACT_FIELDS, where + " artifacts");
            artifacts.add(new Artifact(
                    base.resolve(required(artifact, "file", where + " artifacts")),
                    texts(artifact.path("hardware")),
                    artifact.path("compatibility").asString("")));
        }
        Map<Kind, Path> attachments = new LinkedHashMap<>();
        for (Kind kind : List.of(Kind.NOTES, Kind.SBOM, Kind.PROVENANCE)) {
            if (json.has(kind.wire())) {
                attachments.put(kind, base.resolve(json.path(kind.wire()).asString("")));
            }
        }
        List<ReleaseFile> components = new ArrayList<>();
        json.path("components")
                .forEachEntry((component, part) -> components.add(
                        part.isObject()
                                ? of(part, component, base, where + " components." + component)
                                : published(component, part, where)));
        return new ReleaseFile(
                name.isEmpty() ? required(json, "name", where) : name,
                required(json, "version", where),
                json.path("compatibility").asString(""),
                artifacts,
                attachments,
                components);
    }

    /** A component that was published before. */
    private static ReleaseFile published(String component, JsonNode version, String where) {
        requireNoFraction(version, where + " components." + component);
        return new ReleaseFile(component, version.asString(""), "", List.of(), Map.of(), List.of());
    }

    /** YAML reads 1.10 as 1.1. */
    private static void requireNoFraction(JsonNode value, String where) {
        if (value.isFloatingPointNumber()) {
            throw new CommandFailed(
                    ExitCode.USAGE, where + " is " + value + ", a number with a fraction; put it in quotes");
        }
    }

    /** Hashes the files and writes the bundle. */
    public Bundle bundle(Path folder) {
        List<Entry> entries = new ArrayList<>();
        if (components.isEmpty()) {
            addTo(entries);
        } else {
            if (!artifacts.isEmpty()) {
                throw new CommandFailed(
                        ExitCode.USAGE,
                        name + " has components and artifacts; artifacts belong to one of the components");
            }
            Map<String, String> versions = new LinkedHashMap<>();
            for (ReleaseFile component : components) {
                versions.put(component.name(), component.version());
                if (!component.artifacts().isEmpty()) {
                    component.addTo(entries);
                }
            }
            addSet(entries, folder, versions);
            addAttachments(entries);
        }
        return Bundle.write(folder, name + "@" + version, entries);
    }

    private void addTo(List<Entry> entries) {
        if (artifacts.isEmpty()) {
            throw new CommandFailed(ExitCode.USAGE, name + "@" + version + " has no artifacts; give --artifact FILE");
        }
        for (Artifact artifact : artifacts) {
            add(
                    entries,
                    Kind.ARTIFACT,
                    artifact.file(),
                    artifact.hardware(),
                    both(compatibility, artifact.compatibility()));
        }
        addAttachments(entries);
    }

    private void addAttachments(List<Entry> entries) {
        attachments.forEach((kind, file) -> add(entries, kind, file, List.of(), ""));
    }

    private void add(List<Entry> entries, Kind kind, Path source, List<String> hardware, String compatible) {
        if (compatible.chars().anyMatch(Character::isISOControl)) {
            throw new CommandFailed(
                    ExitCode.USAGE,
                    "the compatibility of " + source.getFileName()
                            + " has a line break or another control character; write it on one line, in YAML with >-");
        }
        TargetFile.Custom custom = new TargetFile.Custom(kind, name, version, hardware, compatible, Map.of());
        String path = name + "/" + version + "/" + source.getFileName();
        if (entries.stream().anyMatch(entry -> entry.file().path().equals(path))) {
            throw new CommandFailed(ExitCode.USAGE, "two files of the release would be named " + path + "; rename one");
        }
        entries.add(new Entry(Bundle.hashed(source, path, custom), source.toAbsolutePath()));
    }

    private void addSet(List<Entry> entries, Path folder, Map<String, String> versions) {
        var content = Api.JSON.createObjectNode();
        versions.forEach(content::put);
        Path source = Bundle.generated(folder, "components.json", content.toPrettyString() + "\n");
        TargetFile.Custom custom = new TargetFile.Custom(Kind.SET, name, version, List.of(), "", versions);
        entries.add(new Entry(
                Bundle.hashed(source, name + "/" + version + "/components.json", custom), source.toAbsolutePath()));
    }

    private static String both(String one, String other) {
        return one.isEmpty() ? other : other.isEmpty() ? one : "(" + one + ") && (" + other + ")";
    }

    private static List<String> texts(JsonNode node) {
        if (node.isString()) {
            return List.of(node.asString());
        }
        List<String> texts = new ArrayList<>();
        node.forEach(item -> texts.add(item.asString("")));
        return texts;
    }

    private static String required(JsonNode json, String field, String where) {
        @Nullable JsonNode found = json.get(field);
        if (found == null || found.asString("").isEmpty()) {
            throw new CommandFailed(ExitCode.USAGE, where + " has no \"" + field + "\"");
        }
        requireNoFraction(found, where + " " + field);
        return found.asString();
    }

    private static void requireKnown(JsonNode json, Set<String> known, String where) {
        for (String field : json.propertyNames()) {
            if (!known.contains(field)) {
                throw new CommandFailed(
                        ExitCode.USAGE,
                        where + " has the field \"" + field + "\", known are "
                                + String.join(", ", new TreeSet<>(known)));
            }
        }
    }
}
