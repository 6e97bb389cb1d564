package dev.muster.twin.reported;

import dev.muster.protocol.Uplink.StateReport;
import dev.muster.protocol.Uplink.Update;
import dev.muster.twin.document.CanonicalJson;
import dev.muster.twin.document.ReportOrder.Place;
import java.io.StringWriter;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reports as they are stored, each text written once. What many assets say alike is read and sorted once: of each kind the texts that
 * were used last are remembered. Of one thread.
 */
final class ReportTexts {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int REMEMBERED = 256;
    private static final int MAX_REMEMBERED_CHARACTERS = 64 * 1024;

    private final Map<String, Document> configurations = recent();
    private final Map<String, JsonNode> trees = recent();
    private final Map<String, SortedMap<String, String>> flat = recent();

    /** @param canonical the same for the same content, whatever the order of its fields */
    private record Document(JsonNode tree, String canonical) {}

    private static <V> Map<String, V> recent() {
        return new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<String, V> eldest) {
                return size() > REMEMBERED;
            }
        };
    }

    private static <V> V of(Map<String, V> known, String text, Function<String, V> read) {
        if (text.length() > MAX_REMEMBERED_CHARACTERS) {
            return read.apply(text);
        }
        V found = known.get(text);
        if (found == null) {
            found = read.apply(text);
            known.put(text, found);
        }
        return found;
    }

    /** What an asset has in effect. */
    JsonNode configuration(String text) {
        return document(text).tree();
    }

    private Document document(String text) {
        return of(configurations, text, unread -> {
            JsonNode tree = JSON.readTree(unread);
            return new Document(tree, CanonicalJson.text(tree));
        });
    }

    JsonNode tree(String text) {
        return of(trees, text, JSON::readTree);
    }

    /** An object whose values are texts: the software of an asset, the origins of a document. */
    SortedMap<String, String> flat(String text) {
        return of(flat, text, unread -> {
            SortedMap<String, String> values = new TreeMap<>();
            JSON.readTree(unread).forEachEntry((name, value) -> values.put(name, value.asString()));
            return Collections.unmodifiableSortedMap(values);
        });
    }

    /** As it is stored, with the hash of what it says. */
    Report of(StateReport said, long offset, long receivedAt) {
        String config = JSON.writeValueAsString(said.config());
        String software = written(generator -> software(generator, said.software()));
        boolean hasProgress = false;
        for (Update update : said.updates().values()) {
            hasProgress |= update.progress() != null;
        }
        String updates = written(generator -> updates(generator, said.updates(), true));
        String settled = hasProgress ? written(generator -> updates(generator, said.updates(), false)) : updates;
        Long rejected = said.rejected() == null ? null : said.rejected().generation();
        String reason = said.rejected() == null ? null : said.rejected().reason();
        String content = written(generator -> {
            // In the order of the names, as CanonicalJson has them.
            text(generator, "bootId", said.bootId());
            generator.writeName("config");
            generator.writeRawValue(document(config).canonical());
            number(generator, "generation", said.generation());
            text(generator, "reason", reason);
            number(generator, "rejected", rejected);
            generator.writeName("software");
            generator.writeRawValue(software);
            generator.writeName("updates");
            generator.writeRawValue(settled);
        });
        return new Report(
                new Place(offset, said.generation(), said.ts(), receivedAt, said.bootId()),
                config,
                software,
                updates,
                rejected,
                reason,
                CanonicalJson.sha256(content));
    }

    /** As a report is kept in the history. */
    static String shown(Report report) {
        return written(generator -> {
            generator.writeName("config");
            generator.writeRawValue(report.config());
            generator.writeName("software");
            generator.writeRawValue(report.software());
            if (!report.updates().equals("{}")) {
                generator.writeName("updates");
                generator.writeRawValue(report.updates());
            }
            Long rejected = report.rejectedGeneration();
            if (rejected != null) {
                generator.writeObjectPropertyStart("rejected");
                number(generator, "generation", rejected);
                text(generator, "reason", report.rejectedReason());
                generator.writeEndObject();
            }
        });
    }

    private interface Fields {
        void write(JsonGenerator generator);
    }

    private static String written(Fields fields) {
        StringWriter text = new StringWriter(256);
        try (JsonGenerator generator = JSON.createGenerator(text)) {
            generator.writeStartObject();
            fields.write(generator);
            generator.writeEndObject();
        }
        return text.toString();
    }

    private static void software(JsonGenerator generator, Map<String, String> versions) {
        sorted(versions).forEach((component, version) -> text(generator, component, version));
    }

    private static void updates(JsonGenerator generator, Map<String, Update> updates, boolean withProgress) {
        sorted(updates).forEach((component, update) -> {
            generator.writeObjectPropertyStart(component);
            unlessNull(generator, "attempt", update.attempt());
            unlessNull(generator, "previous", update.previous());
            if (withProgress && update.progress() != null) {
                generator.writeNumberProperty("progress", update.progress());
            }
            unlessNull(generator, "reason", update.reason());
            text(generator, "state", update.state().name().toLowerCase(Locale.ROOT));
            text(generator, "version", update.version());
            generator.writeEndObject();
        });
    }

    private static <V> Map<String, V> sorted(Map<String, V> fields) {
        return fields.size() < 2 ? fields : new TreeMap<>(fields);
    }

    private static void unlessNull(JsonGenerator generator, String name, @Nullable String value) {
        if (value != null) {
            generator.writeStringProperty(name, value);
        }
    }

    private static void text(JsonGenerator generator, String name, @Nullable String value) {
        if (value == null) {
            generator.writeNullProperty(name);
        } else {
            generator.writeStringProperty(name, value);
        }
    }

    private static void number(JsonGenerator generator, String name, @Nullable Long value) {
        if (value == null) {
            generator.writeNullProperty(name);
        } else {
            generator.writeNumberProperty(name, value);
        }
    }
}
