package dev.muster.runbook;

import dev.muster.registry.document.FieldReader;
import dev.muster.registry.document.Problem;
import dev.muster.registry.selector.Selectors;
import dev.muster.runbook.RunbookSpec.Case;
import dev.muster.runbook.RunbookSpec.FakeAsset;
import dev.muster.runbook.RunbookSpec.Guards;
import dev.muster.runbook.RunbookSpec.Parameter;
import dev.muster.runbook.RunbookSpec.Reaction;
import dev.muster.runbook.RunbookSpec.Type;
import dev.muster.runbook.RunbookSpec.Window;
import dev.muster.runbook.RunbookSpec.Worse;
import dev.muster.slo.SliScope;
import dev.muster.window.MaintenanceWindow;
import java.math.BigDecimal;
import java.net.URI;
import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** Reads the spec of a runbook strictly: every problem with its path, nothing that would only come out at night. */
final class SpecReader {
    static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
    static final int MAX_STEPS = 50;
    private static final int MAX_CASES = 20;
    private static final int MAX_TEXT = 4_000;
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration DAY = Duration.ofDays(1);
    private static final Duration MAX = Duration.ofDays(7);
    private static final Duration SLI_WINDOW = Duration.ofMinutes(30);
    private static final Duration SLI_LONGEST = Duration.ofDays(1);
    private static final Set<String> METHODS = Set.of("GET", "POST", "PUT", "PATCH", "DELETE");
    private static final Set<String> OUTCOMES = Set.of("succeeded", "failed", "indeterminate", "stopped", "refused");
    private static final List<String> KINDS = List.of(
            "command",
            "waitFor",
            "require",
            "pause",
            "rollout",
            "quarantine",
            "reenrol",
            "http",
            "ticket",
            "approve",
            "runbook");

    private final Selectors selectors;
    private final List<Problem> problems = new ArrayList<>();

    private SpecReader(Selectors selectors) {
        this.selectors = selectors;
    }

    /** @param spec to be used only when there are no problems */
    record Read(RunbookSpec spec, List<Problem> problems) {}

    /** As it is declared: variables stand for texts that nobody knows yet. */
    static Read declared(String name, JsonNode json, Selectors selectors) {
        SpecReader reader = new SpecReader(selectors);
        if (!NAME.matcher(name).matches()) {
            reader.problems.add(new Problem("metadata.name", "must match " + NAME + ", found \"" + name + "\""));
        }
        RunbookSpec plain = reader.spec(
                Template.fill(json, variable -> placeholder(json.path("parameters"), variable), new LinkedHashSet<>()));
        for (String variable : Template.variables(json)) {
            boolean known = variable.equals("incident")
                    || variable.equals("run")
                    || variable.startsWith("labels.")
                    || (variable.startsWith("parameters.")
                            && plain.parameters().containsKey(variable.substring("parameters.".length())));
            if (!known) {
                reader.problems.add(new Problem(
                        "spec",
                        "${" + variable + "} is not known; there are ${labels.NAME}, ${parameters.NAME} of a declared"
                                + " parameter, ${incident} and ${run}"));
            }
        }
        return new Read(plain, List.copyOf(reader.problems));
    }

    /** With every variable filled in. */
    static Read filled(JsonNode json, Selectors selectors) {
        SpecReader reader = new SpecReader(selectors);
        RunbookSpec spec = reader.spec(json);
        return new Read(spec, List.copyOf(reader.problems));
    }

    /** What a variable may hold, for want of what it will. */
    private static Object placeholder(JsonNode parameters, String variable) {
        if (variable.equals("labels.release")) {
            return "app@1";
        }
        JsonNode parameter = parameters.path(variable.substring(variable.indexOf('.') + 1));
        String fallback = parameter.path("default").asString("");
        return switch (parameter.path("type").asString("text")) {
            case "number" -> Type.NUMBER.accepts(fallback) ? new BigDecimal(fallback) : BigDecimal.ONE;
            case "flag" -> Boolean.valueOf(fallback);
            default -> fallback.isEmpty() ? "x1" : fallback;
        };
    }

