package dev.muster.alert.door;

import dev.muster.alert.declared.Declared;
import dev.muster.alert.declared.DeclaredObjects;
import dev.muster.alert.match.Matcher;
import dev.muster.alert.match.MatcherException;
import dev.muster.alert.notify.AlertKinds;
import dev.muster.alert.notify.AlertSecrets;
import dev.muster.alert.notify.Decisions;
import dev.muster.alert.notify.OnCall;
import dev.muster.alert.notify.Silences;
import dev.muster.alert.route.Silence;
import dev.muster.alert.rule.AlertRules;
import dev.muster.alert.rule.RuleStatusStore;
import dev.muster.alert.state.Alert;
import dev.muster.identity.Actor;
import dev.muster.identity.Kind;
import dev.muster.identity.Requires;
import dev.muster.identity.Verb;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.platform.page.Page;
import dev.muster.platform.page.PageRequest;
import dev.muster.registry.document.DeclaredObject;
import dev.muster.registry.document.DeclaredObject.Metadata;
import dev.muster.registry.document.Durations;
import dev.muster.registry.document.ResourceVersions;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** What decides who is told of what, over HTTP: rules, receivers, schedules, routing (declared by apply), silences, secrets. */
@RestController
@RequestMapping("/api/v1")
@Tag(name = "alerts")
class AlertingResource {
    private final AlertRules rules;
    private final DeclaredObjects objects;
    private final RuleStatusStore statuses;
    private final Silences silences;
    private final AlertSecrets secrets;
    private final OnCall onCall;
    private final Decisions decisions;
    private final Clock clock;

    AlertingResource(
            AlertRules rules,
            DeclaredObjects objects,
            RuleStatusStore statuses,
            Silences silences,
            AlertSecrets secrets,
            OnCall onCall,
            Decisions decisions,
            Clock clock) {
        this.rules = rules;
        this.objects = objects;
        this.statuses = statuses;
        this.silences = silences;
        this.secrets = secrets;
        this.onCall = onCall;
        this.decisions = decisions;
        this.clock = clock;
    }

    // ---- declared objects

    @GetMapping("/alert-rules")
    @Requires(verb = Verb.READ, kind = Kind.ALERTING)
    @Operation(operationId = "listAlertRules", summary = "Lists alert rules with what their newest evaluation came to")
    Page<DeclaredObject> rules(PageRequest page) {
        return objects.list(rules, page).map(this::rule);
    }

    @GetMapping("/alert-rules/{name}")
    @Requires(verb = Verb.READ, kind = Kind.ALERTING)
    @Operation(operationId = "getAlertRule", summary = "Shows an alert rule")
    DeclaredObject getRule(@PathVariable String name) {
        return rule(objects.get(rules, name));
    }

