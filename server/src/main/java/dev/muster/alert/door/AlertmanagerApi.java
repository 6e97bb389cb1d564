package dev.muster.alert.door;

import dev.muster.alert.AlertSettings;
import dev.muster.alert.Signal;
import dev.muster.alert.match.Matcher;
import dev.muster.alert.match.MatcherException;
import dev.muster.alert.notify.Decisions;
import dev.muster.alert.notify.Directory;
import dev.muster.alert.notify.Silences;
import dev.muster.alert.route.Muting;
import dev.muster.alert.route.Route;
import dev.muster.alert.route.Routing;
import dev.muster.alert.route.Silence;
import dev.muster.alert.state.Alert;
import dev.muster.alert.state.AlertStore;
import dev.muster.alert.state.Alerts;
import dev.muster.identity.Actor;
import dev.muster.identity.Kind;
import dev.muster.identity.Requires;
import dev.muster.identity.Verb;
import dev.muster.platform.config.Settings;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.protocol.AssetId;
import io.swagger.v3.oas.annotations.Hidden;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.util.MultiValueMap;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/**
 * The API v2 of Alertmanager, for Prometheus, amtool, Grafana and Karma: what they send is an alert as any other, what they read is all that
 * fires. A bearer token of this server is needed.
 *
 * @see <a href="https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml">openapi.yaml</a>
 */
@RestController
@RequestMapping("/api/v2")
@Hidden
class AlertmanagerApi {
    static final String SOURCE = "alertmanager";
    private static final int MAX_ALERTS = 5_000;
    private static final int MAX_SHOWN = 20_000;
    private static final String LABEL = "[a-zA-Z_][a-zA-Z0-9_]*";
    private static final Instant ZERO = Instant.parse("0001-01-02T00:00:00Z");

    private final AlertStore store;
    private final Alerts alerts;
    private final Silences silences;
    private final Directory directory;
    private final Decisions decisions;
    private final SeenAlerts seen;
    private final Clock clock;
    private final Instant started;
    private final Duration resolveAfter;

    AlertmanagerApi(
            AlertStore store,
            Alerts alerts,
            Silences silences,
            Directory directory,
            Decisions decisions,
            SeenAlerts seen,
            Clock clock,
            Settings settings) {
        this.store = store;
        this.alerts = alerts;
        this.silences = silences;
        this.directory = directory;
        this.decisions = decisions;
        this.seen = seen;
        this.clock = clock;
        this.started = clock.instant();
        this.resolveAfter = settings.get(AlertSettings.RESOLVE_AFTER);
    }

    @GetMapping("/status")
    @Requires(verb = Verb.READ, kind = Kind.ALERTING)
    Map<String, Object> status() {
        return Map.of(
                "cluster", Map.of("status", "disabled", "peers", List.of()),
                "config", Map.of("original", "# declared in Muster: muster get alert-routings, muster get receivers\n"),
                "uptime", started,
                "versionInfo",
                        Map.of(
                                "version", "0.28.0",
                                "revision", "muster",
                                "branch", "muster",
                                "buildUser", "muster",
                                "buildDate", "",
                                "goVersion", ""));
    }

    @GetMapping("/receivers")
    @Requires(verb = Verb.READ, kind = Kind.ALERTING)
    List<Map<String, String>> receivers() {
        return directory.receivers().stream()
                .sorted()
                .map(name -> Map.of("name", name))
                .toList();
    }

    @GetMapping("/alerts")
    @Requires(verb = Verb.READ, kind = Kind.ALERT)
    List<Map<String, Object>> alerts(
            Actor actor,
            @RequestParam(defaultValue = "true") boolean active,
            @RequestParam(defaultValue = "true") boolean silenced,
            @RequestParam(defaultValue = "true") boolean inhibited,
            @RequestParam MultiValueMap<String, String> query,
            @RequestParam(required = false) @Nullable String receiver) {
        return shown(actor, active, silenced, inhibited, query.get("filter"), receiver).stream()
                .map(Shown::body)
                .toList();
    }

