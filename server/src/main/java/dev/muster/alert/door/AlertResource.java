package dev.muster.alert.door;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.muster.alert.Signal;
import dev.muster.alert.notify.Decisions;
import dev.muster.alert.route.Muting;
import dev.muster.alert.state.Acknowledgement;
import dev.muster.alert.state.Alert;
import dev.muster.alert.state.AlertEngine;
import dev.muster.alert.state.AlertStore;
import dev.muster.alert.state.Alerts;
import dev.muster.alert.state.Cause;
import dev.muster.identity.Actor;
import dev.muster.identity.Kind;
import dev.muster.identity.Requires;
import dev.muster.identity.Verb;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.platform.page.Page;
import dev.muster.platform.page.PageRequest;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Alerts over HTTP. */
@RestController
@RequestMapping("/api/v1/alerts")
@Tag(name = "alerts")
class AlertResource {
    private static final Set<String> STATES = Set.of("pending", "firing", "resolved");
    private static final int MAX_LOOKED_AT = 5_000;

    private final AlertStore store;
    private final Alerts alerts;
    private final Decisions decisions;
    private final SeenAlerts seen;
    private final Clock clock;

    AlertResource(AlertStore store, Alerts alerts, Decisions decisions, SeenAlerts seen, Clock clock) {
        this.store = store;
        this.alerts = alerts;
        this.decisions = decisions;
        this.seen = seen;
        this.clock = clock;
    }

    @Schema(name = "Alert")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record AlertView(
            @Schema(example = "592ecc9a3acefc0b") String fingerprint,
            String name,

            @Schema(allowableValues = {"page", "ticket", "info"})
            String severity,

            @Schema(allowableValues = {"pending", "firing", "resolved"})
            String state,

            @Schema(description = "when it came to its state")
            Instant since,

            Instant startsAt,
            @Nullable Instant endsAt,
            String summary,
            SortedMap<String, String> labels,
            Map<String, String> annotations,
            String source,
            String origin,

            @Schema(description = "since when its source cannot tell") @Nullable Instant unknownSince,

            @Schema(description = "came and went lately; it is over only after a calm while")
            boolean flapping,

            @Nullable Acknowledgement acknowledgement,

            @Schema(description = "what the assets have in common that it stands for") @Nullable Cause cause,

            @Schema(description = "ids of silences") List<String> silencedBy,
            @Schema(description = "fingerprints of alerts") List<String> inhibitedBy) {
        static AlertView of(Alert alert, Muting muting, Instant now) {
            Muting.Held held = muting.of(alert);
            return new AlertView(
                    alert.fingerprint(),
                    alert.name(),
                    alert.severity(),
                    alert.state().wire(),
                    alert.since(),
                    alert.startsAt(),
                    alert.endsAt(),
                    alert.summary(),
                    alert.labels(),
                    alert.annotations(),
                    alert.source(),
                    alert.origin(),
                    alert.unknownSince(),
                    alert.isFiring() && AlertEngine.isFlapping(alert, now),
                    alert.acknowledgement(),
                    alert.cause(),
                    held.silencedBy(),
                    held.inhibitedBy());
        }
    }

    @Schema(name = "AlertExplanation")
    record Explanation(
            AlertView alert,

            @Schema(description = "what its source looked at", type = "object")
            Map<String, Object> evidence,

            @Schema(description = "how many assets it stands for")
            int assets,

            Decisions.Why why) {}

    @Schema(name = "AlertAcknowledgement")
    record Acknowledge(
            @Schema(example = "on my way", description = "for the others") @Nullable String note) {}

    @GetMapping
    @Requires(verb = Verb.READ, kind = Kind.ALERT)
    @Operation(operationId = "listAlerts", summary = "Lists alerts, the newest change first")
    Page<AlertView> list(
            Actor actor,
            @Schema(description = "pending, firing, resolved or all; several with commas", defaultValue = "firing")
                    @RequestParam(defaultValue = "firing")
                    String state,
            @RequestParam(required = false) @Nullable String severity,
            @RequestParam(required = false) @Nullable String asset,
            @Schema(example = "rule/hot") @RequestParam(required = false) @Nullable String source,
            PageRequest page) {
        AlertStore.Filter filter = new AlertStore.Filter(states(state), severity, asset, source);
        List<Alert> found = new ArrayList<>();
        String last = page.after();
        List<Alert> read;
        int lookedAt = 0;
        do {
            int colon = last == null ? -1 : last.indexOf(':');
            read = last == null || colon < 0
                    ? store.page(filter, null, null, page.fetch())
                    : store.page(
                            filter,
                            Instant.EPOCH.plus(micros(last, colon), ChronoUnit.MICROS),
                            last.substring(colon + 1),
                            page.fetch());
            found.addAll(seen.of(actor, read));
            last = read.isEmpty() ? last : key(read.getLast());
            lookedAt += read.size();
        } while (found.size() < page.fetch() && read.size() == page.fetch() && lookedAt < MAX_LOOKED_AT);
        Muting muting = decisions.muting();
        Instant now = clock.instant();
        List<Alert> cut = found.subList(0, Math.min(found.size(), page.fetch()));
        return Page.of(cut, page, AlertResource::key).map(alert -> AlertView.of(alert, muting, now));
    }

