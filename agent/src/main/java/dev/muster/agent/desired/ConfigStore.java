package dev.muster.agent.desired;

import dev.muster.agent.desired.ConfigState.Phase;
import dev.muster.agent.desired.ConfigState.Trial;
import dev.muster.agent.state.Damage;
import dev.muster.agent.state.StateDirectory;
import dev.muster.protocol.Uplink;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The {@link ConfigState} in {@code desired.json}, replaced as a whole. */
final class ConfigStore {
    private static final String FILE = "desired.json";
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final StateDirectory directory;

    ConfigStore(StateDirectory directory) {
        this.directory = directory;
    }

    /** Before the first one, and when the file is damaged, {@link ConfigState#initial}. */
    ConfigState load() throws IOException {
        byte[] bytes = directory.read(FILE).orElse(null);
        if (bytes == null) {
            return ConfigState.initial();
        }
        try {
            JsonNode root = JSON.readTree(bytes);
            return new ConfigState(
                    document(root.required("good")), trial(root.get("trial")), rejected(root.get("rejected")));
        } catch (JacksonException | IllegalArgumentException e) {
            Damage.putAside(directory, FILE, bytes, e, "the server tells the desired state anew");
            return ConfigState.initial();
        }
    }

    void save(ConfigState state) throws IOException {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.set("good", JSON.readTree(state.good().toBytes()));
        Trial trial = state.trial();
        if (trial != null) {
            ObjectNode node = root.putObject("trial");
            node.set("document", JSON.readTree(trial.document().toBytes()));
            node.put("phase", trial.phase().name());
            node.put("starts", trial.starts());
            node.put("tries", trial.tries());
            node.put("reason", trial.reason());
        }
        if (state.rejected() != null) {
            ObjectNode node = root.putObject("rejected");
            node.put("generation", state.rejected().generation());
            node.put("reason", state.rejected().reason());
        }
        directory.write(FILE, JSON.writeValueAsBytes(root));
    }

    private static DesiredDocument document(JsonNode node) {
        return switch (DesiredDocument.parse(JSON.writeValueAsBytes(node))) {
            case DesiredDocument.Message.Whole whole -> whole.document();
            case DesiredDocument.Message.Elsewhere elsewhere -> throw damaged(elsewhere);
            case DesiredDocument.Message.Unusable unusable -> throw damaged(unusable);
            case DesiredDocument.Message.Unreadable unreadable -> throw damaged(unreadable);
        };
    }

    private static IllegalArgumentException damaged(DesiredDocument.Message found) {
        return new IllegalArgumentException("found " + found);
    }

    private static @Nullable Trial trial(@Nullable JsonNode node) {
        if (node == null) {
            return null;
        }
        JsonNode reason = node.required("reason");
        return new Trial(
                document(node.required("document")),
                Phase.valueOf(node.required("phase").stringValue()),
                node.required("starts").intValue(),
                node.required("tries").intValue(),
                reason.isNull() ? null : reason.stringValue());
    }

    private static Uplink.@Nullable Rejected rejected(@Nullable JsonNode node) {
        return node == null
                ? null
                : new Uplink.Rejected(
                        node.required("generation").longValue(),
                        node.required("reason").stringValue());
    }
}
