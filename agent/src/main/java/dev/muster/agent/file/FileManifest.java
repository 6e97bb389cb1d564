package dev.muster.agent.file;

import dev.muster.agent.state.Damage;
import dev.muster.agent.state.StateDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Which files the agent has written, what with, and what was there before: {@code files.json}, and {@code files/NAME} with the
 * content that was found. It is on disk before a file is touched.
 */
final class FileManifest {
    private static final String FILE = "files.json";
    private static final String FOLDER = "files";
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final StateDirectory directory;
    private final Map<String, Entry> entries;

    /**
     * @param sha256 of the content last written
     * @param stage how far the last writing came
     * @param originalMode of the file that was there before; null when there was none
     */
    record Entry(
            Path path,
            String sha256,
            String mode,
            @Nullable String owner,
            Stage stage,
            @Nullable String originalMode) {
        Entry at(Stage next) {
            return new Entry(path, sha256, mode, owner, next, originalMode);
        }
    }

    enum Stage {
        /** The old content is there, or the new one. */
        WRITING,
        /** The new content is there, and nobody may have been told. */
        RELOADING,
        DONE
    }

    private FileManifest(StateDirectory directory, Map<String, Entry> entries) {
        this.directory = directory;
        this.entries = entries;
    }

    static FileManifest load(StateDirectory directory) throws IOException {
        directory.folder(FOLDER);
        Map<String, Entry> entries = new TreeMap<>();
        byte[] bytes = directory.read(FILE).orElse(null);
        if (bytes != null) {
            try {
                JSON.readTree(bytes).properties().forEach(each -> entries.put(each.getKey(), entry(each.getValue())));
            } catch (JacksonException | IllegalArgumentException e) {
                entries.clear();
                Damage.putAside(directory, FILE, bytes, e, "managed files are taken over anew as they are");
            }
        }
        return new FileManifest(directory, entries);
    }

    Map<String, Entry> entries() {
        return Map.copyOf(entries);
    }

    @Nullable Entry get(String name) {
        return entries.get(name);
    }

    void put(String name, Entry entry) throws IOException {
        entries.put(name, entry);
        save();
    }

    void remove(String name) throws IOException {
        entries.remove(name);
        save();
        directory.delete(original(name));
    }

    void keepOriginal(String name, byte[] content) throws IOException {
        directory.write(original(name), content);
    }

    Optional<byte[]> original(Entry entry, String name) throws IOException {
        return entry.originalMode() == null ? Optional.empty() : directory.read(original(name));
    }

    private static String original(String name) {
        return FOLDER + "/" + Place.hash(name.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    private void save() throws IOException {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        entries.forEach((name, entry) -> {
            ObjectNode node = root.putObject(name);
            node.put("path", entry.path().toString());
            node.put("sha256", entry.sha256());
            node.put("mode", entry.mode());
            node.put("owner", entry.owner());
            node.put("stage", entry.stage().name());
            node.put("originalMode", entry.originalMode());
        });
        directory.write(FILE, JSON.writeValueAsBytes(root));
    }

    private static Entry entry(JsonNode node) {
        return new Entry(
                Path.of(node.required("path").stringValue()),
                node.required("sha256").stringValue(),
                node.required("mode").stringValue(),
                text(node.required("owner")),
                Stage.valueOf(node.required("stage").stringValue()),
                text(node.required("originalMode")));
    }

    private static @Nullable String text(JsonNode node) {
        return node.isNull() ? null : node.stringValue();
    }
}
