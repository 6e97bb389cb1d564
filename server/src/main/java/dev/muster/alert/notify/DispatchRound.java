package dev.muster.alert.notify;

import dev.muster.alert.AlertSettings;
import dev.muster.alert.notify.AlertGroupStore.Decided;
import dev.muster.alert.notify.Directory.Target;
import dev.muster.alert.notify.Notification.State;
import dev.muster.alert.route.GroupEngine;
import dev.muster.alert.route.GroupEngine.Decision;
import dev.muster.alert.route.GroupEngine.Member;
import dev.muster.alert.route.GroupEngine.Notice;
import dev.muster.alert.route.GroupState;
import dev.muster.alert.route.Muting;
import dev.muster.alert.route.Route;
import dev.muster.alert.route.Routing;
import dev.muster.alert.state.Alert;
import dev.muster.alert.state.AlertStore;
import dev.muster.platform.config.Settings;
import dev.muster.platform.event.EventLog;
import dev.muster.platform.event.LoggedEvent;
import dev.muster.platform.lease.Lease;
import dev.muster.platform.lease.Leases;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Puts alerts that fire into their groups, decides of groups that are due, and writes what receivers are told into the outbox: what was
 * decided, the group and its notifications in one transaction each.
 */
@Component
class DispatchRound {
    private static final int EVENTS = 1_000;
    private static final Duration LOOK_EVERY = Duration.ofSeconds(30);
    private static final Duration FORGET_EVERY = Duration.ofHours(1);

    private final AlertStore alerts;
    private final AlertGroupStore groups;
    private final Silences silences;
    private final Outbox outbox;
    private final Directory directory;
    private final EventLog events;
    private final Leases leases;
    private final Clock clock;
    private final int maxOpen;
    private final Duration retention;
    private final TransactionTemplate transaction;

    private final Map<String, String> outcomes = new HashMap<>();
    private final Map<String, GroupState> known = new LinkedHashMap<>();
    private long position = -1;
    private long token = -1;
    private Instant looked = Instant.EPOCH;
    private Instant forgot = Instant.EPOCH;

    DispatchRound(
            AlertStore alerts,
            AlertGroupStore groups,
            Silences silences,
            Outbox outbox,
            Directory directory,
            EventLog events,
            Leases leases,
            Clock clock,
            Settings settings,
            PlatformTransactionManager transactions) {
        this.alerts = alerts;
        this.groups = groups;
        this.silences = silences;
        this.outbox = outbox;
        this.directory = directory;
        this.events = events;
        this.leases = leases;
        this.clock = clock;
        this.maxOpen = settings.get(AlertSettings.MAX_OPEN);
        this.retention = settings.get(AlertSettings.RETENTION);
        this.transaction = new TransactionTemplate(transactions);
    }

    /** @return whether something was put into the outbox */
    boolean run(Lease lease) {
        Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        if (token != lease.token()) { // somebody else may have decided meanwhile
            known.clear();
            groups.all().forEach(group -> known.put(group.key(), group));
            token = lease.token();
            looked = Instant.EPOCH;
        }
        boolean due = known.values().stream().anyMatch(group -> !group.due().isAfter(now));
        boolean changed = directory.refresh() | happened();
        if (!due && !changed && now.isBefore(looked.plus(LOOK_EVERY))) {
            return false;
        }
        looked = now;
        boolean told = look(lease, now);
        forget(now);
        return told;
    }

    /** Whether an alert has changed since it was asked last. */
    private boolean happened() {
        if (position < 0) {
            position = events.lastPosition();
            return true;
        }
        List<LoggedEvent> found = events.after(position, EVENTS);
        if (found.isEmpty()) {
            return false;
        }
        position = found.getLast().position();
        return found.size() == EVENTS
                || found.stream()
                        .anyMatch(event -> event.type().startsWith("alert.")
                                || event.type().startsWith("silence."));
    }

    private boolean look(Lease lease, Instant now) {
        Routing routing = directory.routing();
        List<Alert> firing = alerts.firing(maxOpen);
        Map<String, Alert> byFingerprint = new HashMap<>();
        firing.forEach(alert -> byFingerprint.put(alert.fingerprint(), alert));
        Map<String, Place> places = new HashMap<>();
        Map<String, List<Alert>> members = new HashMap<>();
        for (Alert alert : firing) {
            for (Place place : places(routing, alert)) {
                places.put(place.key(), place);
                members.computeIfAbsent(place.key(), _ -> new ArrayList<>()).add(alert);
            }
        }
        places.values().stream()
                .filter(place -> !known.containsKey(place.key()))
                .forEach(place -> begin(lease, place, now));
        List<GroupState> due = known.values().stream()
                .filter(group -> !group.due().isAfter(now))
                .toList();
        if (due.isEmpty()) {
            return false;
        }
        Set<String> over = new HashSet<>();
        due.forEach(group -> group.told().stream()
                .filter(fingerprint -> !byFingerprint.containsKey(fingerprint))
                .forEach(over::add));
        alerts.all(over).forEach(alert -> byFingerprint.put(alert.fingerprint(), alert));
        Muting muting = Muting.among(routing, silences.active(now), firing, now);
        boolean told = false;
        for (GroupState group : due) {
            told |= decide(
                    lease, routing, group, members.getOrDefault(group.key(), List.of()), byFingerprint, muting, now);
        }
        return told;
    }

    /** Where an alert goes: a group of a receiver. */
    private record Place(
            String key, Route route, String receiver, SortedMap<String, String> labels, List<Route.Asked> asked) {}

