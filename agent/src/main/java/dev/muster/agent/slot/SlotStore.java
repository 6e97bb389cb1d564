package dev.muster.agent.slot;

import dev.muster.agent.config.Fields;
import dev.muster.agent.desired.DesiredDocument;
import dev.muster.agent.slot.SlotRecord.Change;
import dev.muster.agent.slot.SlotRecord.Installed;
import dev.muster.agent.slot.SlotRecord.Phase;
import dev.muster.agent.state.Damage;
import dev.muster.agent.state.StateDirectory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The record of one component in {@code slots/NAME.json}, replaced as a whole. */
final class SlotStore implements SlotRecords {
    static final String FOLDER = "slots";
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final StateDirectory directory;
    private final String file;

    SlotStore(StateDirectory directory, String component) throws IOException {
        this.directory = directory;
        this.file = FOLDER + "/" + component + ".json";
        directory.folder(FOLDER);
    }

    @Override
    public SlotRecord load() throws IOException {
        byte[] bytes = directory.read(file).orElse(null);
        if (bytes == null) {
            return SlotRecord.empty();
        }
        try {
            JsonNode root = JSON.readTree(bytes);
            JsonNode active = root.get("active");
            return new SlotRecord(
                    installed(root.get("a")),
                    installed(root.get("b")),
                    active == null ? null : Slot.valueOf(active.stringValue()),
                    change(root.get("change")));
        } catch (JacksonException | IllegalArgumentException e) {
            Damage.putAside(directory, file, bytes, e, "the component is installed anew");
            return SlotRecord.empty();
        }
    }

    @Override
    public void save(SlotRecord slots) throws IOException {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        put(root, "a", slots.a());
        put(root, "b", slots.b());
        if (slots.active() != null) {
            root.put("active", slots.active().name());
        }
        Change change = slots.change();
        if (change != null) {
            ObjectNode node = root.putObject("change");
            node.set("wanted", DesiredDocument.json(change.wanted()));
            node.put("phase", change.phase().name());
            node.put("into", change.into().name());
            put(node, "previous", change.previous());
            node.put("starts", change.starts());
            put(node, "reason", change.reason());
        }
        directory.write(file, JSON.writeValueAsBytes(root));
    }

    private static void put(ObjectNode root, String key, @Nullable Installed installed) {
        if (installed != null) {
            ObjectNode node = root.putObject(key);
            node.put("version", installed.version());
            put(node, "sha256", installed.sha256());
        }
    }

    private static void put(ObjectNode node, String key, @Nullable String value) {
        if (value != null) {
            node.put(key, value);
        }
    }

    private static @Nullable Installed installed(@Nullable JsonNode node) {
        return node == null ? null : new Installed(node.required("version").stringValue(), text(node, "sha256"));
    }

    private static @Nullable Change change(@Nullable JsonNode node) {
        if (node == null) {
            return null;
        }
        List<String> problems = new ArrayList<>();
        Change change = new Change(
                DesiredDocument.wanted(new Fields("wanted", node.required("wanted"), problems)),
                Phase.valueOf(node.required("phase").stringValue()),
                Slot.valueOf(node.required("into").stringValue()),
                text(node, "previous"),
                node.required("starts").intValue(),
                text(node, "reason"));
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("; ", problems));
        }
        return change;
    }

    private static @Nullable String text(JsonNode node, String key) {
        JsonNode value = node.get(key);
        return value == null ? null : value.stringValue();
    }
}
