package dev.muster.alert.route;

import dev.muster.alert.match.Matcher;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A node of the routing tree, with what it inherits.
 *
 * @param id the matchers from the root to here: {@code {}/{severity="page"}}
 * @param receiver who is told
 * @param receiverFrom a label whose value is the receiver where there is one of that name, such as {@code owner}; empty for none
 * @param groupBy labels whose alerts are told together
 * @param groupByAll each alert by itself
 * @param goesOn whether later siblings are asked too ({@code continue})
 * @param mute names of intervals in which nobody is told
 * @param active names of intervals outside of which nobody is told; always when empty
 */
public record Route(
        String id,
        String receiver,
        String receiverFrom,
        List<String> groupBy,
        boolean groupByAll,
        Duration groupWait,
        Duration groupInterval,
        Duration repeatInterval,
        boolean goesOn,
        List<Matcher> matchers,
        List<String> mute,
        List<String> active,
        List<Route> routes) {

    /** A node that was asked. @param why which matcher did not match; empty when all did */
    public record Asked(String route, boolean matched, String why) {}

    /** The routes that an alert takes, in the order of the tree: that of Alertmanager. */
    public List<Route> match(Map<String, String> labels) {
        return match(labels, new ArrayList<>());
    }

    /** @param asked gets every node that was looked at */
    public List<Route> match(Map<String, String> labels, List<Asked> asked) {
        Optional<Matcher> against =
                matchers.stream().filter(matcher -> !matcher.matches(labels)).findFirst();
        asked.add(new Asked(
                id,
                against.isEmpty(),
                against.map(matcher -> matcher + " does not match \"" + labels.getOrDefault(matcher.name(), "") + "\"")
                        .orElse("")));
        if (against.isPresent()) {
            return List.of();
        }
        List<Route> all = new ArrayList<>();
        for (Route child : routes) {
            List<Route> found = child.match(labels, asked);
            all.addAll(found);
            if (!found.isEmpty() && !child.goesOn()) {
                break;
            }
        }
        return all.isEmpty() ? List.of(this) : all;
    }

    /** The labels by which an alert is grouped here. */
    public SortedMap<String, String> groupLabels(Map<String, String> labels) {
        if (groupByAll) {
            return new TreeMap<>(labels);
        }
        SortedMap<String, String> group = new TreeMap<>();
        groupBy.stream().filter(labels::containsKey).forEach(name -> group.put(name, labels.getOrDefault(name, "")));
        return group;
    }

    /** As Alertmanager writes it: route and labels. */
    public String groupKey(SortedMap<String, String> groupLabels) {
        List<String> pairs = new ArrayList<>();
        groupLabels.forEach(
                (name, value) -> pairs.add(Matcher.equal(name, value).toString()));
        return id + ":{" + String.join(", ", pairs) + "}";
    }
}
