package dev.muster.twin.reported;

import dev.muster.protocol.Uplink.StateReport;
import dev.muster.protocol.Uplink.Update;
import dev.muster.twin.document.CanonicalJson;
import dev.muster.twin.document.ReportOrder.Place;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * A report as it is stored.
 *
 * @param updates by component, as on the wire
 * @param hash of what it says: the same for a report that repeats another, whatever its times and progress
 */
record Report(
        Place place,
        JsonNode config,
        JsonNode software,
        JsonNode updates,
        @Nullable Long rejectedGeneration,
        @Nullable String rejectedReason,
        String hash) {
    private static final JsonMapper JSON = JsonMapper.shared();

    static Report of(StateReport said, long offset, long receivedAt) {
        JsonNode config = JSON.valueToTree(said.config());
        JsonNode software = JSON.valueToTree(said.software());
        Long rejected = said.rejected() == null ? null : said.rejected().generation();
        String reason = said.rejected() == null ? null : said.rejected().reason();
        ObjectNode content = JsonNodeFactory.instance.objectNode();
        content.set("config", config);
        content.set("software", software);
        content.set("updates", updates(said.updates(), false));
        content.put("generation", said.generation());
        content.put("rejected", rejected);
        content.put("reason", reason);
        content.put("bootId", said.bootId());
        return new Report(
                new Place(offset, said.generation(), said.ts(), receivedAt, said.bootId()),
                config,
                software,
                updates(said.updates(), true),
                rejected,
                reason,
                CanonicalJson.sha256(CanonicalJson.text(content)));
    }

    /** As it is kept in the history. */
    ObjectNode shown() {
        ObjectNode shown = JsonNodeFactory.instance.objectNode();
        shown.set("config", config);
        shown.set("software", software);
        if (!updates.isEmpty()) {
            shown.set("updates", updates);
        }
        if (rejectedGeneration != null) {
            shown.putObject("rejected").put("generation", rejectedGeneration).put("reason", rejectedReason);
        }
        return shown;
    }

    private static ObjectNode updates(Map<String, Update> updates, boolean withProgress) {
        ObjectNode all = JsonNodeFactory.instance.objectNode();
        updates.forEach((component, update) -> {
            ObjectNode one = all.putObject(component)
                    .put("version", update.version())
                    .put("state", update.state().name().toLowerCase(Locale.ROOT));
            if (withProgress && update.progress() != null) {
                one.put("progress", update.progress());
            }
            put(one, "reason", update.reason());
            put(one, "previous", update.previous());
            put(one, "attempt", update.attempt());
        });
        return all;
    }

    private static void put(ObjectNode node, String field, @Nullable String value) {
        if (value != null) {
            node.put(field, value);
        }
    }
}