    private RunbookSpec spec(JsonNode json) {
        FieldReader spec = FieldReader.of("spec", json, problems);
        List<Map<String, String>> alerts = new ArrayList<>();
        Duration every = null;
        for (FieldReader trigger : list(spec, "triggers", 20)) {
            if (trigger.has("alert")) {
                Map<String, String> matchers = trigger.texts("alert");
                if (matchers.isEmpty()) {
                    trigger.problem("alert", "has no matcher; write alert: {alertname: DiskFull}");
                }
                alerts.add(Map.copyOf(matchers));
            } else if (trigger.has("every")) {
                every = trigger.duration("every", DAY, Duration.ofMinutes(1), Duration.ofDays(31));
            } else {
                trigger.problem("", "is neither {alert: {…}} nor {every: 24h}");
            }
            trigger.finish();
        }
        SortedMap<String, Parameter> parameters = parameters(spec.object("parameters"));
        String targets = spec.has("targets") ? selector(spec, "targets") : null;
        RunbookSpec read = new RunbookSpec(
                bounded(spec, "description", spec.text("description", "")),
                spec.duration("toil", Duration.ZERO, Duration.ZERO, DAY),
                List.copyOf(alerts),
                every,
                parameters,
                targets,
                guards(spec.object("guards")),
                spec.duration("timeout", Duration.ofHours(1), SECOND, MAX),
                steps(spec, "steps"),
                steps(spec, "onFailure"),
                cases(spec));
        spec.has("tests");
        if (read.steps().isEmpty()) {
            spec.problem("steps", "has no step");
        }
        spec.finish();
        return read;
    }

    private SortedMap<String, Parameter> parameters(FieldReader reader) {
        SortedMap<String, Parameter> all = new TreeMap<>();
        for (String name : reader.names()) {
            FieldReader each = reader.object(name);
            Parameter parameter = new Parameter(
                    each.choice("type", Type.class, Type.TEXT),
                    each.has("default") ? scalar(each, "default") : null,
                    each.text("description", ""));
            if (parameter.fallback() != null && !parameter.fits(parameter.fallback())) {
                each.problem("default", "is no " + parameter.type().name().toLowerCase(Locale.ROOT));
            }
            each.finish();
            all.put(name, parameter);
        }
        return all;
    }

    private Guards guards(FieldReader reader) {
        FieldReader runs = reader.object("maxRuns");
        int count = runs.number("count", 10, 1, 10_000);
        Duration per = runs.duration("per", Duration.ofHours(1), SECOND, MAX);
        runs.finish();
        Guards guards = new Guards(
                reader.number("maxAssets", 10, 1, 10_000),
                share(reader, "maxShare", 0.1),
                count,
                per,
                reader.duration("coolDown", Duration.ofMinutes(15), Duration.ZERO, MAX),
                reader.has("window") ? window(reader.object("window")) : null,
                share(reader, "keepOnline", 0),
                reader.has("stopWhenWorse") ? worse(reader.object("stopWhenWorse")) : null,
                reader.number("secondPersonAbove", 100, 0, 10_000));
        reader.finish();
        return guards;
    }

    private static @Nullable Window window(FieldReader reader) {
        try {
            Set<DayOfWeek> days = EnumSet.noneOf(DayOfWeek.class);
            JsonNode given = reader.json("days");
            given.forEach(day -> {
                for (DayOfWeek each : DayOfWeek.values()) {
                    if (each.name()
                            .toLowerCase(Locale.ROOT)
                            .startsWith(day.asString("?").toLowerCase(Locale.ROOT))) {
                        days.add(each);
                    }
                }
            });
            Window window = new Window(
                    new MaintenanceWindow(
                            days.isEmpty() ? EnumSet.allOf(DayOfWeek.class) : days,
                            LocalTime.parse(reader.requiredText("from")),
                            LocalTime.parse(reader.requiredText("to"))),
                    ZoneId.of(reader.text("zone", "UTC")));
            reader.finish();
            return window;
        } catch (DateTimeException e) {
            reader.problem("", "is not {days: [mon], from: \"22:00\", to: \"04:00\", zone: Europe/Berlin}");
            return null;
        }
    }

