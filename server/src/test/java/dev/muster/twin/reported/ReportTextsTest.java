package dev.muster.twin.reported;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.protocol.Uplink.Rejected;
import dev.muster.protocol.Uplink.StateReport;
import dev.muster.protocol.Uplink.Update;
import dev.muster.twin.document.CanonicalJson;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

class ReportTextsTest {
    private static final JsonMapper JSON = JsonMapper.shared();

    private final ReportTexts texts = new ReportTexts();

    /** Hashes are stored: with another one every asset would seem to say something new after an upgrade. */
    @Test
    void theHashIsThatOfTheCanonicalTextOfAllThatIsSaid() {
        long seed = System.nanoTime();
        System.out.println("ReportTextsTest seed " + seed);
        Random random = new Random(seed);
        for (int i = 0; i < 2_000; i++) {
            StateReport said = report(random);
            Report report = texts.of(said, i, 1_000);
            assertThat(report.hash()).as("%s", said).isEqualTo(CanonicalJson.sha256(CanonicalJson.text(content(said))));
        }
    }

    @Test
    void theTextsAreWhatWasSaid() {
        long seed = System.nanoTime();
        System.out.println("ReportTextsTest seed " + seed);
        Random random = new Random(seed);
        for (int i = 0; i < 2_000; i++) {
            StateReport said = report(random);
            Report report = texts.of(said, i, 1_000);
            assertThat(JSON.readTree(report.config())).isEqualTo(tree(said.config()));
            assertThat(JSON.readTree(report.software())).isEqualTo(tree(said.software()));
            assertThat(JSON.readTree(report.updates())).isEqualTo(updates(said, true));
            ObjectNode shown = JsonNodeFactory.instance.objectNode();
            shown.set("config", JSON.valueToTree(said.config()));
            shown.set("software", JSON.valueToTree(said.software()));
            if (!said.updates().isEmpty()) {
                shown.set("updates", updates(said, true));
            }
            if (said.rejected() != null) {
                shown.putObject("rejected")
                        .put("generation", said.rejected().generation())
                        .put("reason", said.rejected().reason());
            }
            assertThat(CanonicalJson.text(JSON.readTree(ReportTexts.shown(report))))
                    .isEqualTo(CanonicalJson.text(shown));
        }
    }

    /** The definition, by trees. */
    private static ObjectNode content(StateReport said) {
        ObjectNode content = JsonNodeFactory.instance.objectNode();
        content.set("config", JSON.valueToTree(said.config()));
        content.set("software", JSON.valueToTree(said.software()));
        content.set("updates", updates(said, false));
        content.put("generation", said.generation());
        content.put("rejected", said.rejected() == null ? null : said.rejected().generation());
        content.put("reason", said.rejected() == null ? null : said.rejected().reason());
        content.put("bootId", said.bootId());
        return content;
    }

    private static ObjectNode updates(StateReport said, boolean withProgress) {
        ObjectNode all = JsonNodeFactory.instance.objectNode();
        said.updates().forEach((component, update) -> {
            ObjectNode one = all.putObject(component).put("version", update.version());
            one.put("state", update.state().name().toLowerCase(Locale.ROOT));
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

    private static JsonNode tree(Object value) {
        return JSON.readTree(JSON.writeValueAsString(value));
    }

    private static StateReport report(Random random) {
        Map<String, String> software = new LinkedHashMap<>();
        Map<String, Update> updates = new LinkedHashMap<>();
        for (String component : some(random)) {
            software.put(component, text(random));
            if (random.nextBoolean()) {
                updates.put(
                        component,
                        new Update(
                                text(random),
                                Update.State.values()[random.nextInt(Update.State.values().length)],
                                orNull(random, () -> random.nextInt(101)),
                                orNull(random, () -> text(random)),
                                orNull(random, () -> text(random)),
                                orNull(random, () -> text(random))));
            }
        }
        return new StateReport(
                orNull(random, random::nextLong),
                orNull(random, random::nextLong),
                object(random, 3),
                software,
                updates,
                orNull(random, () -> new Rejected(random.nextInt(9), text(random))),
                orNull(random, () -> text(random)));
    }

    private static Map<String, Object> object(Random random, int depth) {
        Map<String, Object> object = new LinkedHashMap<>();
        some(random).forEach(name -> object.put(name, value(random, depth)));
        return object;
    }

    private static Object value(Random random, int depth) {
        return switch (random.nextInt(depth == 0 ? 4 : 6)) {
            case 0 -> random.nextInt();
            case 1 -> random.nextDouble();
            case 2 -> random.nextBoolean();
            case 3 -> text(random);
            case 4 -> List.of(value(random, depth - 1), value(random, depth - 1));
            default -> object(random, depth - 1);
        };
    }

    private static List<String> some(Random random) {
        return random.ints(random.nextInt(5), 0, 40)
                .distinct()
                .mapToObj(i -> i % 9 == 0 ? "ö\"" + i : "n" + i)
                .toList();
    }

    private static String text(Random random) {
        return List.of("1.4.2", "", "a\"b\\", "zeile\n2", "grün", "\u0001", "boot-7")
                .get(random.nextInt(7));
    }

    private static <T> @Nullable T orNull(Random random, Supplier<T> value) {
        return random.nextInt(3) == 0 ? null : value.get();
    }
}
