package dev.muster.slo;

import dev.muster.registry.document.FieldReader;
import dev.muster.registry.document.Problem;
import dev.muster.slo.SliDefinition.Count;
import dev.muster.slo.engine.BurnAlert;
import dev.muster.slo.engine.TimeWindow;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.Period;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Reads OpenSLO v1: objectives and indicators, and says exactly what of them cannot be honoured.
 *
 * @see <a href="https://github.com/OpenSLO/OpenSLO">OpenSLO</a>
 */
final class SloReader {
    static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
    static final String SCOPE = "muster.dev/scope";
    static final String ALERTS = "muster.dev/alerts";
    static final String MIN_EVENTS = "muster.dev/min-events";
    static final String MIN_BAD = "muster.dev/min-bad";
    /** Stands in for a target that is refused: any alert can fire with it. */
    private static final double UNREADABLE = 0.9999;

    static final double DEFAULT_MIN_EVENTS = 20;
    static final double DEFAULT_MIN_BAD = 5;
    private static final Set<String> ANNOTATIONS = Set.of(SCOPE, ALERTS, MIN_EVENTS, MIN_BAD);
    private static final Pattern DURATION = Pattern.compile("(\\d{1,4})([mhdwMQY])");
    private static final DateTimeFormatter START = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT);
    private static final Duration MAX_PERIOD = Duration.ofDays(366);
    private static final String ACCEPTED =
            "Muster evaluates metricSource type muster with one of event, command or metric, and"
                    + " sum(rate(muster_sli_events_total{sli=\"…\",scope=\"…\",name=\"…\",outcome=\"…\"}[{{.window}}]));"
                    + " for its own indicators say indicatorRef";

    private final List<Problem> problems;
    private final Predicate<String> known;

    /** @param known indicators by name */
    SloReader(List<Problem> problems, Predicate<String> known) {
        this.problems = problems;
        this.known = known;
    }

    Slo slo(String name, JsonNode document) {
        FieldReader metadata = FieldReader.of("metadata", document.get("metadata"), problems);
        Map<String, String> annotations = metadata.texts("annotations");
        annotations.keySet().stream()
                .filter(key -> key.startsWith("muster.dev/") && !ANNOTATIONS.contains(key))
                .forEach(key -> problem("metadata.annotations." + key, "is not known; known are " + ANNOTATIONS));
        if (!NAME.matcher(name).matches()) {
            problem("metadata.name", "must match " + NAME + ", found \"" + name + "\"");
        }
        FieldReader spec = FieldReader.of("spec", document.get("spec"), problems);
        spec.text("description", "");
        String service = spec.requiredText("service");
        TimeWindow window = window(spec);
        JsonNode objectives = spec.json("objectives");
        if (objectives.size() != 1) {
            spec.problem(
                    "objectives",
                    "must be one objective, found " + objectives.size()
                            + "; apply makes an SLO of each, so that each budget has a name");
        }
        FieldReader objective = FieldReader.of("spec.objectives[0]", objectives.get(0), problems);
        double target = target(objective);
        Indicator indicator = indicator(name, spec, objective, annotations.get(SCOPE));
        Slo.Slices slices = slices(spec, objective, window);
        objective.finish();
        List<BurnAlert> alerts = alerts(spec, annotations.get(ALERTS), target, window);
        double minEvents = number(annotations, MIN_EVENTS, DEFAULT_MIN_EVENTS);
        double minBad = number(annotations, MIN_BAD, DEFAULT_MIN_BAD);
        spec.finish();
        return new Slo(
                name,
                metadata.text("displayName", name),
                service,
                indicator.sli(),
                indicator.definition(),
                indicator.scope(),
                target,
                window,
                slices,
                alerts,
                minEvents,
                minBad);
    }

    private double number(Map<String, String> annotations, String key, double fallback) {
        String text = annotations.get(key);
        if (text == null) {
            return fallback;
        }
        if (!text.matches("\\d{1,9}")) {
            problem("metadata.annotations." + key, "must be a whole number, found \"" + text + "\"");
            return fallback;
        }
        return Double.parseDouble(text);
    }

    private double target(FieldReader objective) {
        objective.text("displayName", "");
        Double target = objective.decimal("target");
        Double percent = objective.decimal("targetPercent");
        if ((target == null) == (percent == null)) {
            objective.problem("target", "must be given, or targetPercent, and not both");
            return UNREADABLE;
        }
        double share = target != null ? target : percent / 100;
        if (!(share > 0 && share < 1)) {
            objective.problem(
                    target != null ? "target" : "targetPercent",
                    "must be above 0 and below " + (target != null ? "1" : "100")
                            + ": with all of it there is no budget to spend, found "
                            + (target != null ? target : percent));
            return UNREADABLE;
        }
        return share;
    }

    // --- the period

    private TimeWindow window(FieldReader spec) {
        TimeWindow fallback = new TimeWindow(Duration.ofDays(30), null);
        JsonNode windows = spec.json("timeWindow");
        if (windows.size() != 1 || !windows.isArray()) {
            spec.problem("timeWindow", "must be a list of one window, found " + windows.size());
            return fallback;
        }
        FieldReader reader = FieldReader.of("spec.timeWindow[0]", windows.get(0), problems);
        String text = reader.requiredText("duration");
        boolean rolls = reader.flag("isRolling", !reader.has("calendar"));
        Matcher duration = DURATION.matcher(text);
        if (!duration.matches()) {
            if (!text.isEmpty()) {
                reader.problem("duration", "must be such as 30d, 4w, 1M, 1Q, found \"" + text + "\"");
            }
            return fallback;
        }
        int count = Integer.parseInt(duration.group(1));
        Duration period = switch (duration.group(2)) {
            case "m" -> Duration.ofMinutes(count);
            case "h" -> Duration.ofHours(count);
            case "d" -> Duration.ofDays(count);
            case "w" -> Duration.ofDays(7L * count);
            case "M" -> Duration.ofDays(30L * count);
            case "Q" -> Duration.ofDays(91L * count);
            default -> Duration.ofDays(365L * count);
        };
        if (period.compareTo(Duration.ofHours(1)) < 0 || period.compareTo(MAX_PERIOD) > 0) {
            reader.problem(
                    "duration",
                    "must be from 1h to 366d, found \"" + text + "\""
                            + (duration.group(2).equals("m") ? "; m are minutes, a month is " + count + "M" : ""));
            return fallback;
        }
        TimeWindow.Calendar calendar = rolls ? null : calendar(reader, duration.group(2), count);
        if (rolls && reader.has("calendar")) {
            reader.problem("calendar", "belongs to a window with isRolling: false");
        }
        reader.finish();
        return new TimeWindow(period, calendar);
    }

    private TimeWindow.@Nullable Calendar calendar(FieldReader window, String unit, int count) {
        Period step = switch (unit) {
            case "d" -> Period.ofDays(count);
            case "w" -> Period.ofWeeks(count);
            case "M" -> Period.ofMonths(count);
            case "Q" -> Period.ofMonths(3 * count);
            case "Y" -> Period.ofYears(count);
            default -> Period.ZERO;
        };
        if (step.isZero()) {
            window.problem("duration", "of a calendar window must be in days or longer");
            return null;
        }
        FieldReader calendar = window.object("calendar");
        String start = calendar.requiredText("startTime");
        String zone = calendar.text("timeZone", "UTC");
        calendar.finish();
        try {
            return new TimeWindow.Calendar(LocalDateTime.parse(start, START), ZoneId.of(zone), step);
        } catch (DateTimeException wrong) {
            calendar.problem(
                    "startTime",
                    "must be such as 2026-01-01 00:00:00 with a timeZone such as Europe/Berlin, found \"" + start
                            + "\" and \"" + zone + "\"");
            return null;
        }
    }

    private Slo.@Nullable Slices slices(FieldReader spec, FieldReader objective, TimeWindow window) {
        String method = spec.text("budgetingMethod", "Occurrences");
        switch (method) {
            case "Occurrences" -> {
                return null;
            }
            case "Timeslices" -> {
                Double target = objective.decimal("timeSliceTarget");
                if (target == null || target <= 0 || target > 1) {
                    objective.problem("timeSliceTarget", "must be above 0 and at most 1, found " + target);
                }
                String text = objective.requiredText("timeSliceWindow");
                Matcher matcher = DURATION.matcher(text);
                Duration size = matcher.matches() && "mh".contains(matcher.group(2))
                        ? (matcher.group(2).equals("m")
                                ? Duration.ofMinutes(Integer.parseInt(matcher.group(1)))
                                : Duration.ofHours(Integer.parseInt(matcher.group(1))))
                        : Duration.ZERO;
                if (!Set.of(5L, 10L, 15L, 20L, 30L, 60L).contains(size.toMinutes())) {
                    objective.problem(
                            "timeSliceWindow",
                            "must be 5m, 10m, 15m, 20m, 30m or 1h, because indicators are summed up by five minutes; found \""
                                    + text + "\"");
                    return null;
                }
                if (size.toMinutes() < 60 && window.period().compareTo(BucketStore.KEPT) > 0) {
                    objective.problem(
                            "timeSliceWindow",
                            "must be 1h with a period longer than " + BucketStore.KEPT.toDays()
                                    + "d, because shorter sums are not kept for longer; found \"" + text + "\"");
                    return null;
                }
                return new Slo.Slices(size, target == null ? 1 : target);
            }
            default -> {
                spec.problem("budgetingMethod", "must be Occurrences or Timeslices, found \"" + method + "\"");
                return null;
            }
        }
    }

    // --- the indicator

    private record Indicator(String sli, @Nullable SliDefinition definition, SliScope scope) {}

    private Indicator indicator(String slo, FieldReader spec, FieldReader objective, @Nullable String scopeText) {
        SliScope scope = SliScope.FLEET;
        if (scopeText != null) {
            SliScope found = SliScope.parse(scopeText).orElse(null);
            if (found == null || found instanceof SliScope.One) {
                problem(
                        "metadata.annotations." + SCOPE,
                        "must be fleet, type/NAME, region/NAME or group/NAME, found \"" + scopeText + "\"");
            } else {
                scope = found;
            }
        }
        if (spec.has("indicator") == spec.has("indicatorRef")) {
            spec.problem("indicator", "must be given, or indicatorRef, and not both");
            return new Indicator("", null, scope);
        }
        if (spec.has("indicatorRef")) {
            String name = spec.text("indicatorRef", "");
            if (!known.test(name)) {
                spec.problem(
                        "indicatorRef",
                        "names \"" + name + "\", which does not exist; GET /api/v1/slis lists the indicators");
            }
            noThreshold(objective);
            return new Indicator(name, null, scope);
        }
        FieldReader indicator = spec.object("indicator");
        indicator.json("metadata");
        FieldReader inner = indicator.object("spec");
        PromQl.Own own = promQl(inner);
        indicator.finish();
        if (own != null) {
            inner.json("ratioMetric");
            noThreshold(objective);
            if (!known.test(own.sli())) {
                inner.problem("ratioMetric", "asks for the indicator \"" + own.sli() + "\", which does not exist");
            }
            return new Indicator(own.sli(), null, own.scope());
        }
        return new Indicator("slo:" + slo, definition(inner, objective), scope);
    }

    private static void noThreshold(FieldReader objective) {
        objective.text("op", "");
        if (objective.has("value")) {
            objective.problem("value", "belongs to a thresholdMetric");
        }
    }

    /** Both queries over the server's own indicators, as Prometheus could evaluate them too. */
    private static PromQl.@Nullable Own promQl(FieldReader spec) {
        JsonNode ratio = spec.json("ratioMetric");
        PromQl.Own total = PromQl.parse(query(ratio.path("total"))).orElse(null);
        if (total == null) {
            return null;
        }
        boolean hasBad = ratio.has("bad");
        PromQl.Own part =
                PromQl.parse(query(ratio.path(hasBad ? "bad" : "good"))).orElse(null);
        return part != null
                        && part.same(total)
                        && total.isTotal()
                        && part.outcome().equals(hasBad ? "bad" : "good")
                ? total
                : null;
    }

    private static String query(JsonNode metric) {
        return metric.path("metricSource").path("spec").path("query").asString("");
    }

    /** Of a document of kind SLI. */
    @Nullable SliDefinition sli(String name, JsonNode document) {
        if (!NAME.matcher(name).matches()) {
            problem("metadata.name", "must match " + NAME + ", found \"" + name + "\"");
        }
        FieldReader spec = FieldReader.of("spec", document.get("spec"), problems);
        spec.text("description", "");
        SliDefinition definition = definition(spec, null);
        spec.finish();
        return definition;
    }

    /** @param objective that bears the threshold; null where the indicator bears it */
    private @Nullable SliDefinition definition(FieldReader spec, @Nullable FieldReader objective) {
        if (spec.has("thresholdMetric") == spec.has("ratioMetric")) {
            spec.problem("ratioMetric", "must be given, or thresholdMetric, and not both");
            return null;
        }
        if (spec.has("thresholdMetric")) {
            Count count = source(spec.object("thresholdMetric"));
            Count.Readings readings = count instanceof Count.Readings found ? found : null;
            if (count != null && readings == null) {
                spec.problem("thresholdMetric", "must name a metric: events and commands have no value");
            }
            if (readings == null || objective == null) {
                return readings == null ? null : new SliDefinition.Threshold(readings);
            }
            String op = objective.requiredText("op");
            Double value = objective.decimal("value");
            if (!Set.of("lt", "lte", "gt", "gte").contains(op) || value == null) {
                objective.problem("op", "must be lt, lte, gt or gte, with a value; found \"" + op + "\" and " + value);
                return null;
            }
            return new SliDefinition.Threshold(new Count.Readings(readings.assetType(), readings.metric(), op, value));
        }
        if (objective != null) {
            noThreshold(objective);
        }
        FieldReader ratio = spec.object("ratioMetric");
        ratio.flag("counter", true);
        if (ratio.has("raw")) {
            ratio.problem(
                    "raw",
                    "is not evaluated: a ratio that was worked out elsewhere cannot be summed up;"
                            + " give good or bad, and total");
            return null;
        }
        if (ratio.has("good") == ratio.has("bad")) {
            ratio.problem("good", "must be given, or bad, and not both");
            return null;
        }
        boolean isBad = ratio.has("bad");
        Count part = source(ratio.object(isBad ? "bad" : "good"));
        Count total = source(ratio.object("total"));
        ratio.finish();
        return part == null || total == null ? null : new SliDefinition.Ratio(part, isBad, total);
    }

    private @Nullable Count source(FieldReader metric) {
        FieldReader source = metric.object("metricSource");
        String type = source.requiredText("type");
        FieldReader spec = source.object("spec");
        if (!type.equals("muster")) {
            String query = spec.text("query", "");
            spec.names();
            source.problem(
                    "type",
                    "is \"" + type + "\"" + (query.isEmpty() ? "" : " with the query \"" + shortened(query) + "\"")
                            + ", which is not evaluated here: " + ACCEPTED);
            return null;
        }
        metric.finish();
        @Nullable String assetType = spec.has("assetType") ? spec.text("assetType", "") : null;
        Count count = null;
        if (spec.has("event")) {
            count = new Count.Events(assetType, spec.text("event", ""));
        } else if (spec.has("command")) {
            String name = spec.text("command", "");
            @Nullable String status = spec.has("status") ? spec.text("status", "") : null;
            if (status != null && !Set.of("succeeded", "failed").contains(status)) {
                spec.problem("status", "must be succeeded or failed, found \"" + status + "\"");
            }
            count = new Count.Commands(name.equals("*") ? null : name, status);
        } else if (spec.has("metric")) {
            @Nullable String op = spec.has("op") ? spec.text("op", "") : null;
            Double value = spec.decimal("value");
            if (op != null && (!Set.of("lt", "lte", "gt", "gte").contains(op) || value == null)) {
                spec.problem("op", "must be lt, lte, gt or gte, with a value");
            }
            count = new Count.Readings(assetType, spec.text("metric", ""), op, value == null ? 0 : value);
        } else {
            spec.names();
            spec.problem("", "must name an event, a command or a metric");
        }
        spec.finish();
        return count;
    }

    private static String shortened(String query) {
        String line = query.strip().replaceAll("\\s+", " ");
        return line.length() <= 120 ? line : line.substring(0, 120) + "…";
    }

    // --- alerts

    private List<BurnAlert> alerts(FieldReader spec, @Nullable String chosen, double target, TimeWindow window) {
        List<BurnAlert> alerts = new ArrayList<>();
        JsonNode policies = spec.json("alertPolicies");
        String path = "metadata.annotations." + ALERTS;
        if (policies.isArray() && !policies.isEmpty()) {
            for (int i = 0; i < policies.size(); i++) {
                policy("spec.alertPolicies[" + i + "]", policies.get(i)).forEach(alerts::add);
            }
            path = "spec.alertPolicies";
            if (chosen != null && !chosen.equals(BurnAlert.FAST_BURN)) {
                problem("metadata.annotations." + ALERTS, "must not be given beside alertPolicies");
            }
            if (BurnAlert.FAST.canFire(target)) {
                alerts.add(BurnAlert.FAST);
            }
        } else {
            List<BurnAlert> standard = new ArrayList<>(BurnAlert.standard(window.period()));
            standard.add(BurnAlert.FAST);
            Set<String> names = new LinkedHashSet<>();
            if (chosen != null && !chosen.equals("none")) {
                names.addAll(List.of(chosen.split("\\s*,\\s*")));
            }
            for (BurnAlert alert : standard) {
                boolean wanted = chosen == null || names.remove(alert.name());
                boolean fits = alert.longWindow().compareTo(window.period()) <= 0;
                if (wanted && (fits || chosen != null)) {
                    alerts.add(alert);
                }
            }
            if (!names.isEmpty()) {
                problem(
                        path,
                        "names " + names
                                + "; there are page-quick, page-slow, ticket-quick, ticket-slow, fast-burn, or none");
            }
        }
        for (BurnAlert alert : alerts) {
            if (!alert.canFire(target)) {
                problem(
                        path,
                        "alert %s can never fire at a target of %s: it asks for %.4g times the allowed %.4g, which is %.4g of all and more than everything; %s"
                                .formatted(
                                        alert.name(),
                                        target,
                                        alert.factor(),
                                        1 - target,
                                        alert.threshold(target),
                                        "leave it out: set " + ALERTS + " to those that can ("
                                                + String.join(
                                                        ",",
                                                        alerts.stream()
                                                                .filter(each -> each.canFire(target))
                                                                .map(BurnAlert::name)
                                                                .toList())
                                                + ") or none, or raise the target"));
            }
        }
        return alerts;
    }

    private List<BurnAlert> policy(String path, @Nullable JsonNode json) {
        List<BurnAlert> alerts = new ArrayList<>();
        FieldReader policy = FieldReader.of(path, json, problems);
        if (policy.has("alertPolicyRef") || (json != null && json.isString())) {
            problem(path, "refers to a policy elsewhere, which is not supported; write it here");
            return alerts;
        }
        policy.text("kind", "AlertPolicy");
        String name = policy.object("metadata").text("name", "alert");
        FieldReader spec = policy.object("spec");
        JsonNode conditions = spec.json("conditions");
        for (int i = 0; i < conditions.size(); i++) {
            FieldReader condition = FieldReader.of(
                    path + ".spec.conditions[" + i + "].spec", conditions.get(i).path("spec"), problems);
            String severity = condition.text("severity", "page");
            FieldReader burn = condition.object("condition");
            String kind = burn.text("kind", "burnrate");
            Double threshold = burn.decimal("threshold");
            Duration lookback =
                    burn.duration("lookbackWindow", Duration.ofHours(1), Duration.ofMinutes(5), Duration.ofDays(30));
            if (!kind.equals("burnrate") || threshold == null || threshold <= 0) {
                burn.problem("kind", "must be burnrate with a threshold above 0, found \"" + kind + "\"");
                continue;
            }
            if (!Set.of("page", "ticket").contains(severity)) {
                condition.problem("severity", "must be page or ticket, found \"" + severity + "\"");
            }
            alerts.add(new BurnAlert(
                    conditions.size() == 1 ? name : name + "-" + (i + 1),
                    severity,
                    lookback,
                    Buckets.ceil(lookback.dividedBy(12)),
                    threshold));
        }
        return alerts;
    }

    private void problem(String path, String message) {
        problems.add(new Problem(path, message));
    }
}
