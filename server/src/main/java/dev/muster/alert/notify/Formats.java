package dev.muster.alert.notify;

import dev.muster.alert.notify.Content.Item;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is sent in each format. Pure: content and channel in, body out; secrets are filled in later. */
final class Formats {
    private static final Instant NEVER = Instant.parse("0001-01-01T00:00:00Z");
    private static final int MAX_SUMMARY = 1_024;
    private static final int SHOWN = 10;

    private Formats() {}

    /** @param id of the notification: the same whenever it is tried again @param external address of this server for people */
    static Object body(Channel.Http channel, Content content, String id, String external) {
        return switch (channel.kind()) {
            case "cloudevents" -> cloudEvent(content, id, external);
            case "slack" -> slack(channel, content, external);
            case "pagerduty" -> pagerDuty(channel, content, external);
            case "jira" -> jira(channel, content, id, external);
            case "servicenow" -> serviceNow(channel, content, external);
            case "alertmanager" ->
                content.alerts().stream().map(item -> posted(item, external)).toList();
            default -> webhook(content, external);
        };
    }

    static String contentType(Channel.Http channel) {
        return channel.kind().equals("cloudevents") ? "application/cloudevents+json" : "application/json";
    }

    /** Where it is sent: that of the channel, with the path of the API where it is given as a server. */
    static String url(Channel.Http channel) {
        String url = channel.url();
        String plain = url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
        return switch (channel.kind()) {
            case "alertmanager" -> plain.endsWith("/alerts") ? plain : plain + "/api/v2/alerts";
            case "jira" -> plain.contains("/rest/") ? plain : plain + "/rest/api/2/issue";
            case "servicenow" -> plain.contains("/api/") ? plain : plain + "/api/now/table/incident";
            default -> url;
        };
    }

