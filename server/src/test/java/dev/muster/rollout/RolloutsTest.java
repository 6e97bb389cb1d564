package dev.muster.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.release.ReleaseName;
import dev.muster.rollout.RolloutServer.Behaviour;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** A rollout from its start to its end, as assets and operators see it. */
class RolloutsTest extends RolloutsFixture {
    @Test
    void aReleaseMovesThroughItsWavesAndIsProvedByWhatAssetsReport() {
        for (int i = 0; i < 6; i++) {
            server.device("good-" + i, "1." + i % 2, Behaviour.GOOD, "good");
        }
        server.declare("good", "good", "2.0", QUICK + ", waves: [{name: canary, count: 1}, {percent: 100%}]");
        assertThat(server.status("good").path("phase").asString()).isEqualTo("draft");

        JsonNode plan = server.get("/api/v1/rollouts/good/plan");
        assertThat(plan.path("waves").get(0).path("targets").asInt()).isEqualTo(1);
        assertThat(plan.path("waves").get(1).path("targets").asInt()).isEqualTo(5);

        assertThat(server.act("good", "start", "{}").statusCode()).isEqualTo(200);
        JsonNode status = server.liveUntil("good", "completed");

        assertThat(status.path("counts").toString()).isEqualTo("{\"succeeded\":6}");
        assertThat(server.versions()).containsEntry("good-0", "2.0").containsEntry("good-5", "2.0");
        assertThat(server.decisions("good"))
                .containsExactly(
                        "start started",
                        "open_wave opened",
                        "gate pass",
                        "open_wave opened",
                        "gate pass",
                        "end completed");
        JsonNode first =
                server.get("/api/v1/rollouts/good/targets").path("items").get(0);
        assertThat(first.path("asset").asString())
                .as("the canary is the first of the plan")
                .isEqualTo(plan.path("waves").get(0).path("assets").get(0).asString());
    }

    @Test
    void whatWasBroughtLatelyIsKnownWithHowManyRunIt() {
        for (int i = 0; i < 3; i++) {
            server.device("recent-" + i, "1.0", Behaviour.GOOD, "recent");
        }
        server.declare("recent", "recent", "2.0", QUICK + ", waves: [{count: 2}, {percent: 100%, manual: true}]");
        server.act("recent", "start", "{}");
        RecentRollouts.Recent recent = server.recent().endedWithin(Duration.ofHours(1), Instant.now()).stream()
                .filter(each -> each.name().equals("recent"))
                .findFirst()
                .orElseThrow();
        assertThat(recent.component() + "@" + recent.version()).isEqualTo("app@2.0");
        assertThat(server.recent().running(recent))
                .as("who was ordered runs it not yet")
                .isZero();

        server.liveUntil(
                "recent", status -> status.path("counts").path("succeeded").asInt() == 2);

        assertThat(server.recent().running(recent)).isEqualTo(2);
        assertThat(server.recent().running(recent, List.of("recent-0", "recent-1", "recent-2")))
                .hasSize(2);
        server.act("recent", "abort", "{}");
        assertThat(server.liveUntil("recent", "aborted")
                        .path("counts")
                        .path("succeeded")
                        .asInt())
                .isEqualTo(2);
        assertThat(server.recent().running(recent))
                .as("who has it, has it still")
                .isEqualTo(2);
    }

    @Test
    void anOutageLetsNobodysDeadlinePass() {
        server.device("cut-0", "1.0", Behaviour.GOOD, "cut");
        server.declare("cut", "cut", "2.0", "soak: 0s, timeout: 50s, evidence: confirmed");
        server.act("cut", "start", "{}");
        server.awaitStages("cut", Map.of("cut-0", "ordered"));

        server.outage();

        assertThat(server.stages("cut")).isEqualTo(Map.of("cut-0", "ordered"));
        assertThat(server.liveUntil("cut", "completed").path("counts").toString())
                .isEqualTo("{\"succeeded\":1}");
    }

    @Test
    void ordersGoOutAtTheRateThatTheRolloutSays() {
        for (int i = 0; i < 3; i++) {
            server.device("rate-" + i, "1.0", Behaviour.GOOD, "rate");
        }
        server.declare("rate", "rate", "2.0", QUICK + ", perMinute: 30");
        server.act("rate", "start", "{}");
        server.liveUntil("rate", "completed");
        Double seconds = server.jdbc().queryForObject("""
                select extract(epoch from max(at) - min(at))::float8 from rollout_step
                where stage = 2 and rollout = (select id from rollout where name = 'rate')""", Double.class);
        assertThat(seconds).as("one in two seconds, and one second made up for").isGreaterThanOrEqualTo(3);
    }

    @Test
    void nobodyIsChangedInABlackout() {
        server.device("black-0", "1.0", Behaviour.GOOD, "black");
        server.declare(
                "black",
                "black",
                "2.0",
                QUICK + ", blackouts: [{from: \"2020-01-01T00:00:00Z\", to: \"2099-01-01T00:00:00Z\"}]");
        JsonNode plan = server.get("/api/v1/rollouts/black/plan");
        assertThat(plan.path("waiting").toString())
                .isEqualTo("[{\"reason\":\"window\",\"count\":1,\"assets\":"
                        + "{\"black-0\":\"its window opens at 2099-01-01T00:00:00Z\"}}]");
        assertThat(plan.path("time").path("text").asString()).startsWith("longer than 366 days");
        server.act("black", "start", "{}");
        server.awaitStages("black", Map.of("black-0", "waiting window"));
        server.act("black", "abort", "{}");
        server.liveUntil("black", "aborted");
        assertThat(server.versions()).containsEntry("black-0", "1.0");
    }