    @DeleteMapping("/alert-rules/{name}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @Requires(verb = Verb.WRITE, kind = Kind.ALERTING)
    @Operation(operationId = "deleteAlertRule", summary = "Deletes an alert rule; its alerts are over")
    void deleteRule(
            Actor actor,
            @PathVariable String name,
            @RequestHeader(name = "If-Match", required = false) @Nullable String ifMatch) {
        objects.delete(actor, rules, name, ResourceVersions.ofIfMatch(ifMatch));
    }

    @GetMapping("/receivers")
    @Requires(verb = Verb.READ, kind = Kind.ALERTING)
    @Operation(operationId = "listReceivers", summary = "Lists receivers of notifications")
    Page<DeclaredObject> receivers(PageRequest page) {
        return objects.list(AlertKinds.RECEIVER, page).map(AlertingResource::view);
    }

    @GetMapping("/receivers/{name}")
    @Requires(verb = Verb.READ, kind = Kind.ALERTING)
    @Operation(operationId = "getReceiver", summary = "Shows a receiver")
    DeclaredObject receiver(@PathVariable String name) {
        return view(objects.get(AlertKinds.RECEIVER, name));
    }

    @DeleteMapping("/receivers/{name}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @Requires(verb = Verb.WRITE, kind = Kind.ALERTING)
    @Operation(operationId = "deleteReceiver", summary = "Deletes a receiver")
    void deleteReceiver(
            Actor actor,
            @PathVariable String name,
            @RequestHeader(name = "If-Match", required = false) @Nullable String ifMatch) {
        objects.delete(actor, AlertKinds.RECEIVER, name, ResourceVersions.ofIfMatch(ifMatch));
    }

    @GetMapping("/alert-routings")
    @Requires(verb = Verb.READ, kind = Kind.ALERTING)
    @Operation(
            operationId = "listAlertRoutings",
            summary = "Shows the routing of alerts; nothing while the standard one holds")
    Page<DeclaredObject> routings(PageRequest page) {
        return objects.list(AlertKinds.ROUTING, page).map(AlertingResource::view);
    }

    @DeleteMapping("/alert-routings/{name}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @Requires(verb = Verb.WRITE, kind = Kind.ALERTING)
    @Operation(operationId = "deleteAlertRouting", summary = "Deletes the routing; the standard one holds")
    void deleteRouting(
            Actor actor,
            @PathVariable String name,
            @RequestHeader(name = "If-Match", required = false) @Nullable String ifMatch) {
        objects.delete(actor, AlertKinds.ROUTING, name, ResourceVersions.ofIfMatch(ifMatch));
    }

    @Schema(name = "RoutedLabels")
    record RoutedLabels(
            @Schema(example = "{\"alertname\":\"Hot\",\"severity\":\"page\"}") @Nullable Map<String, String> labels) {}

    @PostMapping("/alert-routings/test")
    @Requires(verb = Verb.READ, kind = Kind.ALERTING)
    @Operation(
            operationId = "testAlertRouting",
            summary = "Who would be told now of an alert with these labels, and which routes were asked; tells nobody")
    Decisions.Told wouldBeTold(@RequestBody RoutedLabels given) {
        Map<String, String> labels = given.labels() == null ? Map.of() : given.labels();
        if (labels.size() > 64
                || labels.entrySet().stream()
                        .anyMatch(each ->
                                each.getKey().length() > 200 || each.getValue().length() > 2_000)) {
            throw new Refusal(
                    ErrorCode.INVALID, "labels are at most 64, of at most 200 characters with values of 2000");
        }
        return decisions.wouldBeTold(labels);
    }

    @GetMapping("/on-call-schedules")
    @Requires(verb = Verb.READ, kind = Kind.ALERTING)
    @Operation(operationId = "listOnCallSchedules", summary = "Lists on-call schedules")
    Page<DeclaredObject> schedules(PageRequest page) {
        return objects.list(AlertKinds.SCHEDULE, page).map(AlertingResource::view);
    }

    @DeleteMapping("/on-call-schedules/{name}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @Requires(verb = Verb.WRITE, kind = Kind.ALERTING)
    @Operation(operationId = "deleteOnCallSchedule", summary = "Deletes an on-call schedule")
    void deleteSchedule(
            Actor actor,
            @PathVariable String name,
            @RequestHeader(name = "If-Match", required = false) @Nullable String ifMatch) {
        objects.delete(actor, AlertKinds.SCHEDULE, name, ResourceVersions.ofIfMatch(ifMatch));
    }

    private DeclaredObject rule(Declared found) {
        return shown(found, statuses.find(found.name()).orElse(null));
    }

    private static DeclaredObject view(Declared found) {
        return shown(found, null);
    }

    private static DeclaredObject shown(Declared found, @Nullable Object status) {
        return new DeclaredObject(
                DeclaredObject.API_VERSION,
                found.kind(),
                Metadata.of(found.name(), found.resourceVersion(), found.created(), found.updated(), found.managers()),
                found.spec(),
                status);
    }

    // ---- on call

    @GetMapping("/on-call")
    @Requires(verb = Verb.READ, kind = Kind.ALERTING)
    @Operation(operationId = "whoIsOnCall", summary = "Who is on call, by schedule")
    List<OnCall.Duty> duties(@RequestParam(required = false) @Nullable Instant at) {
        return onCall.duties(Objects.requireNonNullElseGet(at, clock::instant));
    }

    @GetMapping("/on-call/{schedule}/calendar")
    @Requires(verb = Verb.READ, kind = Kind.ALERTING)
    @Operation(
            operationId = "getOnCallCalendar",
            summary = "Who is on call from when to when, with overrides, as it is declared now",
            description = "A week from now without from and to; at most 92 days.")
    OnCall.Calendar calendar(
            @PathVariable String schedule,
            @RequestParam(required = false) @Nullable Instant from,
            @RequestParam(required = false) @Nullable Instant to) {
        Instant begin = Objects.requireNonNullElseGet(from, clock::instant);
        return onCall.calendar(schedule, begin, Objects.requireNonNullElse(to, begin.plus(Duration.ofDays(7))));
    }

    @Schema(name = "OnCallOverride")
    record NewOverride(
            @Schema(description = "a receiver", requiredMode = Schema.RequiredMode.REQUIRED) @Nullable String person,

            @Schema(description = "now without it") @Nullable Instant from,

            @Schema(requiredMode = Schema.RequiredMode.REQUIRED) @Nullable Instant to) {}

    @PostMapping("/on-call/{schedule}/overrides")
    @ResponseStatus(HttpStatus.CREATED)
    @Requires(verb = Verb.WRITE, kind = Kind.ALERTING)
    @Operation(operationId = "overrideOnCall", summary = "Somebody stands in for whoever is on call")
    OnCall.Standing standIn(Actor actor, @PathVariable String schedule, @RequestBody NewOverride wanted) {
        if (wanted.person() == null || wanted.to() == null) {
            throw new Refusal(ErrorCode.INVALID, "an override says who stands in (person) and until when (to)");
        }
        return onCall.standIn(
                actor,
                schedule,
                wanted.person(),
                Objects.requireNonNullElseGet(wanted.from(), clock::instant),
                wanted.to());
    }

    @DeleteMapping("/on-call/{schedule}/overrides/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @Requires(verb = Verb.WRITE, kind = Kind.ALERTING)
    @Operation(operationId = "endOnCallOverride", summary = "Ends an override")
    void endOverride(Actor actor, @PathVariable String schedule, @PathVariable String id) {
        onCall.end(actor, schedule, id);
    }

    // ---- silences

    @Schema(name = "Silence")
    record SilenceView(
            String id,
            @Schema(example = "[\"alertname=\\\"Hot\\\"\"]") List<String> matchers,
            Instant startsAt,
            Instant endsAt,

            @Schema(allowableValues = {"pending", "active", "expired"})
            String state,

            String createdBy,
            String comment) {
        static SilenceView of(Silence silence, Instant now) {
            return new SilenceView(
                    silence.id(),
                    silence.matchers().stream().map(Matcher::toString).toList(),
                    silence.startsAt(),
                    silence.endsAt(),
                    silence.state(now),
                    silence.createdBy(),
                    silence.comment());
        }
    }

    @Schema(name = "NewSilence")
    record NewSilence(
            @Schema(description = "all have to match", example = "[\"site=\\\"hall-3\\\"\"]") @Nullable List<String> matchers,

            @Schema(description = "now without it") @Nullable Instant startsAt,

            @Nullable Instant endsAt,

            @Schema(description = "instead of endsAt", example = "2h") @Nullable String duration,

            @Nullable String comment) {}

    @Schema(name = "SilencePreview")
    record Preview(
            @Schema(description = "alerts that are open and would be hidden")
            int alerts,

            int firing,
            int pages,
            @Schema(description = "the first of them") List<Hidden> first) {}

    @Schema(name = "HiddenAlert")
    record Hidden(String fingerprint, String state, String severity, String summary) {}

    @GetMapping("/silences")
    @Requires(verb = Verb.READ, kind = Kind.ALERTING)
    @Operation(operationId = "listSilences", summary = "Lists silences, those that ended some days ago too")
    Page<SilenceView> silences(PageRequest page) {
        Instant now = clock.instant();
        String after = page.after();
        List<Silence> found = silences.all().stream()
                .filter(silence -> after == null || silence.id().compareTo(after) < 0)
                .limit(page.fetch())
                .toList();
        return Page.of(found, page, Silence::id).map(silence -> SilenceView.of(silence, now));
    }

    @PostMapping("/silences")
    @ResponseStatus(HttpStatus.CREATED)
    @Requires(verb = Verb.WRITE, kind = Kind.ALERTING)
    @Operation(operationId = "createSilence", summary = "Silences alerts for a time")
    SilenceView silence(Actor actor, @RequestBody NewSilence wanted) {
        Instant now = clock.instant();
        Instant starts = Objects.requireNonNullElse(wanted.startsAt(), now);
        Instant ends = wanted.endsAt();
        if (wanted.duration() != null) {
            Duration length = Durations.parse(wanted.duration());
            if (length == null) {
                throw new Refusal(ErrorCode.INVALID, "duration is a time such as 30m, 2h or 1d");
            }
            ends = starts.plus(length);
        }
        return SilenceView.of(
                silences.set(
                        actor,
                        new Silences.Wanted(
                                null,
                                matchers(wanted),
                                starts,
                                ends,
                                actor.id(),
                                wanted.comment() == null ? "" : wanted.comment())),
                now);
    }

    @PostMapping("/silences/preview")
    @Requires(verb = Verb.READ, kind = Kind.ALERTING)
    @Operation(operationId = "previewSilence", summary = "What a silence with these matchers would hide now")
    Preview preview(Actor actor, @RequestBody NewSilence wanted) {
        List<Alert> hidden = silences.preview(matchers(wanted));
        return new Preview(
                hidden.size(),
                (int) hidden.stream().filter(Alert::isFiring).count(),
                (int) hidden.stream()
                        .filter(alert -> alert.isFiring() && alert.severity().equals(Alert.PAGE))
                        .count(),
                actor.scope().isAll()
                        ? hidden.stream()
                                .limit(20)
                                .map(alert -> new Hidden(
                                        alert.fingerprint(), alert.state().wire(), alert.severity(), alert.summary()))
                                .toList()
                        : List.of());
    }

    @DeleteMapping("/silences/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @Requires(verb = Verb.WRITE, kind = Kind.ALERTING)
    @Operation(operationId = "expireSilence", summary = "Ends a silence")
    void expire(Actor actor, @PathVariable String id) {
        silences.expire(actor, id);
    }

    private static List<Matcher> matchers(NewSilence wanted) {
        try {
            return wanted.matchers() == null
                    ? List.of()
                    : wanted.matchers().stream()
                            .flatMap(text -> Matcher.parseAll(text).stream())
                            .toList();
        } catch (MatcherException invalid) {
            throw new Refusal(ErrorCode.INVALID, String.valueOf(invalid.getMessage()));
        }
    }

    // ---- notifications, secrets

    @GetMapping("/notifications")
    @Requires(verb = Verb.READ, kind = Kind.ALERTING)
    @Operation(
            operationId = "listNotifications",
            summary = "Lists notifications and what came of them, the newest first")
    Page<Decisions.Sent> notifications(
            Actor actor,
            @RequestParam(required = false) @Nullable String alert,
            @RequestParam(required = false) @Nullable String receiver,
            PageRequest page) {
        if (!actor.scope().isAll()) {
            throw new Refusal(
                    ErrorCode.FORBIDDEN,
                    "notifications may speak of every asset; ask GET /api/v1/alerts/{fingerprint}/why");
        }
        return decisions.notifications(alert, receiver, page);
    }

    @Schema(name = "AlertSecretValue")
    record SecretValue(
            @Schema(requiredMode = Schema.RequiredMode.REQUIRED) @Nullable String value) {}

    @GetMapping("/alert-secrets")
    @Requires(verb = Verb.ADMIN, kind = Kind.ALERTING)
    @Operation(
            operationId = "listAlertSecrets",
            summary = "Lists the names of secrets that receivers use; nobody can read them")
    List<AlertSecrets.Named> secrets() {
        return secrets.list();
    }

    @PutMapping("/alert-secrets/{name}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @Requires(verb = Verb.ADMIN, kind = Kind.ALERTING)
    @Operation(
            operationId = "setAlertSecret",
            summary = "Stores a secret that receivers use as {{secret:NAME}}, encrypted")
    void setSecret(Actor actor, @PathVariable String name, @RequestBody SecretValue wanted) {
        secrets.set(actor, name, wanted.value() == null ? "" : wanted.value());
    }

    @DeleteMapping("/alert-secrets/{name}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @Requires(verb = Verb.ADMIN, kind = Kind.ALERTING)
    @Operation(operationId = "deleteAlertSecret", summary = "Deletes a secret")
    void deleteSecret(Actor actor, @PathVariable String name) {
        secrets.delete(actor, name);
    }
}
