package dev.muster.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What real agents do with the configuration that is desired of them, and with what somebody changes by hand. */
@WhenAgentsAreAskedFor
class AgentsConfigurationIT extends AgentFleetFixture {
    @Test
    void theBaselineOfTheTypeIsAppliedToWhoeverEnrols() throws Exception {
        try (Box box = new Box(server, server.mqtt(), folder, "new-1")) {
            box.agent().start();
            awaitInSync(box);
            JsonNode twin = twin(box.id());
            assertThat(twin.at("/desired/origins").toString()).contains("baseline/linux-device");
            JsonNode handedOver = ServerProcess.JSON.readTree(box.handedOver());
            assertThat(handedOver).isEqualTo(twin.at("/desired/config"));
            assertThat(handedOver.at("/ntp/enabled").asBoolean()).isTrue();
        }
    }

    @Test
    void aGroupsConfigurationChangesTheFilesOfAllMembersAndIsConfirmed() throws Exception {
        muster.apply(nextRevision(""));
        awaitRevisionEverywhere();
        muster.apply(nextRevision(""));
        awaitRevisionEverywhere();
    }

    @Test
    void aBadConfigurationIsReturnedFromByTheAssetsThemselves() throws Exception {
        Map<Box, String> before = new TreeMap<>(java.util.Comparator.comparing(Box::id));
        for (Box box : boxes) {
            before.put(box, box.motdText());
        }
        muster.apply(nextRevision(", poison: true"));
        for (Box box : boxes) {
            Await.that(box.id() + " rejects", LONG, () -> state(box.id()).equals("rejected"));
            assertThat(twin(box.id()).at("/reported/rejected/reason").asString())
                    .contains("no poison here");
            assertThat(box.motdText()).isEqualTo(before.get(box));
            assertThat(box.handedOver()).doesNotContain("poison");
        }
        muster.apply(nextRevision(""));
        awaitRevisionEverywhere();
    }

    @Test
    void whatIsChangedByHandIsRepairedByTheAgentOrByTheServerOrOnlyShown() throws Exception {
        Box repairing = boxes.get(0);
        Box enforced = boxes.get(1);
        Box reporting = boxes.get(2);
        muster.apply(ownConfiguration(reporting, ", onDrift: report, template: \"its own\""));
        Await.that("own text", LONG, () -> reporting.motdText().equals("its own"));
        awaitInSync(reporting);

        Files.writeString(repairing.motd(), "by hand\n");
        Files.writeString(
                folder.resolve(enforced.id()).resolve("apps/config.json"),
                enforced.handedOver().replace("true", "false"),
                StandardOpenOption.TRUNCATE_EXISTING);
        Files.writeString(reporting.motd(), "by hand\n");

        Await.that("repaired by its agent", LONG, () -> repairing.motdText().equals(text(repairing)));
        Await.that("told", LONG, () -> events(repairing).contains("config.file.repaired"));
        Await.that("drift found", LONG, () -> log("twin.drifted", enforced) && log("twin.enforced", enforced));
        Await.that(
                "enforced by the server",
                LONG,
                () -> ServerProcess.JSON
                        .readTree(enforced.handedOver())
                        .at("/ntp/enabled")
                        .asBoolean());
        awaitInSync(enforced);

        Await.that("shown", LONG, () -> state(reporting.id()).equals("drifted"));
        JsonNode drift = twin(reporting.id()).path("drift");
        assertThat(drift.size()).as(drift.toString()).isEqualTo(1);
        assertThat(drift.at("/0/field").asString()).isEqualTo("/config/files/motd/template");
        assertThat(drift.at("/0/desired").asString()).isEqualTo("its own");
        assertThat(drift.at("/0/reported").asString()).startsWith("modified sha256:");
        assertThat(drift.at("/0/policy").asString()).isEqualTo("report");
        assertThat(muster.must("drift")).contains(reporting.id());
        Await.that("told", LONG, () -> events(reporting).contains("config.file.drifted"));
        assertThat(reporting.motdText()).as("left alone").isEqualTo("by hand\n");

        Files.writeString(reporting.motd(), "its own");
        awaitInSync(reporting);
        muster.apply(ownConfiguration(reporting, ""));
        awaitRevisionEverywhere();
    }

    private String events(Box box) throws Exception {
        return server.get("/api/v1/assets/" + box.id() + "/events?contains=config")
                .toString();
    }

    /** Whether the server's log has such an event about it. */
    private boolean log(String type, Box box) throws Exception {
        long after = 0;
        while (true) {
            JsonNode page =
                    server.get("/api/v1/events?limit=200&after=" + after).path("items");
            if (page.isEmpty()) {
                return false;
            }
            for (JsonNode event : page) {
                if (event.path("type").asString().equals(type)
                        && event.toString().contains(box.id() + "\"")) {
                    return true;
                }
                after = event.path("position").asLong();
            }
        }
    }
}
