package dev.muster.alert.notify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.alert.notify.Content.Item;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The whole bodies that go out, each in the words of whoever takes them. */
class FormatsTest {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String EXTERNAL = "https://muster.example.org";
    private static final Instant START = Instant.parse("2026-11-26T08:00:00Z");
    private static final String ID = "n-1";
    private static final String KEY = "{}:{alertname=\"Hot\"}";

    private static Content content(String status) {
        boolean firing = status.equals("firing");
        Item item = new Item(
                status,
                new TreeMap<>(Map.of(
                        "alertname", "Hot", "asset", "truck-1", "type", "truck", "owner", "night", "severity", "page")),
                Map.of("summary", "truck-1: coolant is 104, above 95"),
                START,
                firing ? null : START.plusSeconds(600),
                "00c0ffee00c0ffee",
                "page",
                "/api/v1/alert-rules/Hot");
        return new Content(
                "night",
                "new",
                status,
                KEY,
                new TreeMap<>(Map.of("alertname", "Hot")),
                List.of(item),
                0,
                START.plusSeconds(630));
    }

    private static JsonNode body(String kind, Map<String, String> options, String status) {
        Channel.Http channel = new Channel.Http(kind, "https://there.example.org/", Map.of(), options);
        return JSON.readTree(JSON.writeValueAsBytes(Formats.body(channel, content(status), ID, EXTERNAL)));
    }

    private static JsonNode json(String text) {
        return JSON.readTree(text.replace('\'', '"').replace("DEDUP", Formats.dedupKey(KEY, "night")));
    }

    private static final String LABELS =
            "{'alertname': 'Hot', 'asset': 'truck-1', 'owner': 'night', 'severity': 'page', 'type': 'truck'}";
    private static final String FIRING_HOOK = """
            {'version': '4', 'groupKey': "{}:{alertname=\\"Hot\\"}", 'truncatedAlerts': 0, 'status': 'firing', 'receiver': 'night',
             'groupLabels': {'alertname': 'Hot'}, 'commonLabels': LABELS,
             'commonAnnotations': {'summary': 'truck-1: coolant is 104, above 95'}, 'externalURL': 'https://muster.example.org',
             'alerts': [{'status': 'firing', 'labels': LABELS, 'annotations': {'summary': 'truck-1: coolant is 104, above 95'},
               'startsAt': '2026-11-26T08:00:00Z', 'endsAt': '0001-01-01T00:00:00Z',
               'generatorURL': 'https://muster.example.org/api/v1/alerts/00c0ffee00c0ffee', 'fingerprint': '00c0ffee00c0ffee'}]}
            """.replace("LABELS", LABELS);
    private static final String TEXT =
            "FIRING   truck-1: coolant is 104, above 95\\n         since 2026-11-26T08:00:00Z  {alertname=Hot,"
                    + " asset=truck-1, owner=night, severity=page, type=truck}\\n         muster alert ack 00c0ffee00c0ffee  "
                    + " https://muster.example.org/api/v1/alerts/00c0ffee00c0ffee\\n";

    @Test
    void webhookIsAlertmanagersVersion4() {
        assertThat(body("webhook", Map.of(), "firing")).isEqualTo(json(FIRING_HOOK));
        JsonNode over = body("webhook", Map.of(), "resolved");
        assertThat(over.path("status").asString()).isEqualTo("resolved");
        assertThat(over.path("alerts").path(0).path("endsAt").asString()).isEqualTo("2026-11-26T08:10:00Z");
    }

    @Test
    void cloudEventsIsStructured() {
        assertThat(body("cloudevents", Map.of(), "firing")).isEqualTo(json("""
                {'specversion': '1.0', 'id': 'n-1', 'source': 'https://muster.example.org', 'type': 'dev.muster.alert.firing',
                 'subject': "{}:{alertname=\\"Hot\\"}", 'time': '2026-11-26T08:10:30Z', 'datacontenttype': 'application/json',
                 'data': DATA}""".replace("DATA", FIRING_HOOK)));
    }

    @Test
    void slackIsAnIncomingWebhook() {
        assertThat(body("slack", Map.of("channel", "#fleet"), "firing")).isEqualTo(json("""
                {'channel': '#fleet', 'text': '[FIRING:1] truck-1: coolant is 104, above 95', 'attachments': [
                  {'color': 'danger', 'fallback': '[FIRING:1] truck-1: coolant is 104, above 95',
                   'title': '[FIRING:1] truck-1: coolant is 104, above 95', 'title_link': 'https://muster.example.org',
                   'text': 'TEXT', 'ts': 1795680630}]}""".replace("TEXT", TEXT)));
        JsonNode over = body("slack", Map.of(), "resolved");
        assertThat(over.has("channel")).isFalse();
        assertThat(over.path("attachments").path(0).path("color").asString()).isEqualTo("good");
    }

