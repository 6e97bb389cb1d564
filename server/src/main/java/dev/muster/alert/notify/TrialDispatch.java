package dev.muster.alert.notify;

import dev.muster.alert.route.GroupEngine;
import dev.muster.alert.route.GroupEngine.Member;
import dev.muster.alert.route.GroupState;
import dev.muster.alert.route.Muting;
import dev.muster.alert.route.Route;
import dev.muster.alert.route.Routing;
import dev.muster.alert.state.Alert;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Counts the notifications that alerts of a rehearsal would have come to: by the routing, receivers and escalations that are declared now,
 * without silences, and with nobody who acknowledges. Holds its groups itself; stores and sends nothing.
 */
public final class TrialDispatch {
    private final Directory directory;
    private final Routing routing;
    private final Map<String, GroupState> groups = new TreeMap<>();
    private final SortedMap<String, SortedMap<String, Integer>> told = new TreeMap<>();

    TrialDispatch(Directory directory) {
        this.directory = directory;
        this.routing = directory.routing();
    }

    /**
     * @param notifications that would have gone out; none where the receiver is not declared, or reaches nobody
     * @param why how many for which reason: new, resolved, repeated, escalated
     */
    public record Told(String receiver, int notifications, SortedMap<String, Integer> why) {}

    /** @param alerts all that the rehearsal knows, by fingerprint */
    public void look(Instant now, Map<String, Alert> alerts) {
        List<Alert> firing = alerts.values().stream().filter(Alert::isFiring).toList();
        if (firing.isEmpty() && groups.isEmpty()) {
            return;
        }
        Muting muting = Muting.among(routing, List.of(), firing, now);
        Map<String, List<Alert>> members = members(firing, now);
        for (GroupState group : List.copyOf(groups.values())) {
            if (!group.due().isAfter(now)) {
                decide(group, members.getOrDefault(group.key(), List.of()), alerts, muting, now);
            }
        }
    }

    private Map<String, List<Alert>> members(List<Alert> firing, Instant now) {
        Map<String, List<Alert>> members = new HashMap<>();
        for (Alert alert : firing) {
            for (Route route : routing.root().match(alert.labels())) {
                String receiver = directory.receiver(route, alert.labels());
                SortedMap<String, String> labels = route.groupLabels(alert.labels());
                String key = route.groupKey(labels) + '@' + receiver;
                groups.computeIfAbsent(
                        key, _ -> GroupState.begun(key, route.id(), receiver, labels, now.plus(route.groupWait())));
                members.computeIfAbsent(key, _ -> new ArrayList<>()).add(alert);
            }
        }
        return members;
    }

    private void decide(
            GroupState group, Collection<Alert> firing, Map<String, Alert> alerts, Muting muting, Instant now) {
        Route route = DispatchRound.find(routing.root(), group.route());
        LinkedHashSet<Alert> all = new LinkedHashSet<>(firing);
        group.told().stream()
                .filter(alerts::containsKey)
                .map(fingerprint -> java.util.Objects.requireNonNull(alerts.get(fingerprint)))
                .forEach(all::add);
        List<Member> members = all.stream()
                .map(alert -> new Member(alert, muting.of(alert).why()))
                .toList();
        GroupEngine.Decision decision = GroupEngine.decide(
                group,
                members,
                route,
                DispatchRound.muted(routing, route, now),
                directory.escalations(group.receiver()),
                now);
        decision.after().ifPresentOrElse(after -> groups.put(group.key(), after), () -> groups.remove(group.key()));
        decision.notices().forEach(notice -> {
            int heard = (int) directory.targets(notice.receiver(), now).stream()
                    .filter(target -> target.channel().hears(notice.why()))
                    .count();
            told.computeIfAbsent(notice.receiver(), _ -> new TreeMap<>()).merge(notice.why(), heard, Integer::sum);
        });
    }

    public List<Told> told() {
        return told.entrySet().stream()
                .map(each -> new Told(
                        each.getKey(),
                        each.getValue().values().stream()
                                .mapToInt(Integer::intValue)
                                .sum(),
                        each.getValue()))
                .toList();
    }
}