    @Test
    void whoIsSelectedLaterComesLastOrIsLeftAloneAsTheRolloutSays() {
        for (String name : List.of("late", "left")) {
            server.device(name + "-0", "1.0", Behaviour.GOOD, name);
            server.device(name + "-1", "1.0", Behaviour.GOOD, name);
        }
        String waves = QUICK + ", waves: [{count: 1}, {percent: 100%, manual: true}]";
        server.declare("late", "late", "2.0", waves);
        server.declare("left", "left", "2.0", waves + ", joins: leave");
        server.act("late", "start", "{}");
        server.act("left", "start", "{}");
        server.liveUntil("late", "paused");
        server.liveUntil("left", "paused");
        server.device("late-2", "1.0", Behaviour.GOOD, "late");
        server.device("left-2", "1.0", Behaviour.GOOD, "left");
        server.settle();
        server.act("late", "resume", "{}");
        server.act("left", "resume", "{}");

        assertThat(server.liveUntil("late", "completed").path("counts").toString())
                .isEqualTo("{\"succeeded\":3}");
        assertThat(server.liveUntil("left", "completed").path("counts").toString())
                .isEqualTo("{\"succeeded\":2}");
        JsonNode last = server.get("/api/v1/rollouts/late/targets/late-2").path("target");
        assertThat(last.path("order").asInt()).isEqualTo(2);
        assertThat(last.path("wave").asString()).isEqualTo("wave-2");
        assertThat(server.decisions("late")).contains("join joined");
        assertThat(server.versions()).containsEntry("late-2", "2.0").containsEntry("left-2", "1.0");
    }

    @Test
    void whatARolloutDoesIsFixedOnceItHasStarted() {
        server.device("fixed-0", "1.0", Behaviour.SAYS_NOTHING, "fixed");
        server.declare("fixed", "fixed", "2.0", QUICK);
        server.act("fixed", "start", "{}");
        HttpResponse<String> answer = server.act("fixed", "start", "{}");
        assertThat(answer.statusCode()).isEqualTo(422);
        assertThat(answer.body()).contains("cannot be started: it is running; only a draft can be");
        HttpResponse<String> deleted = server.post("/api/v1/apply", """
                {"apiVersion":"muster.dev/v1","kind":"Rollout","metadata":{"name":"fixed"},
                 "spec":{"selector":"true","change":{"release":{"component":"app","version":"3.0"}}}}""");
        assertThat(deleted.body()).contains("what it does is fixed since it started");
        server.act("fixed", "abort", "{}");
        server.liveUntil("fixed", "aborted");
    }

    @Test
    void theReleaseThatAnAssetMayGoBackToIsHeld() {
        server.publish("app", "1.77");
        server.device("held-0", "1.77", Behaviour.GOOD, "held");
        server.declare("held", "held", "2.0", QUICK);
        server.act("held", "start", "{}");
        server.liveUntil("held", "completed");
        Map<ReleaseName, String> held = server.bean(ReleasesOfRollouts.class)
                .held(List.of(
                        new ReleaseName("app", "1.77"), new ReleaseName("app", "2.0"), new ReleaseName("os", "1.77")));
        assertThat(held)
                .containsOnlyKeys(new ReleaseName("app", "1.77"), new ReleaseName("app", "2.0"))
                .containsEntry(new ReleaseName("app", "1.77"), "is what 1 targets may go back to");
    }

    /** A statement-level trigger lets every nth write fail: a transaction that breaks off at any of its writes leaves nothing behind. */
    @Test
    void aRoundThatBreaksOffBetweenAnyTwoWritesIsAsIfItHadNotBeen() {
        for (int i = 0; i < 8; i++) {
            server.device("torn-" + i, "1." + i, i == 5 ? Behaviour.FAILS_TO_INSTALL : Behaviour.GOOD, "torn");
        }
        server.declare(
                "torn",
                "torn",
                "2.0",
                QUICK
                        + ", maxInFlight: 3, waves: [{count: 2}, {percent: 100%}], failures: {threshold: 60%, then: rollback}");
        List<String> tables = List.of(
                "rollout", "rollout_target", "rollout_step", "rollout_decision", "rollout_nudge", "twin_software");
        server.jdbc().execute("create sequence broken_off");
        server.jdbc().execute("""
                create function break_off() returns trigger language plpgsql as $$
                begin
                    if nextval('broken_off') % 13 = 0 then raise exception 'the power is gone'; end if;
                    return null;
                end $$""");
        server.act("torn", "start", "{}");
        for (String table : tables) {
            server.jdbc()
                    .execute("create trigger break_off after insert or update or delete on " + table
                            + " for each statement execute function break_off()");
        }
        try {
            JsonNode status = server.liveUntil("torn", "completed");
            assertThat(status.path("counts").toString()).isEqualTo("{\"failed\":1,\"succeeded\":7}");
            Long broken = server.jdbc().queryForObject("select last_value / 13 from broken_off", Long.class);
            assertThat(broken).as("transactions that broke off").isGreaterThan(2);
        } finally {
            tables.forEach(table -> server.jdbc().execute("drop trigger break_off on " + table));
        }
        assertThat(server.get("/api/v1/rollouts/torn/targets").path("items").valueStream())
                .as("each target was ordered once, and the failed one back")
                .allMatch(target -> target.path("attempt").asInt()
                        == (target.path("stage").asString().equals("failed") ? 2 : 1));
        assertThat(server.decisions("torn"))
                .containsExactly(
                        "start started",
                        "open_wave opened",
                        "gate pass",
                        "open_wave opened",
                        "gate pass",
                        "end completed");
    }
}
