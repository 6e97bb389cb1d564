package dev.muster.alert.door;

import dev.muster.alert.Fingerprint;
import dev.muster.alert.Signal;
import dev.muster.alert.state.Alert;
import dev.muster.alert.state.AlertStore;
import dev.muster.alert.state.Alerts;
import dev.muster.identity.Actor;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/** Makes alerts of events of PagerDuty's Events API v2: those of one {@code dedup_key} are one alert. */
@Component
class PagerDutyEvents {
    static final String SOURCE = "pagerduty";
    private static final int MAX_KEY = 255;
    private static final int MAX_SUMMARY = 1_024;

    private final Alerts alerts;
    private final AlertStore store;
    private final Clock clock;

    PagerDutyEvents(Alerts alerts, AlertStore store, Clock clock) {
        this.alerts = alerts;
        this.store = store;
        this.clock = clock;
    }

    /**
     * Who sent an event.
     *
     * @param source whose alerts they are; nobody ends those of another
     * @param labels that every one has, whatever the event says
     */
    record Sender(Actor actor, String source, Map<String, String> labels) {}

    /** @return the dedup_key. @throws Refusal when it is no event */
    String take(Sender sender, JsonNode event) {
        Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        String action = event.path("event_action").asString("");
        JsonNode payload = event.path("payload");
        String summary = payload.path("summary").asString("");
        String key = event.path("dedup_key").asString("");
        if (key.length() > MAX_KEY || summary.length() > MAX_SUMMARY) {
            throw invalid("dedup_key has at most " + MAX_KEY + " characters, summary at most " + MAX_SUMMARY);
        }
        if (key.isEmpty() && action.equals("trigger")) {
            key = Fingerprint.of(new TreeMap<>(
                    Map.of("summary", summary, "source", payload.path("source").asString(""))));
        }
        if (key.isEmpty()) {
            throw invalid("dedup_key is missing: it says which alert is meant");
        }
        switch (action) {
            case "trigger" -> {
                if (summary.isBlank() || payload.path("source").asString("").isBlank()) {
                    throw invalid("payload.summary and payload.source are needed for a trigger");
                }
                alerts.take(sender.source(), List.of(signal(sender, event, key, now)));
            }
            case "resolve" ->
                find(sender, key).ifPresent(alert -> alerts.take(sender.source(), List.of(over(alert, now))));
            case "acknowledge" ->
                find(sender, key)
                        .filter(Alert::isFiring)
                        .ifPresent(alert -> alerts.acknowledge(sender.actor(), alert.fingerprint(), SOURCE));
            default -> throw invalid("event_action is trigger, acknowledge or resolve");
        }
        return key;
    }

    /** The open alert of a key; what else is in its labels only the trigger says. */
    private Optional<Alert> find(Sender sender, String key) {
        return store.openOf(sender.source()).stream()
                .filter(alert -> key.equals(alert.labels().get("dedup_key")))
                .findFirst();
    }

    private static Signal over(Alert alert, Instant now) {
        return new Signal(alert.labels(), alert.annotations(), alert.startsAt(), Optional.of(now), alert.origin());
    }

    private static Signal signal(Sender sender, JsonNode event, String key, Instant now) {
        JsonNode payload = event.path("payload");
        SortedMap<String, String> labels = new TreeMap<>();
        String name = payload.path("class").asString("");
        labels.put(Signal.NAME, name.isBlank() ? "PagerDutyEvent" : name);
        labels.put("dedup_key", key);
        labels.put(
                Signal.SEVERITY,
                switch (payload.path("severity").asString("")) {
                    case "critical", "error" -> Alert.PAGE;
                    case "info" -> "info";
                    default -> Alert.TICKET;
                });
        put(labels, "source", payload.path("source").asString(""));
        put(labels, "component", payload.path("component").asString(""));
        put(labels, "group", payload.path("group").asString(""));
        labels.putAll(sender.labels());
        Map<String, String> annotations = new LinkedHashMap<>();
        annotations.put("summary", payload.path("summary").asString(""));
        if (!payload.path("custom_details").isEmpty()) {
            String details = payload.path("custom_details").toString();
            annotations.put("description", details.length() <= 4_000 ? details : details.substring(0, 4_000));
        }
        return new Signal(
                labels,
                annotations,
                time(payload.path("timestamp").asString("")).orElse(now),
                Optional.empty(),
                "");
    }

    private static Optional<Instant> time(String text) {
        try {
            return text.isEmpty()
                    ? Optional.empty()
                    : Optional.of(OffsetDateTime.parse(text).toInstant());
        } catch (DateTimeException malformed) {
            throw invalid("payload.timestamp is no time of RFC 3339");
        }
    }

    private static void put(Map<String, String> labels, String name, String value) {
        if (!value.isEmpty()) {
            labels.put(name, value);
        }
    }

    private static Refusal invalid(String message) {
        return new Refusal(ErrorCode.INVALID, message);
    }
}
