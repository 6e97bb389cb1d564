package dev.muster.alert.door;

import dev.muster.alert.door.PagerDutyEvents.Sender;
import dev.muster.identity.Actor;
import dev.muster.identity.ActorKind;
import dev.muster.identity.FailureLimit;
import dev.muster.identity.Kind;
import dev.muster.identity.Requires;
import dev.muster.identity.Role;
import dev.muster.identity.Scope;
import dev.muster.identity.Verb;
import dev.muster.platform.error.Refusal;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.swagger.v3.oas.annotations.Hidden;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Where PagerDuty's clients send events: as they do it to PagerDuty, with an {@linkplain IntegrationKeys integration key} as {@code
 * routing_key} in the body; or with a token of this server in the header, and then the {@code routing_key} is a label.
 *
 * @see <a href="https://developer.pagerduty.com/docs/send-alert-event">Send an alert event</a>
 */
@RestController
@Tag(name = "alerts")
class PagerDutyDoor {
    /** PagerDuty's own limit. */
    private static final int MAX_BYTES = 512 * 1024;

    private static final JsonMapper JSON = JsonMapper.shared();

    private final PagerDutyEvents events;
    private final IntegrationKeys keys;
    private final FailureLimit failures;
    private final Counter rejected;
    private final Clock clock;

    PagerDutyDoor(
            PagerDutyEvents events, IntegrationKeys keys, FailureLimit failures, MeterRegistry meters, Clock clock) {
        this.events = events;
        this.keys = keys;
        this.failures = failures;
        this.rejected = meters.counter("muster.authentication.failures", "reason", "routing_key");
        this.clock = clock;
    }

    @PostMapping("/api/v1/pagerduty/v2/enqueue")
    @ResponseStatus(HttpStatus.ACCEPTED)
    @Requires(verb = Verb.WRITE, kind = Kind.ALERTING)
    @Operation(
            operationId = "enqueuePagerDutyEvent",
            summary = "Takes an event of PagerDuty's Events API v2: trigger, acknowledge or resolve")
    Map<String, String> enqueue(Actor actor, @RequestBody JsonNode event) {
        String routing = event.path("routing_key").asString("");
        Map<String, String> labels = routing.isEmpty() ? Map.of() : Map.of("service", routing);
        return success(events.take(new Sender(actor, PagerDutyEvents.SOURCE, labels), event));
    }

    /** Open to everybody: the event itself says whose it is. Answers as PagerDuty does. */
    @Hidden
    @PostMapping("/v2/enqueue")
    ResponseEntity<Map<String, Object>> enqueue(HttpServletRequest request) throws IOException {
        byte[] body = request.getInputStream().readNBytes(MAX_BYTES + 1);
        if (body.length > MAX_BYTES) {
            return answer(HttpStatus.CONTENT_TOO_LARGE, "an event has at most " + MAX_BYTES + " bytes");
        }
        JsonNode event;
        try {
            event = JSON.readTree(body);
        } catch (JacksonException malformed) {
            return answer(HttpStatus.BAD_REQUEST, "the event is no JSON");
        }
        Instant now = clock.instant();
        Optional<IntegrationKeys.Named> key =
                keys.find(event.path("routing_key").asString(""));
        if (key.isEmpty()) {
            return unknown(request.getRemoteAddr(), now);
        }
        try {
            return ResponseEntity.accepted().body(new TreeMap<>(success(events.take(sender(key.get()), event))));
        } catch (Refusal refusal) {
            return answer(HttpStatus.BAD_REQUEST, String.valueOf(refusal.getMessage()));
        }
    }

    /** Its alerts are its own: no other key, and no other source, ends them or is ended by it. */
    private static Sender sender(IntegrationKeys.Named key) {
        Map<String, String> labels = new TreeMap<>(Map.of("service", key.name()));
        labels.putAll(key.labels());
        labels.put("integration", key.name());
        return new Sender(
                new Actor("integration/" + key.name(), ActorKind.SYSTEM, Role.OPERATOR, Scope.ALL),
                PagerDutyEvents.SOURCE + "/" + key.name(),
                labels);
    }

    private ResponseEntity<Map<String, Object>> unknown(String address, Instant now) {
        Optional<Duration> wait = failures.wait(address, now);
        if (wait.isPresent()) {
            return ResponseEntity.status(HttpStatus.TOO_MANY_REQUESTS)
                    .header(
                            HttpHeaders.RETRY_AFTER,
                            Long.toString(Math.max(1, wait.get().toSeconds())))
                    .body(invalid("too many unknown routing keys from this address"));
        }
        failures.count(address, now);
        rejected.increment();
        return answer(HttpStatus.BAD_REQUEST, "routing_key is no integration key of this server");
    }

    private static Map<String, String> success(String key) {
        return Map.of("status", "success", "message", "Event processed", "dedup_key", key);
    }

    private static ResponseEntity<Map<String, Object>> answer(HttpStatus status, String why) {
        return ResponseEntity.status(status).body(invalid(why));
    }

    private static Map<String, Object> invalid(String why) {
        return Map.of("status", "invalid event", "message", "Event object is invalid", "errors", List.of(why));
    }
}