    @Test
    void pagerDutyOpensAndClosesOneIncidentOfAGroup() {
        assertThat(body("pagerduty", Map.of("routingKey", "r-1"), "firing"))
                .isEqualTo(json("""
                {'routing_key': 'r-1', 'event_action': 'trigger', 'dedup_key': 'DEDUP', 'client': 'Muster',
                 'client_url': 'https://muster.example.org',
                 'payload': {'summary': '[FIRING:1] truck-1: coolant is 104, above 95', 'source': 'truck-1', 'severity': 'critical',
                   'timestamp': '2026-11-26T08:00:00Z', 'component': 'truck', 'group': 'night', 'class': 'Hot',
                   'custom_details': {'firing': 1, 'truncated': 0, 'alerts': ['truck-1: coolant is 104, above 95'], 'labels': LABELS}}}""".replace("LABELS", LABELS)));
        JsonNode over = body("pagerduty", Map.of("routingKey", "r-1"), "resolved");
        assertThat(over.path("event_action").asString()).isEqualTo("resolve");
        assertThat(over.path("dedup_key").asString())
                .isEqualTo(Formats.dedupKey(KEY, "night"))
                .hasSize(32);
    }

    @Test
    void jiraIsAnIssueWithItsTemplatesFilledIn() {
        assertThat(body(
                        "jira",
                        Map.of("project", "OPS", "issueType", "Bug", "summary", "{{asset}}: {{title}}"),
                        "firing"))
                .isEqualTo(json("""
                        {'fields': {'project': {'key': 'OPS'}, 'issuetype': {'name': 'Bug'},
                          'summary': 'truck-1: [FIRING:1] truck-1: coolant is 104, above 95', 'description': 'TEXT',
                          'labels': ['muster', 'muster-n-1']}}""".replace("TEXT", TEXT)));
    }

    @Test
    void serviceNowIsAnIncidentOfTheGroup() {
        assertThat(body(
                        "servicenow",
                        Map.of("assignmentGroup", "fleet", "description", "{{status}}: {{owner}}"),
                        "firing"))
                .isEqualTo(json("""
                        {'short_description': '[FIRING:1] truck-1: coolant is 104, above 95', 'description': 'firing: night',
                         'correlation_id': 'DEDUP', 'correlation_display': 'Muster', 'urgency': '1', 'impact': '1',
                         'assignment_group': 'fleet'}"""));
        assertThat(body("servicenow", Map.of(), "resolved").path("state").asString())
                .isEqualTo("6");
    }

    @Test
    void alertmanagerIsPostedToAsPrometheusDoes() {
        String alert = """
                [{'labels': LABELS, 'annotations': {'summary': 'truck-1: coolant is 104, above 95'},
                  'startsAt': '2026-11-26T08:00:00Z'END, 'generatorURL': 'https://muster.example.org/api/v1/alerts/00c0ffee00c0ffee'}]""".replace("LABELS", LABELS);
        assertThat(body("alertmanager", Map.of(), "firing")).isEqualTo(json(alert.replace("END", "")));
        assertThat(body("alertmanager", Map.of(), "resolved"))
                .isEqualTo(json(alert.replace("END", ", 'endsAt': '2026-11-26T08:10:00Z'")));
    }

    @ParameterizedTest
    @CsvSource({
        "jira, new, true",
        "jira, escalated, true",
        "jira, repeated, false",
        "jira, resolved, false",
        "servicenow, resolved, false",
        "pagerduty, resolved, true",
        "webhook, repeated, true"
    })
    void aTicketIsOpenedOnceUnlessItsTemplateWantsUpdates(String kind, String why, boolean hears) {
        assertThat(new Channel.Http(kind, "https://x.example.org", Map.of(), Map.of()).hears(why))
                .isEqualTo(hears);
        assertThat(new Channel.Http(kind, "https://x.example.org", Map.of(), Map.of("updates", "true")).hears(why))
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "alertmanager, https://a.example.org/, https://a.example.org/api/v2/alerts",
        "alertmanager, https://a.example.org/x/api/v2/alerts, https://a.example.org/x/api/v2/alerts",
        "jira, https://j.example.org, https://j.example.org/rest/api/2/issue",
        "servicenow, https://s.example.org/, https://s.example.org/api/now/table/incident",
        "slack, https://hooks.example.org/x/, https://hooks.example.org/x/"
    })
    void anAddressOfAServerBecomesThatOfItsApi(String kind, String given, String called) {
        assertThat(Formats.url(new Channel.Http(kind, given, Map.of(), Map.of())))
                .isEqualTo(called);
    }
}