    private static List<String> states(String text) {
        if (text.equals("all")) {
            return List.of();
        }
        List<String> states = Arrays.stream(text.split(",")).map(String::strip).toList();
        if (!STATES.containsAll(states)) {
            throw new Refusal(
                    ErrorCode.INVALID,
                    "state is pending, firing, resolved or all, found \"" + text.replaceAll("[^\\x20-\\x7e]", "?")
                            + "\"");
        }
        return states;
    }

    private static String key(Alert alert) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, alert.since()) + ":" + alert.fingerprint();
    }

    private static long micros(String key, int colon) {
        try {
            return Long.parseLong(key, 0, colon, 10);
        } catch (NumberFormatException malformed) {
            throw new Refusal(ErrorCode.INVALID, "continue is not a token of this list; ask again without it");
        }
    }

    @GetMapping("/{fingerprint}")
    @Requires(verb = Verb.READ, kind = Kind.ALERT)
    @Operation(operationId = "getAlert", summary = "Shows an alert")
    AlertView get(Actor actor, @PathVariable String fingerprint) {
        return AlertView.of(seen.require(actor, fingerprint), decisions.muting(), clock.instant());
    }

    @GetMapping("/{fingerprint}/assets")
    @Requires(verb = Verb.READ, kind = Kind.ALERT)
    @Operation(operationId = "listAlertAssets", summary = "Lists the assets that an alert stands for")
    Page<String> assets(Actor actor, @PathVariable String fingerprint, PageRequest page) {
        Alert alert = seen.require(actor, fingerprint);
        String single = alert.labels().get(Signal.ASSET);
        if (single != null && alert.cause() == null) {
            return new Page<>(List.of(single), null);
        }
        List<String> found = new ArrayList<>();
        String last = page.after();
        List<String> read;
        do {
            read = store.assets(fingerprint, last, page.fetch());
            found.addAll(seen.assets(actor, read));
            last = read.isEmpty() ? last : read.getLast();
        } while (found.size() < page.fetch() && read.size() == page.fetch());
        return Page.of(found.subList(0, Math.min(found.size(), page.fetch())), page, id -> id);
    }

    @PostMapping("/{fingerprint}/acknowledge")
    @Requires(verb = Verb.WRITE, kind = Kind.ALERT)
    @Operation(
            operationId = "acknowledgeAlert",
            summary = "Says that somebody looks after an alert",
            description = "Until it is resolved nobody is told of it again, and it is not escalated.")
    AlertView acknowledge(
            Actor actor, @PathVariable String fingerprint, @RequestBody(required = false) @Nullable Acknowledge said) {
        seen.require(actor, fingerprint);
        String note = said == null || said.note() == null ? "" : said.note();
        return AlertView.of(alerts.acknowledge(actor, fingerprint, note), decisions.muting(), clock.instant());
    }

    @GetMapping("/{fingerprint}/explain")
    @Requires(verb = Verb.READ, kind = Kind.ALERT)
    @Operation(operationId = "explainAlert", summary = "Why an alert fires, and every step of who was told of it")
    Explanation explain(Actor actor, @PathVariable String fingerprint) {
        Alert alert = seen.require(actor, fingerprint);
        Cause cause = alert.cause();
        return new Explanation(
                AlertView.of(alert, decisions.muting(), clock.instant()),
                alert.evidence(),
                cause == null ? (alert.labels().containsKey(Signal.ASSET) ? 1 : 0) : cause.alerts(),
                decisions.why(alert, null));
    }

    @GetMapping("/{fingerprint}/why")
    @Requires(verb = Verb.READ, kind = Kind.ALERT)
    @Operation(operationId = "whyNotified", summary = "Why somebody was notified of an alert, or was not")
    Decisions.Why why(
            Actor actor,
            @PathVariable String fingerprint,
            @Schema(description = "a receiver or an address; everybody without it")
                    @RequestParam(required = false)
                    @Nullable String person) {
        return decisions.why(seen.require(actor, fingerprint), person);
    }
}
