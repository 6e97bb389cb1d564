package dev.muster.alert.route;

import dev.muster.alert.match.Matcher;
import dev.muster.alert.match.MatcherException;
import dev.muster.registry.document.Durations;
import dev.muster.registry.document.FieldReader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * Who is told of what: the tree, what is held back while something else fires, and the intervals that both may name. The fields are those
 * of an Alertmanager configuration, so that one can be pasted; of its sections only {@code route}, {@code inhibit_rules} and {@code
 * time_intervals} (or {@code mute_time_intervals}) are taken.
 *
 * @see <a href="https://prometheus.io/docs/alerting/latest/configuration/">Alertmanager: configuration</a>
 */
public record Routing(Route root, List<Inhibition> inhibitions, Map<String, TimeInterval> intervals) {
    public static final String DEFAULT_RECEIVER = "default";
    private static final Duration WEEK = Duration.ofDays(7);
    private static final int MAX_DEPTH = 20;
    private static final int MAX_LIST = 500;

    /** What holds where nothing is declared: the owner's receiver, else {@value #DEFAULT_RECEIVER}; alerts of one name together. */
    public static Routing standard() {
        return new Routing(
                new Route(
                        "{}",
                        DEFAULT_RECEIVER,
                        "owner",
                        List.of("alertname"),
                        false,
                        Duration.ofSeconds(30),
                        Duration.ofMinutes(5),
                        Duration.ofHours(4),
                        false,
                        List.of(),
                        List.of(),
                        List.of(),
                        List.of()),
                List.of(),
                Map.of());
    }

    public static Routing read(FieldReader spec) {
        Map<String, TimeInterval> intervals = new LinkedHashMap<>();
        for (String section : List.of("time_intervals", "mute_time_intervals")) {
            each(spec, section, item -> {
                String name = item.requiredText("name");
                intervals.put(name, TimeInterval.read(item));
                item.finish();
            });
        }
        Route standard = standard().root();
        if (!spec.has("route")) {
            spec.problem("route", "is missing");
        }
        Route top = new Route(
                "",
                "",
                "",
                List.of(),
                false,
                standard.groupWait(),
                standard.groupInterval(),
                standard.repeatInterval(),
                false,
                List.of(),
                List.of(),
                List.of(),
                List.of());
        Route root = route(spec.object("route"), top, intervals.keySet(), 0);
        if (root.receiver().isEmpty()) {
            spec.problem("route.receiver", "is missing: who is told of what no other route takes");
        }
        if (!root.matchers().isEmpty()) {
            spec.problem("route.matchers", "must be empty: the first route takes everything");
        }
        List<Inhibition> inhibitions = new ArrayList<>();
        each(spec, "inhibit_rules", item -> {
            inhibitions.add(new Inhibition(
                    matchers(item, "source_matchers", "source_match", "source_match_re"),
                    matchers(item, "target_matchers", "target_match", "target_match_re"),
                    texts(item, "equal")));
            item.finish();
        });
        spec.finish();
        return new Routing(root, List.copyOf(inhibitions), intervals);
    }