    private List<Step> steps(FieldReader spec, String field) {
        List<Step> steps = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (FieldReader reader : list(spec, field, MAX_STEPS)) {
            String kind = KINDS.stream().filter(reader::has).findFirst().orElse("");
            String name = reader.text("name", kind.isEmpty() ? "step" : kind + "-" + (steps.size() + 1));
            if (!names.add(name)) {
                reader.problem("name", "\"" + name + "\" is the name of another step");
            }
            Action action = action(reader, kind);
            String onError = reader.text("onError", "fail");
            if (!onError.equals("fail") && !onError.equals("continue")) {
                reader.problem("onError", "must be fail or continue, found \"" + onError + "\"");
            }
            Step step = new Step(
                    name,
                    action,
                    reader.duration("timeout", Duration.ofMinutes(10), SECOND, MAX),
                    reader.number("retries", 0, 0, 10),
                    reader.duration("retryPause", Duration.ofSeconds(10), SECOND, DAY),
                    onError.equals("continue"));
            if (step.retries() > 0 && !action.mayBeRepeated()) {
                reader.problem("retries", "needs http.idempotent: true, since a call that failed may have been heard");
            }
            reader.finish();
            steps.add(step);
        }
        return List.copyOf(steps);
    }

    private Action action(FieldReader step, String kind) {
        if (KINDS.stream().filter(step::has).count() > 1) {
            step.problem("", "does more than one thing; make a step of each");
        }
        if (kind.equals("pause")) {
            return new Action.Pause(step.duration("pause", SECOND, SECOND, DAY));
        }
        FieldReader reader = step.object(kind.isEmpty() ? "command" : kind);
        Action action = switch (kind) {
            case "command" ->
                new Action.Command(
                        reader.requiredText("name"),
                        reader.json("parameters"),
                        reader.number("maxFailures", 0, 0, 10_000));
            case "waitFor" -> waitFor(reader);
            case "require" -> check(reader, false);
            case "rollout" ->
                new Action.Rollout(
                        reader.requiredText("name"),
                        reader.choice("action", Action.RolloutVerb.class, Action.RolloutVerb.PAUSE));
            case "quarantine" -> {
                String reason = bounded(reader, "reason", reader.requiredText("reason"));
                yield reader.has("release")
                        ? new Action.QuarantineRelease(reader.text("release", ""), reason)
                        : new Action.QuarantineAssets(reason);
            }
            case "reenrol" -> new Action.Reenrol(reader.duration("validFor", DAY, Duration.ofMinutes(1), MAX));
            case "http" -> http(reader);
            case "ticket" ->
                new Action.Ticket(
                        bounded(reader, "summary", reader.requiredText("summary")),
                        bounded(reader, "description", reader.text("description", "")));
            case "approve" -> new Action.Approve(bounded(reader, "instructions", reader.requiredText("instructions")));
            case "runbook" -> new Action.Sub(reader.requiredText("name"), Map.copyOf(reader.texts("parameters")));
            default -> {
                step.problem("", "does nothing; it needs one of " + String.join(", ", KINDS));
                yield new Action.WaitForAlert();
            }
        };
        if (!kind.isEmpty()) {
            reader.finish();
        }
        return action;
    }