    private List<Place> places(Routing routing, Alert alert) {
        List<Route.Asked> asked = new ArrayList<>();
        List<Place> places = new ArrayList<>();
        for (Route route : routing.root().match(alert.labels(), asked)) {
            String receiver = directory.receiver(route, alert.labels());
            SortedMap<String, String> labels = route.groupLabels(alert.labels());
            String key = route.groupKey(labels) + (receiver.equals(route.receiver()) ? "" : "@" + receiver);
            places.add(new Place(key, route, receiver, labels, asked));
        }
        return places;
    }

    private void begin(Lease lease, Place place, Instant now) {
        GroupState group = GroupState.begun(
                place.key(),
                place.route().id(),
                place.receiver(),
                place.labels(),
                now.plus(place.route().groupWait()));
        transaction.executeWithoutResult(status -> {
            leases.requireHeld(lease);
            groups.save(group);
        });
        known.put(group.key(), group);
    }

    private boolean decide(
            Lease lease,
            Routing routing,
            GroupState group,
            List<Alert> firing,
            Map<String, Alert> byFingerprint,
            Muting muting,
            Instant now) {
        Route route = find(routing.root(), group.route());
        List<Member> members = new ArrayList<>();
        firing.forEach(alert -> members.add(new Member(alert, muting.of(alert).why())));
        group.told().stream()
                .map(byFingerprint::get)
                .filter(alert -> alert != null && !firing.contains(alert))
                .forEach(alert -> members.add(new Member(alert, muting.of(alert).why())));
        Decision decision = GroupEngine.decide(
                group, members, route, muted(routing, route, now), directory.escalations(group.receiver()), now);
        List<Notification> notifications = notifications(group, decision, now);
        Map<String, String> said = new LinkedHashMap<>(decision.outcomes());
        decision.notices().stream()
                .filter(notice -> directory.targets(notice.receiver(), now).isEmpty())
                .forEach(notice -> notice.alerts()
                        .forEach(alert -> said.merge(
                                alert.fingerprint(),
                                "nobody was reached: receiver " + notice.receiver()
                                        + (directory.receivers().contains(notice.receiver())
                                                ? " has nobody on call"
                                                : " is not declared"),
                                (one, other) -> one + "; " + other)));
        transaction.executeWithoutResult(status -> {
            leases.requireHeld(lease);
            decision.after().ifPresentOrElse(groups::save, () -> groups.delete(group.key()));
            notifications.forEach(outbox::add);
            said.forEach((fingerprint, outcome) -> decided(group, routing, byFingerprint, fingerprint, outcome, now));
        });
        decision.after().ifPresentOrElse(after -> known.put(group.key(), after), () -> known.remove(group.key()));
        return !notifications.isEmpty();
    }

    /** Each step is kept once; that nothing has changed is no step. */
    private void decided(
            GroupState group,
            Routing routing,
            Map<String, Alert> byFingerprint,
            String fingerprint,
            String outcome,
            Instant now) {
        if (outcome.equals(outcomes.put(fingerprint + ' ' + group.key(), outcome))) {
            return;
        }
        List<Route.Asked> asked = new ArrayList<>();
        Alert alert = byFingerprint.get(fingerprint);
        if (alert != null) {
            routing.root().match(alert.labels(), asked);
        }
        groups.decided(
                fingerprint,
                new Decided(
                        now,
                        group.key(),
                        group.route(),
                        group.receiver(),
                        outcome,
                        asked.stream().limit(100).toList()));
    }

    private List<Notification> notifications(GroupState group, Decision decision, Instant now) {
        List<Notification> notifications = new ArrayList<>();
        for (Notice notice : decision.notices()) {
            Content content = Content.of(group, notice, now);
            List<String> fingerprints =
                    notice.alerts().stream().map(Alert::fingerprint).toList();
            int number = 0;
            for (Target target : directory.targets(notice.receiver(), now)) {
                String id = id(group, notice.sequence(), number++);
                if (!target.channel().hears(notice.why())) {
                    continue;
                }
                notifications.add(new Notification(
                        id,
                        notice.receiver(),
                        target.recipient(),
                        target.channel(),
                        content,
                        fingerprints,
                        State.WAITING,
                        0,
                        now,
                        now,
                        null,
                        ""));
            }
        }
        return notifications;
    }

    /** The same whenever it is worked out: a group never comes to the same number twice, but when it was forgotten in between. */
    static String id(GroupState group, long sequence, int target) {
        return Formats.hash(group.key()
                + '\n'
                + group.receiver()
                + '\n'
                + group.due().toEpochMilli()
                + '\n'
                + sequence
                + '\n'
                + target);
    }

    static @org.jspecify.annotations.Nullable String muted(Routing routing, Route route, Instant now) {
        for (String name : route.mute()) {
            if (routing.intervals().get(name) != null
                    && routing.intervals().get(name).contains(now)) {
                return "muted: it is " + name;
            }
        }
        boolean active = route.active().isEmpty()
                || route.active().stream()
                        .anyMatch(name -> routing.intervals().get(name) != null
                                && routing.intervals().get(name).contains(now));
        return active ? null : "muted: it is none of " + String.join(", ", route.active());
    }

    /** A route that was declared away goes on as the root, until its alerts are over. */
    static Route find(Route from, String id) {
        return search(from, id, from);
    }

    private static Route search(Route from, String id, Route otherwise) {
        if (from.id().equals(id)) {
            return from;
        }
        for (Route child : from.routes()) {
            Route found = search(child, id, otherwise);
            if (found != otherwise) {
                return found;
            }
        }
        return otherwise;
    }

    private void forget(Instant now) {
        if (now.isBefore(forgot.plus(FORGET_EVERY))) {
            return;
        }
        forgot = now;
        outcomes.keySet().removeIf(key -> known.values().stream().noneMatch(group -> key.endsWith(' ' + group.key())));
        outbox.forget(now.minus(retention));
        groups.forget(now.minus(retention));
        silences.forget(now.minus(retention));
    }
}
