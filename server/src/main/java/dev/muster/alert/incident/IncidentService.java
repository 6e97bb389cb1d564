package dev.muster.alert.incident;

import dev.muster.alert.Signal;
import dev.muster.alert.incident.IncidentEngine.Answer;
import dev.muster.audit.AuditLog;
import dev.muster.identity.Actor;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.platform.event.EventLog;
import dev.muster.platform.page.Page;
import dev.muster.platform.page.PageRequest;
import dev.muster.registry.asset.AssetDirectory;
import dev.muster.registry.selector.Selectors;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** What alerts, people and runbooks do to incidents: rules, timeline, audit, event, in one transaction (the caller's, if any). */
@Component
public class IncidentService {
    static final int MAX_OPEN = 1_000;
    static final int MAX_TITLE = 200;
    static final int MAX_REASON = 1_000;
    static final int MAX_SECTION = 20_000;
    static final int MAX_ACTIONS = 100;
    /** One that comes back within it was not mended: the incident goes on. */
    static final Duration REOPENS_WITHIN = Duration.ofHours(1);

    private static final String KIND = "incident";
    private static final Pattern NUMBER = Pattern.compile("(?:INC-)?(\\d{1,15})");
    private static final int TIED_ALERTS = 5_000;

    private final IncidentStore store;
    private final Findings findings;
    private final AssetDirectory assets;
    private final Selectors selectors;
    private final AuditLog audit;
    private final EventLog events;
    private final Clock clock;
    private final TransactionTemplate transaction;

    IncidentService(
            IncidentStore store,
            Findings findings,
            AssetDirectory assets,
            Selectors selectors,
            AuditLog audit,
            EventLog events,
            Clock clock,
            PlatformTransactionManager transactions) {
        this.store = store;
        this.findings = findings;
        this.assets = assets;
        this.selectors = selectors;
        this.audit = audit;
        this.events = events;
        this.clock = clock;
        this.transaction = new TransactionTemplate(transactions);
    }

    /** An alert that pages fires; in the caller's transaction. @return the incident to which it belongs */
    Incident fired(AlertFact alert, Instant at) {
        Optional<Incident> known = store.newestOf(alert.fingerprint()).filter(is -> belongsTo(is, at));
        if (known.isPresent()) {
            return firesAgain(known.get().number(), alert, at);
        }
        Optional<Ties.Tie> tie = Ties.of(alert.labels(), store.openWithAlerts(TIED_ALERTS));
        if (tie.isEmpty() && store.countOpen() >= MAX_OPEN) {
            tie = store.open(1).stream()
                    .findFirst()
                    .map(newest -> new Ties.Tie(newest.number(), MAX_OPEN + " incidents are open, which is the most"));
        }
        if (tie.isPresent()) {
            return join(tie.get(), alert, at);
        }
        List<String> about = findings.selector(alert.labels()).stream().toList();
        Answer.Done opened = IncidentEngine.opened(
                store.nextNumber(), alert, alert.labels().getOrDefault(Signal.OWNER, ""), about, at);
        store.insert(opened.incident());
        store.addAlert(opened.incident().number(), alert, at);
        return finish(opened, "opened", alert, at);
    }

    private static boolean belongsTo(Incident is, Instant at) {
        Instant resolved = is.times().resolved();
        return resolved == null || resolved.plus(REOPENS_WITHIN).isAfter(at);
    }

    private Incident firesAgain(long number, AlertFact alert, Instant at) {
        Incident is = store.lock(number).orElseThrow(() -> notFound(number));
        boolean reopens = !is.isOpen();
        List<Entry> entries = new ArrayList<>();
        if (reopens
                && IncidentEngine.reopened(is, Who.SYSTEM, "alert " + alert.name() + " fires again", at)
                        instanceof Answer.Done(Incident again, List<Entry> said)) {
            is = again;
            entries.addAll(said);
        }
        boolean fresh = store.alerts(number).stream()
                .noneMatch(
                        known -> known.fact().fingerprint().equals(alert.fingerprint()) && known.resolvedAt() == null);
        store.addAlert(number, alert, at);
        if (!fresh && !reopens) {
            return is; // it was told twice
        }
        Answer.Done joined = IncidentEngine.joined(is, alert, true, "", at);
        entries.addAll(joined.entries());
        return finish(new Answer.Done(joined.incident(), entries), reopens ? "reopened" : "updated", alert, at);
    }

    private Incident join(Ties.Tie tie, AlertFact alert, Instant at) {
        Incident is = store.lock(tie.number()).orElseThrow(() -> notFound(tie.number()));
        if (store.alerts(is.number()).size() >= IncidentStore.MAX_ALERTS) {
            Answer.Done full = new Answer.Done(is, List.of());
            return full.incident();
        }
        store.addAlert(is.number(), alert, at);
        return finish(IncidentEngine.joined(is, alert, false, tie.why(), at), "updated", alert, at);
    }

    /** Looks at the causes anew, stores all, tells. */
    private Incident finish(Answer.Done done, String verb, AlertFact alert, Instant at) {
        Incident before = done.incident();
        Incident after = findings.look(before, at);
        List<Entry> entries = new ArrayList<>(done.entries());
        if (!after.causes().isEmpty()
                && (before.causes().isEmpty()
                        || !sameCause(after.causes().getFirst(), before.causes().getFirst()))) {
            Cause top = after.causes().getFirst();
            entries.add(new Entry(
                    at,
                    Entry.Kind.CAUSE,
                    Who.SYSTEM.name(),
                    "probable cause: " + top.kind() + " " + top.value() + "; " + top.reason()));
        }
        store.update(after);
        store.add(after.number(), entries);
        Map<String, Object> data = new LinkedHashMap<>(eventOf(after));
        data.put(
                "alert",
                Map.of(
                        "fingerprint",
                        alert.fingerprint(),
                        "labels",
                        alert.labels(),
                        "startsAt",
                        alert.startsAt().toString()));
        events.append("incident." + verb, KIND + "/" + after.number(), data);
        return after;
    }

    private static boolean sameCause(Cause a, Cause b) {
        return a.kind().equals(b.kind()) && a.value().equals(b.value());
    }

    /** An alert is over; in the caller's transaction. */
    void calmed(AlertFact alert, Instant at) {
        for (long number : store.calm(alert.fingerprint(), at)) {
            Incident is = store.lock(number).orElseThrow(() -> notFound(number));
            Answer.Done done = IncidentEngine.calmed(is, alert, store.firing(number), at);
            store.update(done.incident());
            store.add(number, done.entries());
            append(is, done.incident());
        }
    }

    /** Somebody was told of an alert; in the caller's transaction. */
    void notified(List<String> fingerprints, String text, Instant at) {
        fingerprints.stream()
                .map(store::newestOf)
                .flatMap(Optional::stream)
                .filter(Incident::isOpen)
                .map(Incident::number)
                .distinct()
                .forEach(number -> {
                    Incident is = store.lock(number).orElseThrow(() -> notFound(number));
                    Answer.Done done = IncidentEngine.notified(is, text, at);
                    store.update(done.incident());
                    store.add(number, done.entries());
                });
    }

    /** The open incident to which an alert belongs. */
    public Optional<Incident> openOf(String fingerprint) {
        return store.newestOf(fingerprint).filter(Incident::isOpen);
    }

    public Optional<Incident> find(long number) {
        return store.find(number);
    }

    /** At most 200, the oldest first. */
    public List<Incident> detectedBetween(Instant from, Instant to) {
        return store.detectedBetween(from, to, 200);
    }

    /** A line in the timeline; nothing when there is no such incident any more. */
    public void note(long number, Entry.Kind kind, Who who, String text) {
        transaction.executeWithoutResult(status -> store.lock(number).ifPresent(is -> {
            Instant now = now();
            store.update(is.at(is.times(), now).touchedBy(who.person()));
            store.add(number, List.of(new Entry(now, kind, who.name(), text)));
        }));
    }

    /** Somebody, or a runbook, takes it; nothing changes when it is resolved. */
    public void acknowledge(long number, Who who) {
        change(number, is -> IncidentEngine.acknowledged(is, who, now()), false);
    }

    /** A runbook says that it is mended; it ends with the last of its alerts. */
    public void mended(long number, Who who, String reason) {
        change(number, is -> IncidentEngine.resolved(is, who, reason, store.firing(number), false, now()), false);
    }

    private Optional<Incident> change(long number, Function<Incident, Answer> with, boolean refuse) {
        return Objects.requireNonNull(transaction.execute(status -> store.lock(number)
                .flatMap(is -> switch (with.apply(is)) {
                    case Answer.Refused(String why) -> {
                        if (refuse) {
                            throw new Refusal(ErrorCode.CONFLICT, "incident " + is.name() + " " + why);
                        }
                        yield Optional.of(is);
                    }
                    case Answer.Done(Incident after, List<Entry> entries) -> {
                        if (!entries.isEmpty()) {
                            store.update(after);
                            store.add(number, entries);
                            append(is, after);
                        }
                        yield Optional.of(after);
                    }
                })));
    }

    /** A person opens one. @param selector of the assets that it is about, null for none */
    Incident open(Actor actor, String title, Severity severity, String owner, @Nullable String selector) {
        requireText("title", title, MAX_TITLE, true);
        requireText("owner", owner, MAX_TITLE, false);
        if (selector != null) {
            selectors.problem(selector).ifPresent(problem -> {
                throw new Refusal(ErrorCode.INVALID, "selector " + problem);
            });
        }
        if (!actor.scope().isAll() && (selector == null || assets.count(actor, selector, null) == 0)) {
            throw new Refusal(
                    ErrorCode.INVALID,
                    "selector selects no asset in your scope, so you could not see the incident; give one that does");
        }
        return Objects.requireNonNull(transaction.execute(status -> {
            if (store.countOpen() >= MAX_OPEN) {
                throw new Refusal(
                        ErrorCode.REFUSED,
                        "an incident cannot be opened: " + MAX_OPEN + " are open, which is the most; resolve some");
            }
            Answer.Done done = IncidentEngine.opened(
                    store.nextNumber(),
                    title.strip(),
                    severity,
                    owner,
                    selector == null ? List.of() : List.of(selector),
                    Who.of(actor),
                    now());
            store.insert(done.incident());
            Incident after = findings.look(done.incident(), now());
            store.update(after);
            store.add(after.number(), done.entries());
            audit.record(actor, "incident.open", KIND, after.name(), null, eventOf(after));
            events.append("incident.opened", KIND + "/" + after.number(), eventOf(after));
            return after;
        }));
    }

    /** What a person does to one. */
    Incident act(Actor actor, String name, String verb, Function<Incident, Answer> with) {
        Incident seen = require(actor, name);
        return Objects.requireNonNull(transaction.execute(status -> {
            Incident after = change(seen.number(), with, true).orElseThrow(() -> notFound(seen.number()));
            if (!after.equals(seen)) {
                audit.record(actor, "incident." + verb, KIND, seen.name(), eventOf(seen), eventOf(after));
            }
            return after;
        }));
    }

    int firing(Incident is) {
        return store.firing(is.number());
    }

    void note(Actor actor, String name, String text) {
        requireText("text", text, MAX_REASON, true);
        Incident is = require(actor, name);
        transaction.executeWithoutResult(status -> {
            note(is.number(), Entry.Kind.NOTE, Who.of(actor), text);
            audit.record(actor, "incident.note", KIND, is.name(), null, Map.of("text", text));
        });
    }

    IncidentStore.Action addAction(Actor actor, String name, String text, String owner, LocalDate due) {
        requireText("text", text, MAX_REASON, true);
        requireText("owner", owner, MAX_TITLE, true);
        Incident is = require(actor, name);
        return Objects.requireNonNull(transaction.execute(status -> {
            store.lock(is.number());
            if (store.actions(is.number()).size() >= MAX_ACTIONS) {
                throw new Refusal(
                        ErrorCode.REFUSED,
                        "incident " + is.name() + " has " + MAX_ACTIONS + " actions, which is the most");
            }
            IncidentStore.Action action = store.addAction(is.number(), text, owner, due);
            note(is.number(), Entry.Kind.ACTION, Who.of(actor), "action for " + owner + " until " + due + ": " + text);
            audit.record(actor, "incident.add_action", KIND, is.name(), null, action);
            return action;
        }));
    }

    IncidentStore.Action actionDone(Actor actor, String name, int id) {
        Incident is = require(actor, name);
        return Objects.requireNonNull(transaction.execute(status -> {
            store.lock(is.number());
            IncidentStore.Action done = store.done(
                            is.number(), id, Who.of(actor).name(), now())
                    .orElseThrow(
                            () -> new Refusal(ErrorCode.NOT_FOUND, "incident " + is.name() + " has no action " + id));
            audit.record(actor, "incident.action_done", KIND, is.name(), null, done);
            return done;
        }));
    }

    /**
     * Writes sections of the postmortem; the others stay.
     *
     * @param seen version that the writer saw, so that nobody's words are lost
     */
    IncidentStore.Written write(Actor actor, String name, int seen, Map<String, String> sections) {
        Incident is = require(actor, name);
        sections.forEach((section, text) -> {
            if (Stream.of(Postmortem.Section.values())
                    .noneMatch(each -> each.wire().equals(section))) {
                throw new Refusal(
                        ErrorCode.INVALID,
                        "a postmortem has the sections "
                                + Stream.of(Postmortem.Section.values())
                                        .map(Postmortem.Section::wire)
                                        .collect(Collectors.joining(", "))
                                + "; the timeline is written by the server");
            }
            if (text.length() > MAX_SECTION
                    || text.chars().anyMatch(c -> Character.isISOControl(c) && c != '\n' && c != '\t')) {
                throw new Refusal(
                        ErrorCode.INVALID,
                        section + " must have at most " + MAX_SECTION + " characters, and no control characters");
            }
        });
        return Objects.requireNonNull(transaction.execute(status -> {
            store.lock(is.number());
            IncidentStore.Written before = store.written(is.number());
            if (before.version() != seen) {
                throw new Refusal(
                        ErrorCode.CONFLICT,
                        "the postmortem of " + is.name() + " was changed by "
                                + (before.by().isEmpty() ? "nobody" : before.by()) + " meanwhile: it has version "
                                + before.version() + ", you saw " + seen + "; read it again, and repeat your change");
            }
            Map<String, String> next = new TreeMap<>(before.sections());
            next.putAll(sections);
            next.values().removeIf(String::isBlank);
            IncidentStore.Written after = new IncidentStore.Written(seen + 1, next, now(), actor.toString());
            store.write(is.number(), after);
            audit.record(actor, "incident.postmortem", KIND, is.name(), before.sections(), next);
            events.append("incident.updated", KIND + "/" + is.number(), eventOf(is));
            return after;
        }));
    }

    /** The incident of a name or number; {@code NOT_FOUND} when there is none, or none of its assets is in the actor's scope. */
    Incident require(Actor actor, String name) {
        var matcher = NUMBER.matcher(name);
        if (!matcher.matches()) {
            throw new Refusal(ErrorCode.NOT_FOUND, "there is no incident of that name; write INC-12, or 12");
        }
        long number = Long.parseLong(matcher.group(1));
        return store.find(number).filter(is -> isVisible(actor, is)).orElseThrow(() -> notFound(number));
    }

    /** The newest first. A narrower scope sees those that are about one of its assets; such a page may be short. */
    Page<Incident> list(Actor actor, @Nullable Boolean open, PageRequest request) {
        String after = request.after();
        Long below = after == null ? null : number(after);
        List<Incident> found = store.page(open, below, request.fetch());
        Page<Incident> page = Page.of(found, request, is -> Long.toString(is.number()));
        return new Page<>(
                page.items().stream().filter(is -> isVisible(actor, is)).toList(), page.next());
    }

    private boolean isVisible(Actor actor, Incident is) {
        return actor.scope().isAll()
                || is.about().stream()
                        .anyMatch(about -> !assets.list(actor, about, null, new PageRequest(1, null))
                                .items()
                                .isEmpty());
    }

    private static long number(String key) {
        try {
            return Long.parseLong(key);
        } catch (NumberFormatException e) {
            throw new Refusal(ErrorCode.INVALID, "continue is not a token of this list; ask again without it");
        }
    }

    private void append(Incident before, Incident after) {
        String verb = before.state() == after.state()
                ? "updated"
                : switch (after.state()) {
                    case RESOLVED -> "resolved";
                    case OPEN, ACKNOWLEDGED, MITIGATED -> before.isOpen() ? "updated" : "reopened";
                };
        events.append("incident." + verb, KIND + "/" + after.number(), eventOf(after));
    }

    private Map<String, Object> eventOf(Incident is) {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("number", is.number());
        data.put("title", is.title());
        data.put("severity", is.severity().wire());
        data.put("state", is.state().wire());
        data.put("owner", is.owner());
        data.put(
                "alerts",
                store.alerts(is.number()).stream()
                        .map(alert -> alert.fact().fingerprint())
                        .limit(100)
                        .toList());
        data.put("causes", is.causes());
        return data;
    }

    static void requireText(String field, String text, int max, boolean needed) {
        if ((needed && text.isBlank()) || text.length() > max || text.chars().anyMatch(Character::isISOControl)) {
            throw new Refusal(
                    ErrorCode.INVALID,
                    field + " must have " + (needed ? "1" : "0") + " to " + max
                            + " characters, none of them a control character");
        }
    }

    private static Refusal notFound(long number) {
        return new Refusal(
                ErrorCode.NOT_FOUND,
                "there is no incident INC-" + number + ", or none of its assets is in your scope; GET /api/v1/incidents"
                        + " lists them");
    }

    Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }
}
