package dev.muster.alert.route;

import dev.muster.alert.state.Alert;
import dev.muster.registry.document.Durations;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a group's receiver is told, and of what: when an alert fires that it was not told of, when one that it was told of is
 * over, and again after the repeat interval while somebody has yet to acknowledge. Pure: it knows no clock and stores nothing.
 */
public final class GroupEngine {
    private GroupEngine() {}

    /** @param held why nobody is told of it now, empty when nothing holds it back */
    public record Member(Alert alert, String held) {}

    /** After so long without an acknowledgement this receiver is told too. */
    public record Escalation(Duration after, String receiver) {}

    /**
     * @param receiver who is told
     * @param why {@code new}, {@code resolved}, {@code repeated} or {@code escalated}
     * @param alerts those that fire first
     */
    public record Notice(String receiver, String why, List<Alert> alerts, long sequence) {
        public boolean isResolved() {
            return alerts.stream().noneMatch(Alert::isFiring);
        }
    }

    /** @param after empty when nothing is left of the group @param outcomes by fingerprint what was decided, for people */
    public record Decision(Optional<GroupState> after, List<Notice> notices, Map<String, String> outcomes) {}

    /**
     * @param members that fire, and those that the receiver was told fire and that are over
     * @param muted why nobody is told of anything on this route now; null when somebody may be
     */
    public static Decision decide(
            GroupState before,
            List<Member> members,
            Route route,
            @Nullable String muted,
            List<Escalation> escalations,
            Instant now) {
        Map<String, String> outcomes = new LinkedHashMap<>();
        List<Alert> firing = new ArrayList<>();
        List<Alert> over = new ArrayList<>();
        TreeSet<String> stillTold = new TreeSet<>();
        for (Member member : members) {
            String fingerprint = member.alert().fingerprint();
            boolean known = before.told().contains(fingerprint);
            if (muted != null || !member.held().isEmpty()) {
                outcomes.put(fingerprint, muted != null ? muted : member.held());
                if (known) {
                    stillTold.add(fingerprint); // told when it is not held back any more
                }
            } else if (member.alert().isFiring()) {
                firing.add(member.alert());
                stillTold.add(fingerprint);
            } else if (known) {
                over.add(member.alert());
            }
        }
        List<Alert> fresh = firing.stream()
                .filter(alert -> !before.told().contains(alert.fingerprint()))
                .toList();
        boolean unattended = firing.stream().anyMatch(alert -> alert.acknowledgement() == null);
        String why = !fresh.isEmpty()
                ? "new"
                : !over.isEmpty() ? "resolved" : unattended && isTimeToRepeat(before, route, now) ? "repeated" : "";
        List<Notice> notices = new ArrayList<>();
        long sequence = before.sequence();
        Instant firstTold = stillTold.isEmpty() ? null : before.firstTold();
        int escalated = stillTold.isEmpty() ? 0 : before.escalated();
        if (!why.isEmpty()) {
            notices.add(new Notice(before.receiver(), why, sorted(firing, over), ++sequence));
            firing.forEach(alert -> outcomes.put(alert.fingerprint(), "told " + before.receiver() + " (" + why + ")"));
            over.forEach(alert -> outcomes.put(alert.fingerprint(), "told " + before.receiver() + " that it is over"));
            if (firstTold == null && !firing.isEmpty()) {
                firstTold = now;
            }
        } else {
            firing.forEach(alert -> outcomes.put(
                    alert.fingerprint(),
                    alert.acknowledgement() != null
                            ? "acknowledged by " + alert.acknowledgement().by() + ": not told again"
                            : before.receiver() + " was told before; again after "
                                    + Durations.format(route.repeatInterval())));
        }
        boolean page = firing.stream()
                .anyMatch(alert -> alert.severity().equals(Alert.PAGE) && alert.acknowledgement() == null);
        while (page
                && firstTold != null
                && escalated < escalations.size()
                && !now.isBefore(firstTold.plus(escalations.get(escalated).after()))) {
            Escalation step = escalations.get(escalated++);
            notices.add(new Notice(step.receiver(), "escalated", sorted(firing, List.of()), ++sequence));
            firing.forEach(alert -> outcomes.merge(
                    alert.fingerprint(), "escalated to " + step.receiver(), (one, other) -> one + "; " + other));
        }
        if (members.isEmpty() && stillTold.isEmpty()) {
            return new Decision(Optional.empty(), notices, outcomes);
        }
        return new Decision(
                Optional.of(new GroupState(
                        before.key(),
                        before.route(),
                        before.receiver(),
                        before.labels(),
                        due(now, route, page ? firstTold : null, escalations, escalated),
                        stillTold,
                        why.isEmpty() ? before.lastTold() : now,
                        firstTold,
                        sequence,
                        escalated)),
                notices,
                outcomes);
    }

    private static boolean isTimeToRepeat(GroupState before, Route route, Instant now) {
        return before.lastTold() != null && !now.isBefore(before.lastTold().plus(route.repeatInterval()));
    }

    private static Instant due(
            Instant now, Route route, @Nullable Instant firstTold, List<Escalation> escalations, int escalated) {
        Instant next = now.plus(route.groupInterval());
        if (firstTold == null || escalated >= escalations.size()) {
            return next;
        }
        Instant step = firstTold.plus(escalations.get(escalated).after());
        return step.isBefore(next) ? step : next;
    }

    private static List<Alert> sorted(List<Alert> firing, List<Alert> over) {
        List<Alert> all = new ArrayList<>(firing);
        all.addAll(over);
        all.sort(Comparator.comparing((Alert alert) -> alert.isFiring() ? 0 : 1)
                .thenComparing(Alert::startsAt)
                .thenComparing(Alert::fingerprint));
        return all;
    }
}
