package dev.muster.twin.document;

import static dev.muster.twin.document.Documents.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.muster.protocol.Uplink.Update;
import dev.muster.twin.document.Drift.Field;
import dev.muster.twin.document.Drift.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.IntNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

class DriftTest {
    private static final TreeMap<String, String> ORIGINS =
            new TreeMap<>(Map.of("/config/a/b", "configuration/x", "/software/app", "rollout/r"));

    private static Outcome config(String desired, String reported) {
        ObjectNode document = JsonNodeFactory.instance.objectNode();
        document.set("config", json(desired));
        return Drift.between(document, ORIGINS, json(reported), Map.of(), Map.of());
    }

    private static Outcome software(String running, @Nullable Update update) {
        return Drift.between(
                json("{'config':{},'software':{'app':{'version':'2','attempt':'r.1'}}}"),
                ORIGINS,
                json("{}"),
                Map.of("app", running),
                update == null ? Map.of() : Map.of("app", update));
    }

    @Test
    void saysWhichFieldWithBothValuesAndItsOrigin() {
        assertThat(config("{'a':{'b':1,'c':2}}", "{'a':{'b':5,'c':2}}"))
                .isEqualTo(new Outcome(
                        List.of(new Field(
                                "/config/a/b", IntNode.valueOf(1), IntNode.valueOf(5), "configuration/x", null, null)),
                        1,
                        List.of()));
    }

    @Test
    void aManagedFileThatIsOnlyToBeReportedSaysSoItself() {
        assertThat(config(
                                "{'files':{'motd':{'template':'hi','onDrift':'report'},'hosts':{'template':'a'}}}",
                                "{'files':{'motd':{'template':'missing','onDrift':'report'},'hosts':{'template':'missing'}}}")
                        .fields())
                .extracting(Field::field, Field::leftAlone)
                .containsExactlyInAnyOrder(
                        tuple("/config/files/motd/template", true), tuple("/config/files/hosts/template", null));
        assertThat(Drift.isDescription("/config/files/motd/template")).isTrue();
        assertThat(Drift.isDescription("/config/files/motd/mode")).isFalse();
        assertThat(Drift.isDescription("/config/site/template")).isFalse();
    }

    @Test
    void whatIsReportedBeyondIsNoDriftAndWhatIsMissingIs() {
        assertThat(config("{'a':1}", "{'a':1,'more':{'x':true}}").count()).isZero();
        assertThat(config("{'a':{'x':1,'y':2}}", "{}").fields())
                .extracting(Field::field)
                .containsExactly("/config/a/x", "/config/a/y");
        assertThat(config("{'a':{}}", "{}").count()).isZero();
        assertThat(config("{'a':{}}", "{'a':1}").count()).isEqualTo(1);
    }

    @Test
    void numbersAreEqualByValueAndTextsAreNot() {
        assertThat(config("{'a':5,'b':0.5}", "{'a':5.0,'b':5E-1}").count()).isZero();
        assertThat(config("{'a':5}", "{'a':'5'}").count()).isEqualTo(1);
    }

    @Test
    void arraysAreEqualElementByElement() {
        assertThat(config("{'a':[1,{'b':2}]}", "{'a':[1.0,{'b':2,'more':3}]}").count())
                .isZero();
        assertThat(config("{'a':[1,2]}", "{'a':[2,1]}").count()).isEqualTo(1);
        assertThat(config("{'a':[1]}", "{'a':[1,2]}").count()).isEqualTo(1);
    }

    @Test
    void aLongTextMayBeReportedAsItsHash() {
        String text = "é".repeat(257);
        String hash = "sha256:" + CanonicalJson.sha256(text);
        assertThat(config("{'a':'" + text + "'}", "{'a':'" + hash + "'}").count())
                .isZero();
        assertThat(config("{'a':'other" + text + "'}", "{'a':'" + hash + "'}").count())
                .isEqualTo(1);
        assertThat(config("{'a':'short'}", "{'a':'sha256:" + CanonicalJson.sha256("short") + "'}")
                        .count())
                .isEqualTo(1);
    }

    @Test
    void aComponentOnItsWayIsNotDriftAndAFailedOneSaysWhy() {
        Update downloading = new Update("2", Update.State.DOWNLOADING, 40, null, "1", "r.1");
        Update failed = new Update("2", Update.State.FAILED, null, "no room", "1", "r.1");
        Update ofAnother = new Update("2", Update.State.DOWNLOADING, 40, null, "1", "r.0");

        assertThat(software("2", null)).isEqualTo(Outcome.NONE);
        assertThat(software("1", downloading)).isEqualTo(new Outcome(List.of(), 0, List.of("app")));
        assertThat(software("1", failed).fields())
                .containsExactly(new Field(
                        "/software/app",
                        StringNode.valueOf("2"),
                        StringNode.valueOf("1"),
                        "rollout/r",
                        "failed: no room",
                        null));
        assertThat(software("1", ofAnother).count()).isEqualTo(1);
        assertThat(software("1", null).count()).isEqualTo(1);
    }

    @Test
    void listsABoundedNumberAndCountsAll() {
        StringBuilder desired = new StringBuilder("{");
        for (int i = 0; i < 150; i++) {
            desired.append(i == 0 ? "" : ",").append("'k").append(i).append("':1");
        }
        Outcome outcome = config(desired + "}", "{}");

        assertThat(outcome.fields()).hasSize(Drift.MAX_LISTED);
        assertThat(outcome.count()).isEqualTo(150);
    }

    /** Changing some leaves of what is desired, and adding some, gives exactly the changed ones. */
    @Test
    void findsExactlyTheChangedLeavesOfRandomDocuments() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        int changes = 0;
        for (int round = 0; round < 3_000; round++) {
            ObjectNode desired = Documents.object(random, 3, false);
            List<String> changed = new ArrayList<>();
            ObjectNode reported = mutated("/config", desired, random, changed);
            changes += changed.size();
            ObjectNode document = JsonNodeFactory.instance.objectNode();
            document.set("config", desired);

            Outcome outcome = Drift.between(document, new TreeMap<>(), reported, Map.of(), Map.of());

            assertThat(outcome.fields())
                    .as("seed %d round %d: %s reported as %s", seed, round, desired, reported)
                    .extracting(Field::field)
                    .containsExactlyInAnyOrderElementsOf(changed);
        }
        assertThat(changes).as("changes made with seed %d", seed).isGreaterThan(500);
    }

    private static ObjectNode mutated(String pointer, ObjectNode desired, Random random, List<String> changed) {
        ObjectNode reported = JsonNodeFactory.instance.objectNode();
        desired.forEachEntry((name, value) -> {
            String field = Pointers.child(pointer, name);
            if (value instanceof ObjectNode object && !object.isEmpty()) {
                reported.set(name, mutated(field, object, random, changed));
            } else if (random.nextInt(4) == 0) {
                changed.add(field);
                JsonNode other = JsonNodeFactory.instance.stringNode("mutated");
                if (value.isObject() || random.nextBoolean()) {
                    reported.set(name, other);
                }
            } else if (value.isString() && value.stringValue().length() > 256) {
                reported.put(name, "sha256:" + CanonicalJson.sha256(value.stringValue()));
            } else {
                reported.set(name, value);
            }
        });
        if (random.nextBoolean()) {
            reported.put("beyond", 1);
        }
        return reported;
    }
}
