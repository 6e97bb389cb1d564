package dev.muster.alert.notify;

import dev.muster.alert.declared.Declared;
import dev.muster.alert.declared.DeclaredStore;
import dev.muster.alert.route.GroupEngine.Escalation;
import dev.muster.alert.route.Route;
import dev.muster.alert.route.Routing;
import dev.muster.registry.document.FieldReader;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.springframework.stereotype.Component;

/** The routing and the receivers that are declared, read again when they were changed. */
@Component
public class Directory {
    private final DeclaredStore declared;
    private final OnCall onCall;
    private long version = -1;
    private Routing routing = Routing.standard();
    private Map<String, Receiver> receivers = Map.of();

    Directory(DeclaredStore declared, OnCall onCall) {
        this.declared = declared;
        this.onCall = onCall;
    }

    /** @return whether something was changed since it was asked last */
    synchronized boolean refresh() {
        long now = declared.version();
        if (now == version) {
            return false;
        }
        Map<String, Receiver> next = new HashMap<>();
        for (Declared each : declared.page(AlertKinds.RECEIVER.wire(), null, AlertKinds.RECEIVER.most())) {
            next.put(each.name(), Receiver.read(each.name(), FieldReader.of("spec", each.spec(), new ArrayList<>())));
        }
        receivers = next;
        routing = declared.page(AlertKinds.ROUTING.wire(), null, 1).stream()
                .findFirst()
                .map(each -> Routing.read(FieldReader.of("spec", each.spec(), new ArrayList<>())))
                .orElseGet(Routing::standard);
        version = now;
        return true;
    }

    public synchronized Routing routing() {
        refresh();
        return routing;
    }

    public synchronized Set<String> receivers() {
        refresh();
        return receivers.keySet();
    }

    /** Who is told of an alert on a route. */
    public synchronized String receiver(Route route, Map<String, String> labels) {
        String from = route.receiverFrom().isEmpty() ? "" : labels.getOrDefault(route.receiverFrom(), "");
        return receivers.containsKey(from) ? from : route.receiver();
    }

    synchronized List<Escalation> escalations(String receiver) {
        Receiver found = receivers.get(receiver);
        return found == null ? List.of() : found.escalations();
    }

    /** Decides who would be told, by what is declared now; tells nobody. */
    public TrialDispatch trial() {
        return new TrialDispatch(this);
    }

    /** One channel that something goes out by. @param recipient the person, or what the channel shows */
    record Target(String recipient, Channel channel) {}

    /** The channels of a receiver at a moment, those of whoever is on call among them; empty when it has none. */
    synchronized List<Target> targets(String receiver, Instant at) {
        List<Target> targets = new ArrayList<>();
        collect(receiver, "", at, targets, new LinkedHashSet<>());
        return targets;
    }

    private void collect(String name, String person, Instant at, List<Target> targets, Set<String> seen) {
        Receiver receiver = receivers.get(name);
        if (receiver == null || !seen.add(name)) {
            return;
        }
        for (Channel channel : receiver.channels()) {
            switch (channel) {
                case Channel.Other(String other) -> collect(other, other, at, targets, seen);
                case Channel.OnCall(String schedule) ->
                    onCall.person(schedule, at).ifPresent(who -> collect(who, who, at, targets, seen));
                case Channel.Email email -> targets.add(new Target(person.isEmpty() ? email.shown() : person, email));
                case Channel.Http http -> targets.add(new Target(person.isEmpty() ? http.shown() : person, http));
            }
        }
    }

    /** Whether somebody is meant by a receiver: is it, is on call for it, or is reached through it. */
    public synchronized boolean reaches(String receiver, String person, Instant at) {
        return reaches(receiver, person, at, new LinkedHashSet<>());
    }

    private boolean reaches(String name, String person, Instant at, Set<String> seen) {
        if (name.equals(person)) {
            return true;
        }
        Receiver receiver = receivers.get(name);
        return receiver != null
                && seen.add(name)
                && receiver.channels().stream().anyMatch(channel -> switch (channel) {
                    case Channel.Other(String other) -> reaches(other, person, at, seen);
                    case Channel.OnCall(String schedule) ->
                        onCall.person(schedule, at)
                                .map(who -> reaches(who, person, at, seen))
                                .orElse(false);
                    case Channel.Email(List<String> to) -> to.contains(person);
                    case Channel.Http _ -> false;
                });
    }
}
