package dev.muster.alert.rule;

import dev.muster.alert.Signal;
import dev.muster.registry.document.FieldReader;
import dev.muster.registry.selector.Selectors;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A declared rule: which assets are looked at, what is wrong with one of them, and at which common causes it is told.
 *
 * @param selector empty for all assets
 * @param lasting how long an asset has to be wrong ({@code for})
 * @param keepFiring for how long the alert fires on after it was wrong last
 * @param every how often it is evaluated; null for the server's interval
 * @param causes labels by which assets are counted together, such as {@code gateway}, {@code region}, {@code labels.line},
 *     {@code software.app}
 * @param causeShare which part of the assets of a cause has to be wrong so that it is the cause
 * @param causeAtLeast how many
 * @param labels added to each alert
 */
public record AlertRule(
        String name,
        String selector,
        String severity,
        Condition condition,
        Duration lasting,
        Duration keepFiring,
        @Nullable Duration every,
        List<String> causes,
        double causeShare,
        int causeAtLeast,
        Map<String, String> labels,
        Map<String, String> annotations,
        boolean paused) {
    static final List<String> DEFAULT_CAUSES = List.of("gateway", "region", "site", "hardware");
    static final Pattern CAUSE = Pattern.compile(
            "(gateway|region|site|hardware|type|owner|labels\\.[A-Za-z0-9._-]+|software\\.[A-Za-z0-9._-]+)");
    private static final Pattern LABEL = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");
    private static final Set<String> SEVERITIES = Set.of("page", "ticket", "info");
    private static final Duration WEEK = Duration.ofDays(7);
    private static final int MAX_CAUSES = 8;

    static AlertRule read(String name, FieldReader spec, Selectors selectors, Map<String, ConditionKind> kinds) {
        String selector = spec.text("selector", "");
        if (!selector.isBlank()) {
            selectors.problem(selector).ifPresent(why -> spec.problem("selector", why));
        }
        String severity = spec.text("severity", "ticket");
        if (!SEVERITIES.contains(severity)) {
            spec.problem("severity", "must be one of page, ticket, info, found \"" + severity + "\"");
        }
        Condition condition = condition(spec.object("condition"), kinds);
        Duration lasting = spec.duration("for", Duration.ZERO, Duration.ZERO, WEEK);
        Duration keep = spec.duration("keepFiringFor", Duration.ZERO, Duration.ZERO, WEEK);
        Duration every = spec.has("every")
                ? spec.duration("every", Duration.ofSeconds(30), Duration.ofSeconds(1), Duration.ofHours(24))
                : null;
        FieldReader cause = spec.object("commonCause");
        List<String> causes = causes(cause);
        Double share = cause.decimal("share");
        if (share != null && (share <= 0 || share > 1)) {
            cause.problem("share", "must be above 0 and at most 1, found " + share);
        }
        int atLeast = cause.number("atLeast", 5, 2, 1_000_000);
        cause.finish();
        Map<String, String> labels = spec.texts("labels");
        labels.keySet().stream()
                .filter(label ->
                        !LABEL.matcher(label).matches() || label.equals(Signal.NAME) || label.equals(Signal.SEVERITY))
                .forEach(label -> spec.problem(
                        "labels." + label,
                        "is no label that a rule may set; it matches " + LABEL + ", name and severity are the rule's"));
        AlertRule rule = new AlertRule(
                name,
                selector.strip(),
                severity,
                condition,
                lasting,
                keep,
                every,
                causes,
                share == null ? 0.5 : share,
                atLeast,
                Map.copyOf(labels),
                Map.copyOf(spec.texts("annotations")),
                spec.flag("paused", false));
        spec.finish();
        return rule;
    }

    private static Condition condition(FieldReader reader, Map<String, ConditionKind> kinds) {
        List<String> keys = reader.names();
        if (keys.size() != 1 || !kinds.containsKey(keys.getFirst())) {
            reader.problem(
                    "",
                    "must have exactly one of "
                            + String.join(", ", kinds.keySet().stream().sorted().toList()) + ", found "
                            + (keys.isEmpty() ? "nothing" : String.join(", ", keys)));
            return new Condition() {
                @Override
                public List<Finding> judge(List<Subject> subjects, Moment moment) {
                    throw new IllegalStateException("a rule without a condition is evaluated");
                }

                @Override
                public String text() {
                    return "";
                }
            };
        }
        FieldReader inner = reader.object(keys.getFirst());
        Condition condition =
                java.util.Objects.requireNonNull(kinds.get(keys.getFirst())).read(inner);
        inner.finish();
        return condition;
    }

    private static List<String> causes(FieldReader reader) {
        if (!reader.has("by")) {
            return DEFAULT_CAUSES;
        }
        List<String> causes = new ArrayList<>();
        if (!reader.json("by").isArray() || reader.json("by").size() > MAX_CAUSES) {
            reader.problem(
                    "by", "must be a list of at most " + MAX_CAUSES + " labels; [] for one alert for each asset");
            return causes;
        }
        reader.json("by").forEach(each -> {
            String label = each.asString("");
            if (!CAUSE.matcher(label).matches()) {
                reader.problem(
                        "by",
                        "\"" + label + "\" is none of gateway, region, site, hardware, type, owner, labels.<name>,"
                                + " software.<component>");
            }
            causes.add(label);
        });
        return List.copyOf(causes);
    }

    public String source() {
        return "rule/" + name;
    }
}
