package dev.muster.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.rollout.RolloutServer.Behaviour;
import dev.muster.twin.document.Revision;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ConfigurationRolloutsTest {
    private static final String QUICK = "soak: 0s, timeout: 5m";
    private static final String BEARS_NOTHING = QUICK + ", failures: {threshold: 0%, then: rollback}";
    private final RolloutServer server = new RolloutServer();

    @AfterAll
    void close() {
        server.close();
    }

    @Test
    void aConfigurationMovesThroughItsWavesAndThenIsWhatAllHaveWhoJoinLater() {
        for (int i = 0; i < 4; i++) {
            server.device("calm-" + i, "1.0", Behaviour.GOOD, "calm");
        }
        server.configure("calm", "config: {rate: 60}");
        server.declareConfiguration(
                "calm-30", "calm", "{rate: 30}", QUICK + ", waves: [{count: 1}, {percent: 100%, manual: true}]");
        JsonNode plan = server.get("/api/v1/rollouts/calm-30/plan");
        assertThat(plan.path("selected").asInt()).as("those that it is for").isEqualTo(4);
        assertThat(plan.path("waves").get(1).path("targets").asInt()).isEqualTo(3);
        server.act("calm-30", "start", "{}");
        server.liveUntil("calm-30", "paused");
        assertThat(server.rates("calm-").values())
                .as("the others keep what they have")
                .containsOnlyOnce("30");
        assertThat(server.get("/api/v1/configurations/calm")
                        .path("spec")
                        .path("config")
                        .toString())
                .isEqualTo("{\"rate\":60}");

        server.device("calm-meanwhile", "1.0", Behaviour.GOOD, "calm");
        server.settle();
        server.act("calm-30", "resume", "{}");
        JsonNode status = server.liveUntil("calm-30", "completed");
        assertThat(status.path("counts").toString()).isEqualTo("{\"succeeded\":5}");
        assertThat(server.rates("calm-").values()).containsOnly("30");
        assertThat(server.get("/api/v1/configurations/calm")
                        .path("spec")
                        .path("config")
                        .toString())
                .isEqualTo("{\"rate\":30}");
        server.device("calm-later", "1.0", Behaviour.GOOD, "calm");
        awaitRates(
                "calm-",
                Map.of(
                        "calm-0",
                        "30",
                        "calm-1",
                        "30",
                        "calm-2",
                        "30",
                        "calm-3",
                        "30",
                        "calm-later",
                        "30",
                        "calm-meanwhile",
                        "30"));
    }

    @Test
    void aRejectedConfigurationIsAFailureAndEveryTouchedAssetReturnsToItsOwnPreviousRevision() {
        for (int i = 0; i < 4; i++) {
            server.device(
                    "mixed-" + i,
                    "1.0",
                    i == 2 ? Behaviour.REJECTS : i == 3 ? Behaviour.HAS_ANOTHER_RATE : Behaviour.GOOD,
                    "mixed");
        }
        server.configure("mixed", "config: {rate: 60}");
        // one of them is left behind on its own revision
        server.declareConfiguration("mixed-1", "mixed", "{rate: 30}", "selector: \"asset.id != 'mixed-0'\", " + QUICK);
        server.act("mixed-1", "start", "{}");
        server.liveUntil("mixed-1", "completed");
        Map<String, String> own = Map.of("mixed-0", "60", "mixed-1", "30", "mixed-2", "30", "mixed-3", "30");
        awaitRates("mixed-", own);

        server.declareConfiguration("mixed-2", "mixed", "{rate: 5}", BEARS_NOTHING + ", waves: [{percent: 100%}]");
        server.act("mixed-2", "start", "{}");
        JsonNode status = server.liveUntil("mixed-2", "rolled_back");
        assertThat(status.path("why").asString()).contains("have failed, the wave bears 0%");
        assertThat(server.stages("mixed-2").values()).containsOnly("rolled_back");
        assertThat(server.rates("mixed-")).isEqualTo(own);
        assertThat(previous("mixed-2")).hasSize(2);
        assertThat(server.get("/api/v1/rollouts/mixed-2/targets/mixed-2")
                        .path("steps")
                        .toString())
                .contains("rejected it: rate is too high");
        assertThat(server.get("/api/v1/rollouts/mixed-2/targets/mixed-3")
                        .path("steps")
                        .toString())
                .contains("has other values in /config/rate");
    }

    private Map<String, Integer> previous(String rollout) {
        Map<String, Integer> previous = new TreeMap<>();
        server.get("/api/v1/rollouts/" + rollout + "/targets")
                .path("items")
                .forEach(target -> previous.merge(target.path("previous").asString(), 1, Integer::sum));
        return previous;
    }

    @Test
    void whoDidNotGetThereKeepsItsOwnAndAnotherRolloutBringsItUp() {
        server.device("few-0", "1.0", Behaviour.GOOD, "few");
        server.device("few-1", "1.0", Behaviour.REJECTS, "few");
        server.configure("few", "software: {}");
        server.declareConfiguration("few-1", "few", "{rate: 5}", QUICK + ", failures: {threshold: 60%}");
        server.act("few-1", "start", "{}");
        server.liveUntil("few-1", "completed");
        awaitRates("few-", Map.of("few-0", "5", "few-1", ""));

        server.declareConfiguration("few-2", "few", "{rate: 6}", QUICK);
        server.act("few-2", "start", "{}");
        server.liveUntil("few-2", "completed");
        awaitRates("few-", Map.of("few-0", "6", "few-1", "6"));
        server.act("few-2", "rollback", "{}");
        server.liveUntil("few-2", "rolled_back");
        assertThat(server.rates("few-")).as("also after its end").isEqualTo(Map.of("few-0", "5", "few-1", ""));
        assertThat(server.get("/api/v1/configurations/few")
                        .path("spec")
                        .path("config")
                        .toString())
                .isEqualTo("{\"rate\":5}");
        HttpResponse<String> over = server.act("few-1", "rollback", "{}");
        assertThat(over.statusCode()).isEqualTo(422);
        assertThat(over.body()).contains("was changed since by rollout few-2");
    }

    @Test
    void aConfigurationUnderRolloutIsChangedByNobodyElse() {
        server.device("held-0", "1.0", Behaviour.SAYS_NOTHING, "held");
        server.configure("held", "config: {rate: 60}");
        server.declareConfiguration("held-1", "held", "{rate: 30}", QUICK);
        server.declareConfiguration("held-2", "held", "{rate: 20}", QUICK);
        server.act("held-1", "start", "{}");

        assertThat(server.get("/api/v1/configurations/held").path("status").toString())
                .isEqualTo("{\"local\":false,\"revision\":\"%s\",\"rollout\":\"held-1\"}"
                        .formatted(Revision.of(JsonMapper.shared().readTree("{\"rate\":60}"))));
        HttpResponse<String> edited = server.tryApply("""
                {"apiVersion":"muster.dev/v1","kind":"Configuration","metadata":{"name":"held"},
                 "spec":{"target":{"group":"held"},"config":{"rate":1}}}""");
        assertThat(edited.statusCode()).isEqualTo(409);
        assertThat(edited.body())
                .contains(
                        "configuration held cannot be changed: rollout held-1 moves it from asset to asset right now");
        HttpResponse<String> second = server.act("held-2", "start", "{}");
        assertThat(second.statusCode()).isEqualTo(409);
        assertThat(second.body()).contains("is changed by rollout held-1 right now");

        server.act("held-1", "abort", "{}");
        server.liveUntil("held-1", "aborted");
        assertThat(server.tryApply("""
                {"apiVersion":"muster.dev/v1","kind":"Configuration","metadata":{"name":"held"},
                 "spec":{"target":{"group":"held"},"config":{"rate":1}}}""").statusCode()).isEqualTo(200);
        assertThat(server.act("held-1", "rollback", "{}").body()).contains("was changed since");
    }

    /** A statement-level trigger lets every nth write fail: as if the server had been killed there. */
    @Test
    void aKillBetweenAnyTwoWritesLeavesEachAssetOnOneOfItsOwnRevisions() {
        for (int i = 0; i < 8; i++) {
            server.device("cut-" + i, "1.0", i == 5 ? Behaviour.REJECTS : Behaviour.GOOD, "cut");
        }
        server.configure("cut", "config: {rate: 60}");
        server.declareConfiguration(
                "cut-1",
                "cut",
                "{rate: 5}",
                QUICK + ", maxInFlight: 3, waves: [{count: 2}, {percent: 100%}], failures: {threshold: 60%}");
        List<String> tables = List.of(
                "rollout", "rollout_target", "rollout_decision", "configuration", "twin_configuration", "twin_desired");
        server.jdbc().execute("create sequence cut_off");
        server.jdbc().execute("""
                create function cut_off() returns trigger language plpgsql as $$
                begin
                    if nextval('cut_off') % 11 = 0 then raise exception 'the power is gone'; end if;
                    return null;
                end $$""");
        server.act("cut-1", "start", "{}");
        tables.forEach(table -> server.jdbc()
                .execute("create trigger cut_off after insert or update or delete on " + table
                        + " for each statement execute function cut_off()"));
        try {
            JsonNode status = server.liveUntil("cut-1", "completed");
            assertThat(status.path("counts").toString()).isEqualTo("{\"failed\":1,\"succeeded\":7}");
            Long broken = server.jdbc().queryForObject("select last_value / 11 from cut_off", Long.class);
            assertThat(broken).as("transactions that broke off").isGreaterThan(2);
        } finally {
            tables.forEach(table -> server.jdbc().execute("drop trigger cut_off on " + table));
        }
        Map<String, String> expected = new TreeMap<>();
        server.rates("cut-").keySet().forEach(id -> expected.put(id, id.equals("cut-5") ? "60" : "5"));
        awaitRates("cut-", expected);
        assertThat(server.jdbc()
                        .queryForList(
                                "select asset || ' ' || revision from twin_configuration where configuration = 'cut'",
                                String.class))
                .as("only who is apart from the configuration is noted")
                .containsExactly("cut-5 " + Revision.of(JsonMapper.shared().readTree("{\"rate\":60}")));
    }

    @Test
    void whatIsNoConfigurationIsRefusedBeforeAnythingMoves() {
        server.declareConfiguration("nothing", "no-such", "{rate: 1}", QUICK);
        HttpResponse<String> answer = server.act("nothing", "start", "{}");
        assertThat(answer.statusCode()).isEqualTo(422);
        assertThat(answer.body()).contains("configuration no-such does not exist; declare it first");
        assertThat(server.tryApply("""
                {"apiVersion":"muster.dev/v1","kind":"Rollout","metadata":{"name":"both"},
                 "spec":{"change":{"configuration":{"name":"few"},"release":{"component":"app","version":"1"}}}}""").body())
                .contains("one rollout moves one of them")
                .contains("is missing; {} asks for nothing");
    }

    private void awaitRates(String prefix, Map<String, String> expected) {
        long end = System.nanoTime() + 60_000_000_000L;
        while (!server.rates(prefix).equals(expected) && System.nanoTime() < end) {
            server.live();
            server.settle();
        }
        assertThat(server.rates(prefix)).isEqualTo(new TreeMap<>(expected));
    }
}
