package dev.muster.alert.notify;

import dev.muster.alert.route.Muting;
import dev.muster.alert.route.Route;
import dev.muster.alert.route.Routing;
import dev.muster.alert.state.Alert;
import dev.muster.alert.state.AlertState;
import dev.muster.alert.state.AlertStore;
import dev.muster.platform.page.Page;
import dev.muster.platform.page.PageRequest;
import dev.muster.registry.document.Durations;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Says why somebody was notified or was not: from the decisions as they were made, and from how things stand now. */
@Component
public class Decisions {
    private static final int SHOWN = 200;
    private static final int ALL_FIRING = 100_000;

    private final AlertGroupStore groups;
    private final Outbox outbox;
    private final Silences silences;
    private final AlertStore alerts;
    private final Directory directory;
    private final Clock clock;

    Decisions(
            AlertGroupStore groups,
            Outbox outbox,
            Silences silences,
            AlertStore alerts,
            Directory directory,
            Clock clock) {
        this.groups = groups;
        this.outbox = outbox;
        this.silences = silences;
        this.alerts = alerts;
        this.directory = directory;
        this.clock = clock;
    }

    /** A notification as it is shown; no secret. @param error of the newest attempt */
    public record Sent(
            String id,
            String receiver,
            String recipient,
            String channel,
            String why,
            String status,
            String title,
            String state,
            int attempts,
            Instant created,
            @Nullable Instant finished,
            @Nullable Instant nextAttempt,
            String error,
            List<String> fingerprints) {
        static Sent of(Notification notification) {
            return new Sent(
                    notification.id(),
                    notification.receiver(),
                    notification.recipient(),
                    notification.channel().kind(),
                    notification.content().why(),
                    notification.content().status(),
                    notification.content().title(),
                    notification.state().wire(),
                    notification.attempts(),
                    notification.created(),
                    notification.finished(),
                    notification.state() == Notification.State.WAITING ? notification.due() : null,
                    notification.error(),
                    notification.fingerprints());
        }
    }

    /** @param at when it was decided */
    public record Step(Instant at, String route, String receiver, String outcome, List<Route.Asked> asked) {}

    /**
     * @param person whom it is asked for; empty for everybody
     * @param answer in one sentence
     * @param routes those that it takes now, of all that were asked
     * @param held what holds it back now; empty when nothing does
     */
    public record Why(
            String fingerprint,
            String person,
            boolean notified,
            String answer,
            List<Route.Asked> routes,
            List<String> receivers,
            String held,
            List<Step> steps,
            List<Sent> notifications) {}

    /**
     * A receiver that an alert with some labels would go to.
     *
     * @param route the matchers that took it
     * @param groupedBy labels whose alerts are told together
     * @param held why nothing is told on the route now, empty when it is
     * @param reached who is reached now, and how: {@code ann over email}; empty when nobody is
     * @param escalation who is told next when nobody acknowledges a page: {@code bob after 15m}
     */
    public record Destination(
            String route,
            String receiver,
            boolean declared,
            java.util.SortedMap<String, String> groupedBy,
            String groupWait,
            String repeatInterval,
            String held,
            List<String> reached,
            List<String> escalation) {}

    /** @param asked every route that was looked at */
    public record Told(List<Route.Asked> asked, List<Destination> destinations) {}

    /** Who would be told of an alert with these labels now, by what is declared. */
    public Told wouldBeTold(java.util.Map<String, String> labels) {
        Instant now = clock.instant();
        Routing routing = directory.routing();
        List<Route.Asked> asked = new ArrayList<>();
        List<Destination> destinations = new ArrayList<>();
        for (Route route : routing.root().match(labels, asked)) {
            String receiver = directory.receiver(route, labels);
            String muted = DispatchRound.muted(routing, route, now);
            destinations.add(new Destination(
                    route.id(),
                    receiver,
                    directory.receivers().contains(receiver),
                    route.groupLabels(labels),
                    Durations.format(route.groupWait()),
                    Durations.format(route.repeatInterval()),
                    muted == null ? "" : muted,
                    directory.targets(receiver, now).stream()
                            .map(target -> target.recipient() + " over "
                                    + target.channel().kind())
                            .distinct()
                            .toList(),
                    directory.escalations(receiver).stream()
                            .map(step -> step.receiver() + " after " + Durations.format(step.after()))
                            .toList()));
        }
        return new Told(asked, destinations);
    }