    private Action waitFor(FieldReader reader) {
        if (reader.has("alert")) {
            if (!reader.text("alert", "").equals("resolved")) {
                reader.problem("alert", "must be resolved");
            }
            return new Action.WaitForAlert();
        }
        if (reader.has("metric")) {
            Double min = reader.decimal("min");
            Double max = reader.decimal("max");
            if (min == null && max == null) {
                reader.problem("metric", "needs min or max");
            }
            return new Action.WaitForMetric(reader.requiredText("metric"), min, max);
        }
        if (reader.has("rollout")) {
            List<String> phases = new ArrayList<>();
            reader.json("phase").forEach(each -> phases.add(each.asString("")));
            if (phases.isEmpty()) {
                reader.problem("phase", "has no phase; write phase: [rolled_back]");
            }
            return new Action.WaitForRollout(reader.requiredText("rollout"), List.copyOf(phases));
        }
        if (reader.has("sli")) {
            return check(reader, true);
        }
        if (!reader.has("selector")) {
            reader.problem("", "needs selector, metric, sli, rollout, or alert: resolved");
            return new Action.WaitForAlert();
        }
        return new Action.WaitForAssets(selector(reader, "selector"), share(reader, "share", 1));
    }

    private static Action check(FieldReader reader, boolean waits) {
        if (!reader.has("atLeast")) {
            reader.problem("atLeast", "is missing; write atLeast: 99%");
        }
        return new Action.CheckSli(
                reader.requiredText("sli"),
                scope(reader),
                reader.duration("window", SLI_WINDOW, Duration.ofMinutes(5), SLI_LONGEST),
                share(reader, "atLeast", 1),
                reader.number("minSamples", 1, 1, 1_000_000_000),
                waits);
    }

    private static SliScope scope(FieldReader reader) {
        String text = reader.text("scope", "fleet");
        return SliScope.parse(text).orElseGet(() -> {
            reader.problem(
                    "scope", "must be fleet, type/NAME, region/NAME, group/NAME or asset/ID, found \"" + text + "\"");
            return SliScope.FLEET;
        });
    }

    private static Worse worse(FieldReader reader) {
        Worse worse = new Worse(
                reader.requiredText("sli"),
                scope(reader),
                reader.duration("window", SLI_WINDOW, Duration.ofMinutes(5), SLI_LONGEST),
                share(reader, "margin", 0.01),
                reader.number("minSamples", 100, 1, 1_000_000_000));
        reader.finish();
        return worse;
    }