    private static Route route(FieldReader reader, Route above, Set<String> intervals, int depth) {
        List<Matcher> matchers = matchers(reader, "matchers", "match", "match_re");
        String id = distinct(
                (above.id().isEmpty() ? "" : above.id() + "/")
                        + matchers.stream().map(Matcher::toString).collect(Collectors.joining(",", "{", "}")),
                reader);
        boolean grouped = reader.has("group_by");
        List<String> groupBy = grouped ? texts(reader, "group_by") : above.groupBy();
        boolean all = grouped ? groupBy.contains("...") : above.groupByAll();
        List<String> mute = known(reader, "mute_time_intervals", intervals);
        List<String> active = known(reader, "active_time_intervals", intervals);
        Route plain = new Route(
                id,
                reader.text("receiver", above.receiver()),
                reader.text("receiver_from", above.receiverFrom()),
                groupBy.stream().filter(label -> !label.equals("...")).toList(),
                all,
                duration(reader, "group_wait", above.groupWait()),
                duration(reader, "group_interval", above.groupInterval()),
                duration(reader, "repeat_interval", above.repeatInterval()),
                reader.flag("continue", false),
                matchers,
                mute,
                active,
                List.of());
        List<Route> routes = new ArrayList<>();
        if (depth >= MAX_DEPTH) {
            reader.problem("", "is nested deeper than " + MAX_DEPTH + " routes");
        } else {
            each(reader, "routes", child -> routes.add(route(child, plain, intervals, depth + 1)));
        }
        reader.finish();
        return new Route(
                id,
                plain.receiver(),
                plain.receiverFrom(),
                plain.groupBy(),
                plain.groupByAll(),
                plain.groupWait(),
                plain.groupInterval(),
                plain.repeatInterval(),
                plain.goesOn(),
                matchers,
                mute,
                active,
                routes);
    }

    /** Two siblings with the same matchers are two routes. */
    private static String distinct(String id, FieldReader reader) {
        int at = reader.path().lastIndexOf('[');
        String index =
                at < 0 ? "" : reader.path().substring(at + 1, reader.path().indexOf(']', at));
        return index.isEmpty() || index.equals("0") ? id : id + "#" + index;
    }

    private static Duration duration(FieldReader reader, String field, Duration fallback) {
        String text = reader.text(field, "");
        if (text.isEmpty()) {
            return fallback;
        }
        Duration parsed = Durations.parse(text);
        if (parsed == null || parsed.compareTo(WEEK.multipliedBy(4)) > 0) {
            reader.problem(field, "must be a duration such as \"30s\", \"5m\" or \"4h\", found \"" + text + "\"");
            return fallback;
        }
        return parsed;
    }

    private static List<String> known(FieldReader reader, String field, Set<String> intervals) {
        List<String> names = texts(reader, field);
        names.stream()
                .filter(name -> !intervals.contains(name))
                .forEach(name -> reader.problem(
                        field, "there is no time interval \"" + name + "\"; known are " + new TreeSet<>(intervals)));
        return names;
    }

    private static List<Matcher> matchers(FieldReader reader, String modern, String equal, String regex) {
        List<Matcher> found = new ArrayList<>();
        try {
            for (String each : texts(reader, modern)) {
                found.addAll(Matcher.parseAll(each));
            }
            for (String old : List.of(equal, regex)) {
                if (reader.has(old)) {
                    for (Map.Entry<String, JsonNode> entry : reader.json(old).properties()) {
                        found.add(Matcher.of(entry.getKey(), entry.getValue().asString(""), old.equals(regex), true));
                    }
                }
            }
        } catch (MatcherException invalid) {
            reader.problem(modern, String.valueOf(invalid.getMessage()));
        }
        return List.copyOf(found);
    }

    static List<String> texts(FieldReader reader, String field) {
        if (!reader.has(field)) {
            return List.of();
        }
        JsonNode list = reader.json(field);
        if (list.isString()) {
            return List.of(list.stringValue());
        }
        if (!list.isArray() || list.size() > MAX_LIST) {
            reader.problem(field, "must be a list of at most " + MAX_LIST + " texts");
            return List.of();
        }
        return Stream.of(list)
                .flatMap(JsonNode::valueStream)
                .map(each -> each.asString(""))
                .toList();
    }

    static void each(FieldReader reader, String field, Consumer<FieldReader> item) {
        if (!reader.has(field)) {
            return;
        }
        JsonNode list = reader.json(field);
        if (!list.isArray() || list.size() > MAX_LIST) {
            reader.problem(field, "must be a list of at most " + MAX_LIST + " objects");
            return;
        }
        for (int i = 0; i < list.size(); i++) {
            item.accept(FieldReader.of(
                    (reader.path().isEmpty() ? "" : reader.path() + ".") + field + "[" + i + "]",
                    list.get(i),
                    reader.problems()));
        }
    }
}