    @GetMapping("/alerts/groups")
    @Requires(verb = Verb.READ, kind = Kind.ALERT)
    List<Map<String, Object>> groups(
            Actor actor,
            @RequestParam(defaultValue = "true") boolean active,
            @RequestParam(defaultValue = "true") boolean silenced,
            @RequestParam(defaultValue = "true") boolean inhibited,
            @RequestParam MultiValueMap<String, String> query,
            @RequestParam(required = false) @Nullable String receiver) {
        Routing routing = directory.routing();
        Map<String, Map<String, Object>> groups = new TreeMap<>();
        Map<String, List<Map<String, Object>>> members = new TreeMap<>();
        for (Shown each : shown(actor, active, silenced, inhibited, query.get("filter"), receiver)) {
            for (Route route : routing.root().match(each.alert().labels())) {
                SortedMap<String, String> labels =
                        route.groupLabels(each.alert().labels());
                String who = directory.receiver(route, each.alert().labels());
                String key = route.groupKey(labels) + "@" + who;
                groups.computeIfAbsent(key, _ -> Map.of("labels", labels, "receiver", Map.of("name", who)));
                members.computeIfAbsent(key, _ -> new ArrayList<>()).add(each.body());
            }
        }
        List<Map<String, Object>> answer = new ArrayList<>();
        groups.forEach((key, group) -> {
            Map<String, Object> body = new LinkedHashMap<>(group);
            body.put("alerts", members.getOrDefault(key, List.of()));
            answer.add(body);
        });
        return answer;
    }

    private record Shown(Alert alert, Map<String, Object> body) {}

    private List<Shown> shown(
            Actor actor,
            boolean active,
            boolean silenced,
            boolean inhibited,
            @Nullable List<String> filter,
            @Nullable String receiver) {
        List<Matcher> matchers = matchers(filter);
        Muting muting = decisions.muting();
        Routing routing = directory.routing();
        List<Shown> shown = new ArrayList<>();
        for (Alert alert : seen.of(actor, store.firing(MAX_SHOWN))) {
            Muting.Held held = muting.of(alert);
            boolean wanted = Matcher.all(matchers, alert.labels())
                    && (active || held.isHeld())
                    && (silenced || held.silencedBy().isEmpty())
                    && (inhibited || held.inhibitedBy().isEmpty());
            if (!wanted) {
                continue;
            }
            Set<String> receivers = new LinkedHashSet<>();
            routing.root()
                    .match(alert.labels())
                    .forEach(route -> receivers.add(directory.receiver(route, alert.labels())));
            if (receiver == null
                    || receivers.stream()
                            .anyMatch(name ->
                                    Matcher.of("r", receiver, true, true).matches(Map.of("r", name)))) {
                shown.add(new Shown(alert, body(alert, held, receivers)));
            }
        }
        return shown;
    }

