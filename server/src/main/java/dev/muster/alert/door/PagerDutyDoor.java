package dev.muster.alert.door;

import dev.muster.alert.Fingerprint;
import dev.muster.alert.Signal;
import dev.muster.alert.state.Alert;
import dev.muster.alert.state.AlertStore;
import dev.muster.alert.state.Alerts;
import dev.muster.identity.Actor;
import dev.muster.identity.Kind;
import dev.muster.identity.Requires;
import dev.muster.identity.Verb;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/**
 * Events of PagerDuty's Events API v2, from whatever sends those. The token of this server is in the header, the {@code routing_key} a
 * label: it says which service the sender meant.
 *
 * @see <a href="https://developer.pagerduty.com/docs/send-alert-event">Send an alert event</a>
 */
@RestController
@Tag(name = "alerts")
class PagerDutyDoor {
    static final String SOURCE = "pagerduty";
    private static final int MAX_KEY = 255;
    private static final int MAX_SUMMARY = 1_024;

    private final Alerts alerts;
    private final AlertStore store;
    private final Clock clock;

    PagerDutyDoor(Alerts alerts, AlertStore store, Clock clock) {
        this.alerts = alerts;
        this.store = store;
        this.clock = clock;
    }

    @PostMapping("/api/v1/pagerduty/v2/enqueue")
    @ResponseStatus(HttpStatus.ACCEPTED)
    @Requires(verb = Verb.WRITE, kind = Kind.ALERTING)
    @Operation(
            operationId = "enqueuePagerDutyEvent",
            summary = "Takes an event of PagerDuty's Events API v2: trigger, acknowledge or resolve")
    Map<String, String> enqueue(Actor actor, @RequestBody JsonNode event) {
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
        Signal signal = signal(event, key, now);
        switch (action) {
            case "trigger" -> {
                if (summary.isBlank() || payload.path("source").asString("").isBlank()) {
                    throw invalid("payload.summary and payload.source are needed for a trigger");
                }
                alerts.take(SOURCE, java.util.List.of(signal));
            }
            case "resolve" -> find(key).ifPresent(alert -> alerts.take(SOURCE, java.util.List.of(over(alert, now))));
            case "acknowledge" ->
                find(key)
                        .filter(Alert::isFiring)
                        .ifPresent(alert -> alerts.acknowledge(actor, alert.fingerprint(), SOURCE));
            default -> throw invalid("event_action is trigger, acknowledge or resolve");
        }
        return Map.of("status", "success", "message", "Event processed", "dedup_key", key);
    }

    /** The open alert of a key; what else is in its labels only the trigger says. */
    private Optional<Alert> find(String key) {
        return store.openOf(SOURCE).stream()
                .filter(alert -> key.equals(alert.labels().get("dedup_key")))
                .findFirst();
    }

    private static Signal over(Alert alert, Instant now) {
        return new Signal(alert.labels(), alert.annotations(), alert.startsAt(), Optional.of(now), alert.origin());
    }

    private static Signal signal(JsonNode event, String key, Instant now) {
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
        put(labels, "service", event.path("routing_key").asString(""));
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