    public Why why(Alert alert, @Nullable String person) {
        String who = person == null ? "" : person.strip();
        Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        Routing routing = directory.routing();
        List<Route.Asked> asked = new ArrayList<>();
        List<String> receivers = routing.root().match(alert.labels(), asked).stream()
                .map(route -> directory.receiver(route, alert.labels()))
                .distinct()
                .toList();
        String held = held(alert).why();
        List<Step> steps = groups.decisions(alert.fingerprint(), SHOWN).stream()
                .map(step -> new Step(step.at(), step.route(), step.receiver(), step.outcome(), step.asked()))
                .toList();
        List<Sent> sent = outbox.page(alert.fingerprint(), null, null, null, SHOWN).stream()
                .filter(each -> who.isEmpty()
                        || each.recipient().equals(who)
                        || each.receiver().equals(who)
                        || each.channel() instanceof Channel.Email(List<String> to) && to.contains(who))
                .map(Sent::of)
                .toList();
        boolean notified = sent.stream().anyMatch(each -> each.state().equals("delivered"));
        return new Why(
                alert.fingerprint(),
                who,
                notified,
                answer(alert, who, now, receivers, held, steps, sent),
                asked,
                receivers,
                held,
                steps,
                sent);
    }

    private String answer(
            Alert alert,
            String who,
            Instant now,
            List<String> receivers,
            String held,
            List<Step> steps,
            List<Sent> sent) {
        String whom = who.isEmpty() ? "somebody" : who;
        Optional<Sent> delivered =
                sent.stream().filter(each -> each.state().equals("delivered")).findFirst();
        if (delivered.isPresent()) {
            return whom + " was notified at " + delivered.get().finished() + " over "
                    + delivered.get().channel() + " (" + delivered.get().why() + ")";
        }
        if (!sent.isEmpty()) {
            Sent newest = sent.getFirst();
            return whom + " was not notified yet: attempt " + newest.attempts() + " over " + newest.channel()
                    + (newest.error().isEmpty() ? " is under way" : " failed: " + newest.error())
                    + (newest.state().equals("failed") ? "; it was given up" : "");
        }
        if (!who.isEmpty() && receivers.stream().noneMatch(receiver -> directory.reaches(receiver, who, now))) {
            return who + " was not notified: the alert goes to " + String.join(", ", receivers) + ", and " + who
                    + " is none of them, not on call for them and no address of theirs now";
        }
        if (alert.state() == AlertState.PENDING) {
            return "nobody was notified: the alert is pending since " + alert.since()
                    + ", it has not been wrong for as long as its rule asks";
        }
        if (!held.isEmpty()) {
            return "nobody was notified: " + held;
        }
        if (steps.isEmpty() && alert.state() == AlertState.RESOLVED) {
            return "nobody was notified, as far as is kept: it was over before its group had waited for group_wait";
        }
        return steps.isEmpty()
                ? "nobody was notified yet: its group waits until group_wait has passed"
                : "not notified: " + steps.getLast().outcome();
    }

    public Muting.Held held(Alert alert) {
        return muting().of(alert);
    }

    /** As things stand. */
    public Muting muting() {
        Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        return new Muting(directory.routing(), silences.active(now), alerts.labelsOfFiring(ALL_FIRING), now);
    }

    /** The newest first. */
    public Page<Sent> notifications(@Nullable String fingerprint, @Nullable String receiver, PageRequest page) {
        String after = page.after();
        int colon = after == null ? -1 : after.indexOf(':');
        Instant before = colon < 0 ? null : Instant.EPOCH.plus(Long.parseLong(after, 0, colon, 10), ChronoUnit.MICROS);
        return Page.of(
                        outbox.page(
                                fingerprint,
                                receiver,
                                before,
                                colon < 0
                                        ? null
                                        : java.util.Objects.requireNonNull(after)
                                                .substring(colon + 1),
                                page.fetch()),
                        page,
                        each -> ChronoUnit.MICROS.between(Instant.EPOCH, each.created()) + ":" + each.id())
                .map(Sent::of);
    }
}