    /** Alertmanager's webhook, version 4. */
    static Map<String, Object> webhook(Content content, String external) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("version", "4");
        body.put("groupKey", content.key());
        body.put("truncatedAlerts", content.truncated());
        body.put("status", content.status());
        body.put("receiver", content.receiver());
        body.put("groupLabels", content.groupLabels());
        body.put(
                "commonLabels",
                Content.common(content.alerts().stream().map(Item::labels).toList()));
        body.put(
                "commonAnnotations",
                Content.common(content.alerts().stream().map(Item::annotations).toList()));
        body.put("externalURL", external);
        body.put(
                "alerts",
                content.alerts().stream().map(item -> sent(item, external)).toList());
        return body;
    }

    private static Map<String, Object> sent(Item item, String external) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("status", item.status());
        body.put("labels", item.labels());
        body.put("annotations", item.annotations());
        body.put("startsAt", item.startsAt());
        body.put("endsAt", item.endsAt() == null ? NEVER : item.endsAt());
        body.put("generatorURL", link(item, external));
        body.put("fingerprint", item.fingerprint());
        return body;
    }

    /** As Prometheus posts it to an Alertmanager. Without an end it is over there after that one's resolve timeout. */
    private static Map<String, Object> posted(Item item, String external) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("labels", item.labels());
        body.put("annotations", item.annotations());
        body.put("startsAt", item.startsAt());
        if (item.endsAt() != null) {
            body.put("endsAt", item.endsAt());
        }
        body.put("generatorURL", link(item, external));
        return body;
    }

    private static Map<String, Object> cloudEvent(Content content, String id, String external) {
        Map<String, Object> event = new LinkedHashMap<>();
        event.put("specversion", "1.0");
        event.put("id", id);
        event.put("source", external.isEmpty() ? "/muster" : external);
        event.put("type", "dev.muster.alert." + content.status());
        event.put("subject", content.key());
        event.put("time", content.at());
        event.put("datacontenttype", "application/json");
        event.put("data", webhook(content, external));
        return event;
    }

    private static Map<String, Object> slack(Channel.Http channel, Content content, String external) {
        Map<String, Object> attachment = new LinkedHashMap<>();
        attachment.put("color", content.status().equals("firing") ? "danger" : "good");
        attachment.put("fallback", content.title());
        attachment.put("title", content.title());
        if (!external.isEmpty()) {
            attachment.put("title_link", external);
        }
        attachment.put("text", text(content, external));
        attachment.put("ts", content.at().getEpochSecond());
        Map<String, Object> body = new LinkedHashMap<>();
        if (channel.options().containsKey("channel")) {
            body.put("channel", channel.options().get("channel"));
        }
        body.put("text", content.title());
        body.put("attachments", List.of(attachment));
        return body;
    }

    /** Events API v2. The group is one incident there: opened, changed and closed by the same {@code dedup_key}. */
    private static Map<String, Object> pagerDuty(Channel.Http channel, Content content, String external) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("routing_key", channel.options().getOrDefault("routingKey", ""));
        body.put("event_action", content.status().equals("firing") ? "trigger" : "resolve");
        body.put("dedup_key", dedupKey(content.key(), content.receiver()));
        body.put("client", "Muster");
        if (!external.isEmpty()) {
            body.put("client_url", external);
        }
        Item first = content.alerts().getFirst();
        Map<String, Object> payload = new LinkedHashMap<>();
        payload.put("summary", cut(content.title(), MAX_SUMMARY));
        payload.put(
                "source", first.labels().getOrDefault("asset", first.labels().getOrDefault("gateway", "muster")));
        payload.put("severity", content.isPage() ? "critical" : "warning");
        payload.put("timestamp", first.startsAt());
        put(payload, "component", first.labels().get("type"));
        put(payload, "group", first.labels().get("owner"));
        put(payload, "class", first.labels().get("alertname"));
        payload.put(
                "custom_details",
                Map.of(
                        "firing", content.firing(),
                        "truncated", content.truncated(),
                        "alerts",
                                content.alerts().stream()
                                        .limit(SHOWN)
                                        .map(Item::summary)
                                        .toList(),
                        "labels", first.labels()));
        body.put("payload", payload);
        return body;
    }

    /** Jira: POST /rest/api/2/issue. The label is how a repeat is found. */
    private static Map<String, Object> jira(Channel.Http channel, Content content, String id, String external) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("project", Map.of("key", channel.options().getOrDefault("project", "")));
        fields.put("issuetype", Map.of("name", channel.options().getOrDefault("issueType", "Task")));
        fields.put(
                "summary",
                cut(filled(channel.options().get("summary"), content, content.title()), 254)
                        .replace('\n', ' '));
        fields.put("description", filled(channel.options().get("description"), content, text(content, external)));
        fields.put("labels", List.of("muster", "muster-" + id));
        return Map.of("fields", fields);
    }

    /** ServiceNow: Table API, table incident; the same group has the same {@code correlation_id}. */
    private static Map<String, Object> serviceNow(Channel.Http channel, Content content, String external) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("short_description", cut(filled(channel.options().get("summary"), content, content.title()), 160));
        body.put("description", filled(channel.options().get("description"), content, text(content, external)));
        body.put("correlation_id", dedupKey(content.key(), content.receiver()));
        body.put("correlation_display", "Muster");
        body.put("urgency", content.isPage() ? "1" : "3");
        body.put("impact", content.isPage() ? "1" : "3");
        if (content.status().equals("resolved")) {
            body.put("state", "6");
        }
        put(body, "assignment_group", channel.options().get("assignmentGroup"));
        return body;
    }

    /** Each alert in a line or two, for mail and chat. */
    static String text(Content content, String external) {
        StringBuilder text = new StringBuilder();
        content.alerts().stream().limit(SHOWN).forEach(item -> {
            text.append(item.status().equals("firing") ? "FIRING   " : "RESOLVED ")
                    .append(item.summary())
                    .append('\n');
            text.append("         since ").append(item.startsAt());
            if (item.endsAt() != null) {
                text.append(" until ").append(item.endsAt());
            }
            text.append("  ").append(item.labels()).append('\n');
            String description = item.annotations().get("description");
            if (description != null) {
                text.append("         ").append(description).append('\n');
            }
            String runbook = item.annotations().get("runbook_url");
            if (runbook != null) {
                text.append("         runbook: ").append(runbook).append('\n');
            }
            text.append("         muster alert ack ").append(item.fingerprint());
            if (!external.isEmpty()) {
                text.append("   ").append(link(item, external));
            }
            text.append('\n');
        });
        int more = content.alerts().size() + content.truncated() - SHOWN;
        if (more > 0) {
            text.append("and ").append(more).append(" more\n");
        }
        return text.toString();
    }

    static String dedupKey(String groupKey, String receiver) {
        return hash(groupKey + '\n' + receiver);
    }

    /** The first 32 hexadecimal digits of its SHA-256. */
    static String hash(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 16);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }

    private static String link(Item item, String external) {
        boolean foreign = item.origin().startsWith("http://") || item.origin().startsWith("https://");
        return foreign || external.isEmpty() ? item.origin() : external + "/api/v1/alerts/" + item.fingerprint();
    }

    private static String filled(@Nullable String template, Content content, String otherwise) {
        if (template == null || template.isBlank()) {
            return otherwise;
        }
        String full = template.replace("{{title}}", content.title()).replace("{{status}}", content.status());
        List<Map.Entry<String, String>> words = new ArrayList<>(
                Content.common(content.alerts().stream().map(Item::labels).toList())
                        .entrySet());
        for (Map.Entry<String, String> word : words) {
            full = full.replace("{{" + word.getKey() + "}}", word.getValue());
        }
        return full;
    }

    private static void put(Map<String, Object> into, String name, @Nullable String value) {
        if (value != null) {
            into.put(name, value);
        }
    }

    private static String cut(String text, int length) {
        return text.length() <= length ? text : text.substring(0, length - 1) + "…";
    }
}