    private Map<String, Object> body(Alert alert, Muting.Held held, Set<String> receivers) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("annotations", alert.annotations());
        body.put(
                "endsAt",
                alert.expiresAt() != null
                        ? alert.expiresAt()
                        : clock.instant().plus(resolveAfter).truncatedTo(ChronoUnit.MILLIS));
        body.put("fingerprint", alert.fingerprint());
        body.put(
                "receivers",
                receivers.stream().map(name -> Map.of("name", name)).toList());
        body.put("startsAt", alert.startsAt());
        body.put(
                "status",
                Map.of(
                        "inhibitedBy", held.inhibitedBy(),
                        "silencedBy", held.silencedBy(),
                        "state", held.isHeld() ? "suppressed" : "active"));
        body.put("updatedAt", alert.lastWrong());
        body.put("labels", alert.labels());
        if (!alert.origin().isEmpty()) {
            body.put("generatorURL", alert.origin());
        }
        return body;
    }

    /** Prometheus sends again what fires, with an end some minutes ahead; what is over, with an end that has passed. */
    @PostMapping("/alerts")
    @Requires(verb = Verb.WRITE, kind = Kind.ALERT)
    void post(Actor actor, @RequestBody JsonNode body) {
        if (!body.isArray() || body.size() > MAX_ALERTS) {
            throw invalid("the body is a list of at most " + MAX_ALERTS + " alerts");
        }
        Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        List<Signal> signals = body.valueStream().map(each -> signal(each, now)).toList();
        if (!actor.scope().isAll()) {
            requireInScope(actor, signals);
        }
        alerts.take(SOURCE, signals);
    }

    private void requireInScope(Actor actor, List<Signal> signals) {
        List<String> named = signals.stream()
                .map(signal -> signal.labels().getOrDefault(Signal.ASSET, ""))
                .toList();
        boolean allowed = named.stream().allMatch(name -> AssetId.parse(name).isPresent())
                && seen.assets(actor, named).size() == named.size();
        if (!allowed) {
            throw new Refusal(
                    ErrorCode.FORBIDDEN,
                    actor + " has " + actor.scope()
                            + ": each alert that it sends needs the label \"asset\" with an asset of these");
        }
    }

    private Signal signal(JsonNode alert, Instant now) {
        SortedMap<String, String> labels = new TreeMap<>();
        alert.path("labels").properties().forEach(each -> {
            if (!each.getKey().matches(LABEL)) {
                throw invalid(
                        "invalid label set: invalid name \"" + each.getKey().replaceAll("[^\\x20-\\x7e]", "?") + "\"");
            }
            if (!each.getValue().asString("").isEmpty()) {
                labels.put(each.getKey(), each.getValue().asString(""));
            }
        });
        if (labels.getOrDefault(Signal.NAME, "").isBlank()) {
            throw invalid("an alert needs the label alertname");
        }
        Map<String, String> annotations = new LinkedHashMap<>();
        alert.path("annotations")
                .properties()
                .forEach(each -> annotations.put(each.getKey(), each.getValue().asString("")));
        Instant starts = time(alert, "startsAt").orElse(now);
        Instant ends = time(alert, "endsAt").orElseGet(() -> now.plus(resolveAfter));
        return new Signal(
                labels,
                annotations,
                starts.isAfter(now) ? now : starts,
                Optional.of(ends),
                alert.path("generatorURL").asString(""));
    }

    private static Optional<Instant> time(JsonNode alert, String field) {
        String text = alert.path(field).asString("");
        try {
            return text.isEmpty()
                    ? Optional.empty()
                    : Optional.of(OffsetDateTime.parse(text).toInstant().truncatedTo(ChronoUnit.MILLIS))
                            .filter(time -> time.isAfter(ZERO));
        } catch (DateTimeException malformed) {
            throw invalid(field + " is no time of RFC 3339");
        }
    }

    @GetMapping("/silences")
    @Requires(verb = Verb.READ, kind = Kind.ALERTING)
    List<Map<String, Object>> silences(@RequestParam MultiValueMap<String, String> query) {
        List<Matcher> matchers = matchers(query.get("filter"));
        return silences.all().stream()
                .filter(silence -> matchers.stream()
                        .allMatch(matcher -> silence.matchers().stream()
                                .anyMatch(each -> each.name().equals(matcher.name())
                                        && matcher.matches(Map.of(each.name(), each.value())))))
                .map(this::view)
                .toList();
    }

    @GetMapping("/silence/{id}")
    @Requires(verb = Verb.READ, kind = Kind.ALERTING)
    Map<String, Object> silence(@PathVariable String id) {
        return view(silences.find(id)
                .orElseThrow(() -> new Refusal(ErrorCode.NOT_FOUND, "there is no silence of that id")));
    }

    @PostMapping("/silences")
    @Requires(verb = Verb.WRITE, kind = Kind.ALERTING)
    Map<String, String> silence(Actor actor, @RequestBody JsonNode wanted) {
        try {
            Silence made = silences.set(
                    actor,
                    new Silences.Wanted(
                            wanted.path("id").asString(""),
                            wanted.path("matchers")
                                    .valueStream()
                                    .map(Silences::matcher)
                                    .toList(),
                            time(wanted, "startsAt").orElse(null),
                            time(wanted, "endsAt").orElse(null),
                            wanted.path("createdBy").asString(""),
                            wanted.path("comment").asString("")));
            return Map.of("silenceID", made.id());
        } catch (MatcherException invalid) {
            throw invalid(String.valueOf(invalid.getMessage()));
        }
    }

    @DeleteMapping("/silence/{id}")
    @Requires(verb = Verb.WRITE, kind = Kind.ALERTING)
    void expire(Actor actor, @PathVariable String id) {
        silences.expire(actor, id);
    }

    private Map<String, Object> view(Silence silence) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("id", silence.id());
        body.put("status", Map.of("state", silence.state(clock.instant())));
        body.put("updatedAt", silence.updated());
        body.put("comment", silence.comment());
        body.put("createdBy", silence.createdBy());
        body.put("endsAt", silence.endsAt());
        body.put("matchers", silence.matchers().stream().map(Silences::view).toList());
        body.put("startsAt", silence.startsAt());
        return body;
    }

    private static List<Matcher> matchers(@Nullable List<String> filter) {
        try {
            return filter == null
                    ? List.of()
                    : filter.stream()
                            .flatMap(text -> Matcher.parseAll(text).stream())
                            .toList();
        } catch (MatcherException invalid) {
            throw invalid(String.valueOf(invalid.getMessage()));
        }
    }

    private static Refusal invalid(String message) {
        return new Refusal(ErrorCode.INVALID, message);
    }
}
