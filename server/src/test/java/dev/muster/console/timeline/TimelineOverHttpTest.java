package dev.muster.console.timeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.testing.TestServer;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The timeline of an asset against a whole server, with what features have stored long ago put into their tables. */
class TimelineOverHttpTest {
    private static final String SPAN = "from=2026-11-20T10:00:00Z&to=2026-11-20T12:00:00Z";

    private static @Nullable TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.start();
        for (String id : new String[] {"pump-1", "pump-2"}) {
            post("/api/v1/assets", Map.of("id", id, "type", "sensor", "region", "eu"));
        }
        sql("""
                insert into presence_transition (asset, at, from_presence, to_presence, reason) values
                ('pump-1', '2026-11-20T08:00:00Z', 'never_seen', 'online', 'session_opened'),
                ('pump-1', '2026-11-20T10:30:00Z', 'online', 'stale', 'silent'),
                ('pump-1', '2026-11-20T10:40:00Z', 'stale', 'online', 'sign_of_life'),
                ('pump-1', '2026-11-20T13:00:00Z', 'online', 'offline', 'connection_lost'),
                ('pump-2', '2026-11-20T10:30:00Z', 'never_seen', 'online', 'session_opened')""");
        sql("""
                insert into twin_reported_history (asset, journal_offset, received, boot_id, report, drift_count) values
                ('pump-1', 1, '2026-11-20T09:00:00Z', 'b-1', '{}', 0),
                ('pump-1', 2, '2026-11-20T10:41:00Z', 'b-2', '{}', 0),
                ('pump-1', 3, '2026-11-20T10:50:00Z', 'b-2', '{}', 0)""");
        sql("""
                insert into command (id, asset_id, asset_type, name, parameters, timeout_ms, attempt, traceparent, created_at,
                                     created_by, status, settled_at, settled_by, detail)
                select uuid, 'pump-1', 'sensor', name, '{}', 1000, 1, 'x', at::timestamptz, 'ann', status, done::timestamptz,
                       'asset', detail::jsonb
                from (values
                  ('%s', 'early', '2026-11-20T08:00:00Z', 'succeeded', '2026-11-20T08:00:05Z', null),
                  ('%s', 'across', '2026-11-20T09:59:00Z', 'failed', '2026-11-20T10:01:00Z', '{"reason":"no space"}'),
                  ('%s', 'within', '2026-11-20T11:00:00Z', 'succeeded', '2026-11-20T11:00:01Z', '"fine"'))
                  as c (uuid, name, at, status, done, detail)""".formatted(
                        TimelineStore.firstIdOf(Instant.parse("2026-11-20T08:00:00Z")),
                        TimelineStore.firstIdOf(Instant.parse("2026-11-20T09:59:00Z")),
                        TimelineStore.firstIdOf(Instant.parse("2026-11-20T11:00:00Z"))));
        sql("""
                insert into rollout (name, spec, created, updated, resource_version, component, phase, phase_since, looked_at, started, ended)
                values ('r-1', '{}', now(), now(), 1, 'app', 'completed', now(), now(), '2026-11-20T10:00:00Z', '2026-11-20T11:30:00Z')""");
        sql("""
                insert into rollout_target (rollout, ord, wave, stage, since, asset, component)
                select id, 7, 0, 9, '2026-11-20T10:20:00Z', 'pump-1', 'app' from rollout""");
        sql("""
                insert into rollout_step (rollout, ord, at, stage, reason, attempt, detail)
                select id, 7, at::timestamptz, stage, reason, 1, detail from rollout,
                (values ('2026-11-20T10:10:00Z', 2, null, null), ('2026-11-20T10:15:00Z', 4, null, null),
                        ('2026-11-20T10:20:00Z', 9, 9, 'disk full')) as s (at, stage, reason, detail)""");
        sql("""
                insert into alert (fingerprint, name, severity, asset, labels, annotations, source, origin, state, since, starts_at,
                                   ends_at, last_wrong, recent_starts, evidence)
                values ('00000000000000aa', 'HotPump', 'page', 'pump-1', '{}', '{"summary":"too hot"}', 'rule/hot', 'rule', 'resolved',
                        '2026-11-20T11:10:00Z', '2026-11-20T11:00:00Z', '2026-11-20T11:10:00Z', now(), '[]', '{}')""");
        sql("""
                insert into event_log (position, at, type, subject, data) values
                (nextval('event_position'), '2026-11-20T10:05:00Z', 'alert.resolved', 'alert/00000000000000aa',
                 '{"startsAt":"2026-11-20T10:02:00Z"}'),
                (nextval('event_position'), '2026-11-20T10:06:00Z', 'asset.updated', 'asset/pump-1', '{}'),
                (nextval('event_position'), '2026-11-20T10:07:00Z', 'asset.restarted', 'asset/pump-1', '{"bootId":"b-1a"}'),
                (nextval('event_position'), '2026-11-20T10:08:00Z', 'twin.drifted', 'asset/pump-1',
                 '{"generation":4,"fields":["/config/rate"]}')""");
        sql("""
                insert into incident (number, title, severity, state, class, owner, opened_by, evidence_at, detected_at, about, assets,
                                      causes, updated)
                select number, title, 'major', 'open', 'x', '', 'y', '2026-11-20T11:00:00Z', '2026-11-20T11:01:00Z', about::jsonb, 1,
                       '[]', now()
                from (values (71, 'Hot', '[]'), (72, 'Region eu', '["asset.region == ''eu''"]'),
                             (73, 'Elsewhere', '["asset.id == ''pump-2''"]')) as i (number, title, about)""");
        sql("""
                insert into incident_alert (number, fingerprint, labels, summary, starts_at, fired_at)
                values (71, '00000000000000aa', '{"asset":"pump-1"}', 's', '2026-11-20T11:00:00Z', '2026-11-20T11:00:00Z')""");
        sql("""
                insert into certificate (serial, asset_id, fingerprint, key_hash, not_before, not_after, issued_at, origin, origin_ref,
                                         revoked_at, revoked_by, revoked_reason)
                values ('s1', 'pump-1', 'f', 'k', '2026-11-20T09:00:00Z', '2026-11-20T11:59:00Z', '2026-11-20T09:00:00Z',
                        'claim-token', 'c', null, null, null),
                       ('s2', 'pump-1', 'f', 'k', '2026-11-20T11:20:00Z', '2027-11-20T11:59:00Z', '2026-11-20T11:20:00Z',
                        'renewal', 'c', '2026-11-20T11:30:00Z', 'ann', 'stolen')""");
        sql("""
                insert into asset_file (id, asset_id, name, kind, media_type, size, sha256, taken_at, received_at, labels, until)
                values ('%s', 'pump-1', 'log.gz', 'log', 'x', 5, repeat('a', 64), now(), '2026-11-20T11:40:00Z', '{}', now())""".formatted(TimelineStore.firstIdOf(Instant.parse("2026-11-20T11:40:00Z"))));
    }

    @AfterAll
    static void stop() {
        server().close();
    }

    @Test
    void everyLaneHasWhatTouchesTheSpanAndNothingOfAnotherAsset() {
        assertThat(lines(timeline(server().adminToken(), SPAN)))
                .containsExactly(
                        "certificates 11:59 expired certificate: it was not renewed",
                        "files 11:40 received log.gz: log, 5 bytes -> file",
                        "certificates 11:30 revoked certificate: stolen; by ann -> certificate s2",
                        "certificates 11:20 issued certificate -> certificate s2",
                        "alerts 11:00-11:10 resolved HotPump: page; too hot -> alert 00000000000000aa",
                        "commands 11:00-11:00 succeeded within: by ann -> command",
                        "incidents 11:00-… open INC-71 Hot -> incident 71",
                        "incidents 11:00-… open INC-72 Region eu -> incident 72",
                        "restarts 10:41 restarted boot b-2",
                        "presence 10:40-13:00 online: sign_of_life",
                        "presence 10:30-10:40 stale: silent",
                        "rollouts 10:20-10:20 failed r-1: app: reported; disk full -> rollout r-1",
                        "rollouts 10:15-10:20 downloading r-1: app -> rollout r-1",
                        "rollouts 10:10-10:15 ordered r-1: app -> rollout r-1",
                        "configuration 10:08 drifted generation 4: /config/rate -> twin 4",
                        "restarts 10:07 restarted boot b-1a",
                        "record 10:06 updated asset updated",
                        "alerts 10:02-10:05 resolved HotPump: page; too hot -> alert 00000000000000aa",
                        "commands 09:59-10:01 failed across: no space; by ann -> command",
                        "presence 08:00-10:30 online: session_opened");
    }

    @Test
    void aLaneGivesItsNewestAndSaysThatThereIsMore() {
        JsonNode answer = timeline(server().adminToken(), SPAN + "&limit=1&lanes=presence,commands,files");

        assertThat(lines(answer))
                .containsExactly(
                        "files 11:40 received log.gz: log, 5 bytes -> file",
                        "commands 11:00-11:00 succeeded within: by ann -> command",
                        "presence 10:40-13:00 online: sign_of_life");
        assertThat(lanes(answer)).isEqualTo(Map.of("presence", "more", "commands", "more", "files", "all"));
    }

    @Test
    void whatTheCallerMayNotReadIsLeftOutAndNamed() {
        JsonNode answer = timeline(token("viewer"), SPAN + "&lanes=files,certificates");

        assertThat(lanes(answer)).containsEntry("certificates", "all");
        assertThat(lanes(answer).get("files")).contains("needs the role operator");
        assertThat(lines(answer)).noneMatch(line -> line.startsWith("files"));
    }

    @Test
    void whoLooksAgainAndAgainUsesUpNoConnections() {
        for (int times = 0; times < 30; times++) {
            timeline(server().adminToken(), SPAN + "&lanes=commands,configuration,files");
        }
    }

    private static List<String> lines(JsonNode answer) {
        return StreamSupport.stream(answer.path("entries").spliterator(), false)
                .map(TimelineOverHttpTest::line)
                .toList();
    }

    private static String line(JsonNode entry) {
        String at = time(entry.path("at"));
        String until =
                entry.path("open").asBoolean() ? "-…" : entry.has("until") ? "-" + time(entry.path("until")) : "";
        String lane = entry.path("lane").asString();
        String reason = entry.path("reason").asString();
        boolean told = !reason.isEmpty()
                && !List.of("restarts", "incidents").contains(lane)
                && !reason.contains("valid until");
        String kind = entry.path("object").path("kind").asString("");
        String name = List.of("command", "file").contains(kind)
                        || entry.path("state").asString().equals("expired")
                ? ""
                : " " + entry.path("object").path("name").asString("");
        String title = entry.path("title").asString();
        String state = entry.path("state").asString();
        return lane + " " + at + until + " " + state + (title.equals(state) ? "" : " " + title)
                + (told ? ": " + reason : "")
                + (kind.isEmpty() || state.equals("expired") ? "" : " -> " + kind + name);
    }

    private static String time(JsonNode at) {
        return at.asString().substring(11, 16);
    }

    private static Map<String, String> lanes(JsonNode answer) {
        Map<String, String> lanes = new TreeMap<>();
        answer.path("lanes")
                .forEach(lane -> lanes.put(
                        lane.path("lane").asString(),
                        lane.path("withheld").asString(lane.path("complete").asBoolean() ? "all" : "more")));
        return lanes;
    }

    private static JsonNode timeline(String token, String query) {
        HttpResponse<String> answer = server().send(server().request("/api/v1/assets/pump-1/timeline?" + query)
                .header("Authorization", "Bearer " + token)
                .GET());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return JsonMapper.shared().readTree(answer.body());
    }

    private static String token(String role) {
        return post("/api/v1/tokens", Map.of("name", "one-" + role, "role", role))
                .path("secret")
                .asString();
    }

    private static JsonNode post(String path, Map<String, String> body) {
        HttpResponse<String> answer = server().send(server().adminRequest(path)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(JsonMapper.shared().writeValueAsString(body))));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
        return JsonMapper.shared().readTree(answer.body());
    }

    private static void sql(String statement) {
        server().bean(JdbcClient.class).sql(statement).update();
    }

    private static TestServer server() {
        return Objects.requireNonNull(server);
    }
}
