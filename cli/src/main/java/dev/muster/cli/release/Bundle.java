package dev.muster.cli.release;

import dev.muster.cli.CommandFailed;
import dev.muster.cli.ExitCode;
import dev.muster.cli.rest.Api;
import dev.muster.protocol.tuf.Sha256;
import dev.muster.protocol.tuf.TargetFile;
import dev.muster.protocol.tuf.TargetFile.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A release on its way: a folder with {@code release.json} (what it consists of, each file with its hash) and, once signed,
 * {@code metadata/releases-<component>.json}. The artifacts stay where they are.
 */
public final class Bundle {
    private static final String CONTENTS = "release.json";

    private final Path folder;
    private final String name;
    private final List<Entry> entries;

    private Bundle(Path folder, String name, List<Entry> entries) {
        this.folder = folder;
        this.name = name;
        this.entries = List.copyOf(entries);
    }

    /** @param source where its content is */
    public record Entry(TargetFile file, Path source) {}

    public String name() {
        return name;
    }

    public List<Entry> entries() {
        return entries;
    }

    public Path folder() {
        return folder;
    }

    /** Writes a new one; hashes every file. */
    static Bundle write(Path folder, String name, List<Entry> entries) {
        ObjectNode json = Api.JSON.createObjectNode().put("name", name);
        var files = json.putArray("files");
        for (Entry entry : entries) {
            TargetFile.Custom custom = entry.file().custom();
            ObjectNode file = files.addObject();
            file.put("path", entry.file().path())
                    .put("kind", custom.kind().wire())
                    .put("component", custom.component())
                    .put("version", custom.version())
                    .put("source", entry.source().toString())
                    .put("sha256", entry.file().sha256())
                    .put("size", entry.file().length());
            if (!custom.hardware().isEmpty()) {
                custom.hardware().forEach(file.putArray("hardware")::add);
            }
            if (!custom.compatibility().isEmpty()) {
                file.put("compatibility", custom.compatibility());
            }
            if (!custom.components().isEmpty()) {
                ObjectNode components = file.putObject("components");
                custom.components().forEach(components::put);
            }
        }
        try {
            Files.createDirectories(folder);
            Files.writeString(
                    folder.resolve(CONTENTS),
                    Api.JSON.writerWithDefaultPrettyPrinter().writeValueAsString(json) + "\n");
        } catch (IOException e) {
            throw new CommandFailed(ExitCode.FAILED, "cannot write " + folder + ": " + e.getMessage());
        }
        return new Bundle(folder, name, entries);
    }

    public static Bundle read(Path folder) {
        Path contents = folder.resolve(CONTENTS);
        try {
            JsonNode json = Api.JSON.readTree(Files.readAllBytes(contents));
            List<Entry> entries = new ArrayList<>();
            for (JsonNode file : json.path("files")) {
                entries.add(entry(file));
            }
            if (entries.isEmpty()) {
                throw new CommandFailed(ExitCode.USAGE, contents + " names no files");
            }
            return new Bundle(folder, json.path("name").asString(""), entries);
        } catch (IOException e) {
            throw new CommandFailed(
                    ExitCode.USAGE,
                    "cannot read " + contents
                            + "; make a release with muster release create NAME@VERSION --artifact FILE");
        } catch (JacksonException | IllegalArgumentException e) {
            throw new CommandFailed(ExitCode.USAGE, contents + " is no release: " + e.getMessage());
        }
    }

    private static Entry entry(JsonNode file) {
        List<String> hardware = new ArrayList<>();
        file.path("hardware").forEach(item -> hardware.add(item.asString("")));
        Map<String, String> components = new LinkedHashMap<>();
        file.path("components").forEachEntry((component, version) -> components.put(component, version.asString("")));
        return new Entry(
                new TargetFile(
                        file.path("path").asString(""),
                        file.path("size").asLong(0),
                        file.path("sha256").asString(""),
                        new TargetFile.Custom(
                                Kind.valueOf(file.path("kind").asString("").toUpperCase(Locale.ROOT)),
                                file.path("component").asString(""),
                                file.path("version").asString(""),
                                hardware,
                                file.path("compatibility").asString(""),
                                components)),
                Path.of(file.path("source").asString("")));
    }

    /** The same files as when it was made: somebody may have built again since. */
    public void requireUnchanged() {
        for (Entry entry : entries) {
            TargetFile now =
                    hashed(entry.source(), entry.file().path(), entry.file().custom());
            if (!now.equals(entry.file())) {
                throw new CommandFailed(
                        ExitCode.REFUSED,
                        entry.source() + " has changed since " + folder.resolve(CONTENTS)
                                + " was made: it has the SHA-256 " + now.sha256() + ", not "
                                + entry.file().sha256() + "; create the release again");
            }
        }
    }

    static TargetFile hashed(Path source, String path, TargetFile.Custom custom) {
        try (InputStream in = Files.newInputStream(source)) {
            String sha256 = Sha256.of(in);
            return new TargetFile(path, Files.size(source), sha256, custom);
        } catch (IOException e) {
            throw new CommandFailed(ExitCode.USAGE, "cannot read " + source + ": " + e.getMessage());
        }
    }

    /** By role; empty until it is signed. */
    public Map<String, byte[]> metadata() {
        Map<String, byte[]> found = new LinkedHashMap<>();
        for (String role : roles()) {
            metadata(role).ifPresent(document -> found.put(role, document));
        }
        return found;
    }

    public List<String> roles() {
        return entries.stream()
                .map(entry -> "releases-" + entry.file().custom().component())
                .distinct()
                .sorted()
                .toList();
    }

    Optional<byte[]> metadata(String role) {
        Path file = metadataFile(role);
        try {
            return Files.exists(file) ? Optional.of(Files.readAllBytes(file)) : Optional.empty();
        } catch (IOException e) {
            throw new CommandFailed(ExitCode.FAILED, "cannot read " + file + ": " + e.getMessage());
        }
    }

    void writeMetadata(String role, byte[] document) {
        Path file = metadataFile(role);
        try {
            Files.createDirectories(folder.resolve("metadata"));
            Files.write(file, document);
        } catch (IOException e) {
            throw new CommandFailed(ExitCode.FAILED, "cannot write " + file + ": " + e.getMessage());
        }
    }

    private Path metadataFile(String role) {
        return folder.resolve("metadata").resolve(role + ".json");
    }

    /** A small file that is made, not given. */
    static Path generated(Path folder, String name, String content) {
        try {
            Files.createDirectories(folder);
            return Files.write(folder.resolve(name), content.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new CommandFailed(ExitCode.FAILED, "cannot write in " + folder + ": " + e.getMessage());
        }
    }
}