    private static Action http(FieldReader reader) {
        String method = reader.text("method", "POST");
        if (!METHODS.contains(method)) {
            reader.problem(
                    "method", "must be one of " + METHODS.stream().sorted().toList());
        }
        String url = reader.requiredText("url");
        try {
            URI uri = URI.create(url);
            if (uri.getHost() == null || !("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))) {
                reader.problem("url", "must be an http or https address");
            }
            if (uri.getUserInfo() != null) {
                reader.problem("url", "must not hold a password; it would be shown to whoever may read runbooks");
            }
        } catch (IllegalArgumentException e) {
            reader.problem("url", "is no address: " + e.getMessage());
        }
        Map<String, String> headers = reader.texts("headers");
        headers.keySet().stream()
                .filter(name -> name.toLowerCase(Locale.ROOT).matches("authorization|cookie|.*(token|secret|key)"))
                .forEach(name -> reader.problem(
                        "headers." + name,
                        "would be shown to whoever may read runbooks; give secrets to a gateway of yours"));
        List<Integer> expect = new ArrayList<>();
        reader.json("expect").forEach(each -> expect.add(each.asInt(0)));
        String body = reader.text("body", "");
        if (body.length() > 64 * 1024) {
            reader.problem("body", "is longer than 65536 characters");
        }
        return new Action.Http(
                method,
                url,
                Map.copyOf(headers),
                body,
                expect.isEmpty() ? List.of(200, 201, 202, 204) : List.copyOf(expect),
                reader.flag("idempotent", method.equals("GET") || method.equals("PUT") || method.equals("DELETE")));
    }

    private List<Case> cases(FieldReader spec) {
        List<Case> cases = new ArrayList<>();
        for (FieldReader reader : list(spec, "tests", MAX_CASES)) {
            List<FakeAsset> assets = new ArrayList<>();
            for (FieldReader asset : list(reader, "assets", 100)) {
                assets.add(new FakeAsset(
                        asset.requiredText("id"),
                        asset.text("type", "linux-device"),
                        asset.text("region", ""),
                        asset.text("site", ""),
                        asset.text("hardware", ""),
                        state(asset, "state")));
                asset.finish();
            }
            List<Reaction> reactions = new ArrayList<>();
            for (FieldReader reaction : list(reader, "reactions", 100)) {
                reactions.add(new Reaction(
                        reaction.requiredText("on"),
                        reaction.duration("after", SECOND, Duration.ZERO, MAX),
                        reaction.flag("fails", false),
                        reaction.flag("killed", false),
                        state(reaction, "set"),
                        reaction.flag("alertOver", false)));
                reaction.finish();
            }
            FieldReader expect = reader.object("expect");
            String outcome = expect.text("outcome", "succeeded");
            if (!OUTCOMES.contains(outcome)) {
                expect.problem(
                        "outcome",
                        "must be one of " + OUTCOMES.stream().sorted().toList());
            }
            List<String> did = expect.has("did") ? new ArrayList<>() : null;
            if (did != null) {
                expect.json("did").forEach(each -> did.add(each.asString("")));
            }
            cases.add(new Case(
                    reader.requiredText("name"),
                    new TreeMap<>(reader.texts("alert")),
                    new TreeMap<>(reader.texts("parameters")),
                    List.copyOf(assets),
                    List.copyOf(reactions),
                    outcome,
                    did,
                    expect.has("holds") ? selector(expect, "holds") : null));
            expect.finish();
            reader.finish();
        }
        return List.copyOf(cases);
    }

    private static SortedMap<String, String> state(FieldReader reader, String field) {
        SortedMap<String, String> all = new TreeMap<>();
        FieldReader state = reader.object(field);
        for (String name : state.names()) {
            String value = scalar(state, name);
            if (name.startsWith("sli.") && !value.matches("\\d{1,9}/\\d{1,9}")) {
                state.problem(name, "must be the good of all, such as \"97/100\", found \"" + value + "\"");
            }
            all.put(name, value);
        }
        return all;
    }

    private String selector(FieldReader reader, String field) {
        String text = reader.requiredText(field);
        if (!text.isEmpty()) {
            selectors.problem(text).ifPresent(problem -> reader.problem(field, problem));
        }
        return text;
    }

    /** A share written as {@code 25%}. */
    private static double share(FieldReader reader, String field, double fallback) {
        if (!reader.has(field)) {
            return fallback;
        }
        String text = reader.text(field, "");
        if (!text.matches("\\d{1,3}(\\.\\d{1,3})?%")
                || Double.parseDouble(text.substring(0, text.length() - 1)) > 100) {
            reader.problem(field, "must be a share such as \"25%\", found \"" + text + "\"");
            return fallback;
        }
        return Double.parseDouble(text.substring(0, text.length() - 1)) / 100;
    }

    private static String scalar(FieldReader reader, String field) {
        JsonNode value = reader.json(field);
        if (!value.isValueNode()) {
            reader.problem(field, "must be text, a number or a flag");
            return "";
        }
        return value.asString();
    }

    private static String bounded(FieldReader reader, String field, String text) {
        if (text.length() > MAX_TEXT) {
            reader.problem(field, "is longer than " + MAX_TEXT + " characters");
        }
        return text;
    }

    private List<FieldReader> list(FieldReader reader, String field, int max) {
        JsonNode value = reader.has(field) ? reader.json(field) : JsonNodeFactory.instance.arrayNode();
        List<FieldReader> all = new ArrayList<>();
        if (!value.isArray()) {
            reader.problem(field, "must be a list");
            return all;
        }
        if (value.size() > max) {
            reader.problem(field, "has " + value.size() + " entries, at most " + max + " are allowed");
        }
        int index = 0;
        for (JsonNode each : value) {
            all.add(FieldReader.of(reader.path() + "." + field + "[" + index++ + "]", each, problems));
        }
        return all;
    }
}
