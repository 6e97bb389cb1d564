package dev.muster.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.cli.Cli.Result;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AlertCommandsTest {
    private static final String ALERT = """
            {"fingerprint":"41207185705b5996","name":"Hot","severity":"page","state":"firing","since":"2026-11-26T08:00:00Z",
             "summary":"pi-1: coolant is 104","source":"rule/Hot","labels":{"alertname":"Hot"},"silencedBy":["s-1"],"inhibitedBy":[]}""";
    private static final String WHY = """
            {"answer":"ann was notified at 08:00","routes":[{"route":"{}","matched":true,"why":""},
             {"route":"{team=x}","matched":false,"why":"no label team"}],
             "steps":[{"at":"2026-11-26T08:00:01Z","outcome":"told fleet (new)"}],
             "notifications":[{"created":"2026-11-26T08:00:01Z","recipient":"ann","channel":"email","state":"waiting","error":"away"}]}""";
    private static final String TOLD = """
            ann was notified at 08:00
            routes:
              takes  {}
              no     {team=x}   no label team
            decisions:
              2026-11-26T08:00:01Z  told fleet (new)
            notifications:
              2026-11-26T08:00:01Z  ann over email: waiting, away
            """;

    private final FakeServer server;

    AlertCommandsTest() throws IOException {
        server = new FakeServer();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private Result run(String... words) {
        return Cli.at(server).run(words);
    }

    private static Result said(String text) {
        return new Result(0, text, "");
    }

    @Test
    void getShowsAlertsAndRules() {
        server.answers(
                "GET /api/v1/alerts",
                200,
                "{\"items\":[" + ALERT.replace("\"since\":\"2026-11-26T08:00:00Z\",", "") + "]}");
        assertThat(run("get", "alerts").out().lines().map(String::stripTrailing))
                .containsExactly(
                        "FINGERPRINT       SEVERITY  STATE   SINCE  NAME  SUMMARY               ACKNOWLEDGED  HELD",
                        "41207185705b5996  page      firing  -      Hot   pi-1: coolant is 104  -             silenced");
        server.answers("GET /api/v1/alert-rules", 200, """
                {"items":[{"metadata":{"name":"Drift"},"spec":{"severity":"ticket","for":"30m","condition":{"expression":{"cel":"asset.drift > 0"}}},
                  "status":{"counts":{"wrong":1,"unknown":2,"fine":3}}},
                 {"metadata":{"name":"Full"},"spec":{"severity":"ticket","condition":{"threshold":{"metric":"disk.free","below":1}}}}]}""");
        assertThat(run("get", "alert-rules").out().lines().map(String::stripTrailing))
                .containsExactly(
                        "NAME   SEVERITY  CONDITION                            FOR  WRONG  UNKNOWN  FINE  EVALUATED",
                        "Drift  ticket    asset.drift > 0                      30m  1      2        3     -",
                        "Full   ticket    threshold: metric=disk.free,below=1  -    -      -        -     -");
    }

    @Test
    void noneThatFiresIsNoneAtAllOnlyWhereAllWereAskedFor() {
        server.answers("GET /api/v1/alerts", 200, "{\"items\":[]}");
        String hint = "no alert fires; muster alert list --state all shows those that are over\n";
        assertThat(run("get", "alerts").err()).isEqualTo(hint);
        server.answers("GET /api/v1/alerts?state=firing", 200, "{\"items\":[]}");
        assertThat(run("alert", "list").err()).isEqualTo(hint);
        server.answers("GET /api/v1/alerts?state=all", 200, "{\"items\":[]}");
        assertThat(run("alert", "list", "--state", "all").err()).isEqualTo("no alerts\n");
    }

    @Test
    void aRuleIsTestedAndWhatCouldNotBeReplayedFails() throws IOException {
        java.nio.file.Path file = java.nio.file.Files.createTempFile("rule", ".yaml");
        try {
            java.nio.file.Files.writeString(
                    file,
                    "kind: AlertRule\nmetadata: {name: Hot}\nspec: {condition: {threshold: {metric: x, above: 1}}}\n");
            server.answers("POST /api/v1/alert-rules/test", 200, """
                    {"rule":"Hot","condition":"x > 1","from":"A","to":"B","evaluations":10,"assets":2,"fired":1,"assetsHit":1,
                     "notifications":2,"givenUp":3,"firings":[{"firedAt":"F","resolvedAt":"R","summary":"pi-1: x is 2"}],
                     "told":[{"receiver":"default","notifications":2,"why":{"new":1,"resolved":1}}],"notes":["so"],"cannot":["only half"]}""");
            Result result = run("alert", "test", file.toString(), "--since", "1h");
            assertThat(result.out()).isEqualTo("""
                    Hot (x > 1) from A to B: looked at 2 assets, 10 times
                    would have fired 1 times for 1 assets, and told 2 times; wrong for too short a time: 3 times
                      F  until R  pi-1: x is 2
                      default: 2 {"new":1,"resolved":1}
                    note: so
                    """);
            assertThat(result.code()).isEqualTo(1);
            assertThat(result.err()).contains("only half");
            assertThat(server.requests.getLast().body())
                    .isEqualTo(
                            "{\"name\":\"Hot\",\"spec\":{\"condition\":{\"threshold\":{\"metric\":\"x\",\"above\":1}}},\"since\":\"1h\"}");
        } finally {
            java.nio.file.Files.delete(file);
        }
    }

    @Test
    void stopOfARunPrintsTheStateThatFollows() {
        String run = "{\"id\":\"r-1\",\"runbook\":\"wide\",\"phase\":\"%s\",\"reason\":\"%s\"%s}";
        server.answers("POST /api/v1/runbook-runs/r-1/stop", 200, run.formatted("running", "", ""));
        server.answers(
                "GET /api/v1/runbook-runs/r-1",
                200,
                run.formatted("stopped", "stopped by token ann", ",\"endedAt\":\"2026-11-26T08:00:00Z\""));
        assertThat(run("runbook", "stop", "r-1")).isEqualTo(said("run r-1 of wide is stopped: stopped by token ann\n"));
    }

    @Test
    void ackExplainAndWhySayItInLines() {
        server.answers(
                "POST /api/v1/alerts/41207185705b5996/acknowledge",
                200,
                "{\"name\":\"Hot\",\"acknowledgement\":{\"by\":\"ann\"}}");
        assertThat(run("alert", "ack", "41207185705b5996", "-m", "on my way"))
                .isEqualTo(said("Hot (41207185705b5996) is acknowledged by ann\n"));
        assertThat(server.requests.getLast().body()).isEqualTo("{\"note\":\"on my way\"}");

        server.answers("GET /api/v1/alerts/41207185705b5996/why?person=ann", 200, WHY);
        assertThat(run("alert", "why", "41207185705b5996", "-p", "ann")).isEqualTo(said(TOLD));

        server.answers(
                "GET /api/v1/alerts/41207185705b5996/explain",
                200,
                "{\"alert\":" + ALERT + ",\"evidence\":{\"value\":104},\"assets\":3,\"why\":" + WHY + "}");
        assertThat(run("alert", "explain", "41207185705b5996")).isEqualTo(said("""
                        Hot: pi-1: coolant is 104
                          page, firing since 2026-11-26T08:00:00Z, said by rule/Hot
                          labels    {"alertname":"Hot"}
                          evidence  {"value":104}
                          assets    3; muster alert assets 41207185705b5996
                        """ + TOLD));
    }

    @Test
    void silencesShowWhatTheyHide() {
        server.answers(
                "POST /api/v1/silences/preview",
                200,
                "{\"alerts\":1,\"firing\":1,\"pages\":1,\"first\":[" + ALERT + "]}");
        server.answers("POST /api/v1/silences", 201, "{\"id\":\"s-1\",\"endsAt\":\"2026-11-26T10:00:00Z\"}");
        server.answers("DELETE /api/v1/silences/s-1", 204, "");
        String hidden = "hides 1 alert: 1 firing, 1 of them pages\n  41207185705b5996  page  pi-1: coolant is 104\n";
        assertThat(run("silence", "preview", "site=hall-3")).isEqualTo(said(hidden));
        assertThat(run("silence", "add", "site=hall-3", "-d", "2h", "-m", "racks"))
                .isEqualTo(said(hidden + "s-1 until 2026-11-26T10:00:00Z\n"));
        assertThat(server.requests.getLast().body())
                .isEqualTo("{\"matchers\":[\"site=hall-3\"],\"duration\":\"2h\",\"comment\":\"racks\"}");
        assertThat(run("silence", "expire", "s-1")).isEqualTo(said("silence s-1 is over\n"));
    }

    @Test
    void onCallSaysWhoAndWhoStandsIn() {
        server.answers("GET /api/v1/on-call", 200, "[{\"schedule\":\"fleet\",\"person\":\"ann\"}]");
        assertThat(run("oncall", "now").out()).isEqualTo("SCHEDULE  PERSON\nfleet     ann\n");
        server.answers(
                "POST /api/v1/on-call/fleet/overrides",
                201,
                "{\"person\":\"bob\",\"endsAt\":\"2026-12-24T20:00:00Z\"}");
        assertThat(run("oncall", "override", "fleet", "bob", "--to", "2026-12-24T20:00:00Z"))
                .isEqualTo(said("bob stands in on fleet until 2026-12-24T20:00:00Z\n"));
        assertThat(server.requests.getLast().body()).isEqualTo("{\"person\":\"bob\",\"to\":\"2026-12-24T20:00:00Z\"}");
    }
}
