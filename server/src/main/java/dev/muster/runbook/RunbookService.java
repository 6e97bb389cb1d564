package dev.muster.runbook;

import dev.muster.alert.incident.Concern;
import dev.muster.alert.incident.Entry;
import dev.muster.alert.incident.IncidentService;
import dev.muster.alert.incident.Who;
import dev.muster.audit.AuditLog;
import dev.muster.identity.Actor;
import dev.muster.identity.ScopeFilter;
import dev.muster.pki.Reenrolment;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.FieldProblem;
import dev.muster.platform.error.Refusal;
import dev.muster.platform.event.EventLog;
import dev.muster.platform.id.Ids;
import dev.muster.protocol.AssetId;
import dev.muster.registry.asset.AssetDirectory;
import dev.muster.registry.selector.Selectors;
import dev.muster.runbook.Run.Phase;
import dev.muster.runbook.RunbookEngine.Line;
import dev.muster.runbook.RunbookEngine.Stepped;
import dev.muster.runbook.RunbookStore.Stored;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;

/** Runbooks and their runs: declared, started, stopped, approved; rules, audit, event, in one transaction (the caller's, if any). */
@Component
class RunbookService {
    static final int MAX_RUNBOOKS = 500;
    static final int MAX_ACTIVE = 200;
    static final int MAX_DEPTH = 3;
    private static final String KIND = "runbook";
    private static final Pattern INCIDENT = Pattern.compile("(?:INC-)?(\\d{1,15})");

    private final RunbookStore store;
    private final Selectors selectors;
    private final AssetDirectory assets;
    private final DeclaredCommands commands;
    private final ScopeFilter scopes;
    private final IncidentService incidents;
    private final Reenrolment reenrolment;
    private final AuditLog audit;
    private final EventLog events;
    private final Ids ids;
    private final Clock clock;
    private final TransactionTemplate transaction;

    RunbookService(
            RunbookStore store,
            Selectors selectors,
            AssetDirectory assets,
            DeclaredCommands commands,
            ScopeFilter scopes,
            IncidentService incidents,
            Reenrolment reenrolment,
            AuditLog audit,
            EventLog events,
            Ids ids,
            Clock clock,
            PlatformTransactionManager transactions) {
        this.store = store;
        this.selectors = selectors;
        this.assets = assets;
        this.commands = commands;
        this.scopes = scopes;
        this.incidents = incidents;
        this.reenrolment = reenrolment;
        this.audit = audit;
        this.events = events;
        this.ids = ids;
        this.clock = clock;
        this.transaction = new TransactionTemplate(transactions);
    }

    Stored require(String name) {
        return store.find(name)
                .orElseThrow(() -> new Refusal(
                        ErrorCode.NOT_FOUND,
                        "runbook " + (SpecReader.NAME.matcher(name).matches() ? name : "of that name")
                                + " does not exist; GET /api/v1/runbooks lists them"));
    }

    /** @throws Refusal with every problem */
    RunbookSpec read(String name, JsonNode json) {
        SpecReader.Read read = SpecReader.declared(name, json, selectors);
        if (!read.problems().isEmpty()) {
            throw new Refusal(
                    ErrorCode.INVALID,
                    "runbook " + name + " is not valid: " + read.problems().getFirst(),
                    read.problems().stream()
                            .map(problem -> new FieldProblem(problem.path(), problem.message()))
                            .toList());
        }
        return read.spec();
    }

    List<CaseRunner.Result> test(String name, JsonNode json) {
        return new CaseRunner(selectors).run(name, json, read(name, json));
    }

    /** Creates or replaces; a run goes on as it was when it started. @param seen version that the caller saw, null for none */
    boolean save(Actor actor, String name, JsonNode json, @Nullable Long seen, Map<String, String> managers) {
        RunbookSpec unused = read(name, json);
        return Boolean.TRUE.equals(transaction.execute(status -> {
            Optional<Stored> before = store.lock(name);
            if (!Objects.equals(seen, before.map(Stored::resourceVersion).orElse(null))) {
                throw new Refusal(ErrorCode.CONFLICT, "runbook " + name + " was changed at the same time; apply again");
            }
            if (before.isEmpty() && store.count() >= MAX_RUNBOOKS) {
                throw new Refusal(
                        ErrorCode.REFUSED,
                        "there are " + MAX_RUNBOOKS + " runbooks, which is the most; delete one first");
            }
            boolean same = before.map(Stored::json).filter(json::equals).isPresent();
            write(actor, name, json, before.orElse(null), null, managers);
            return !same;
        }));
    }

    /** Loads what is shipped, when it is new or newer and nobody changed it here. */
    boolean ship(String name, JsonNode json, int version) {
        RunbookSpec unused = read(name, json);
        return Boolean.TRUE.equals(transaction.execute(status -> {
            Stored before = store.lock(name).orElse(null);
            if (before != null && (before.shippedVersion() == null || before.shippedVersion() >= version)) {
                return false;
            }
            write(Actor.SYSTEM, name, json, before, version, Map.of());
            return true;
        }));
    }

    private void write(
            Actor actor,
            String name,
            JsonNode json,
            @Nullable Stored before,
            @Nullable Integer shipped,
            Map<String, String> managers) {
        Instant now = now();
        int revision = before == null ? 1 : before.json().equals(json) ? before.revision() : before.revision() + 1;
        Integer keeps =
                shipped != null || before == null || !before.json().equals(json) ? shipped : before.shippedVersion();
        store.save(
                new Stored(
                        name,
                        json,
                        revision,
                        keeps,
                        managers,
                        before == null ? now : before.created(),
                        now,
                        store.nextVersion(),
                        null),
                actor.toString());
        String verb = before == null ? "create" : "update";
        audit.record(actor, "runbook." + verb, KIND, name, before == null ? null : before.json(), json);
        events.append("runbook." + verb + "d", KIND + "/" + name, Map.of("name", name, "revision", revision));
    }

    void delete(Actor actor, String name, @Nullable Long expected) {
        transaction.executeWithoutResult(status -> {
            Stored before = store.lock(name).orElseThrow(() -> notFound(name));
            if (expected != null && expected != before.resourceVersion()) {
                throw new Refusal(
                        ErrorCode.PRECONDITION_FAILED,
                        "runbook " + name + " has version " + before.resourceVersion() + ", not " + expected
                                + "; read it again and repeat the change");
            }
            store.delete(name);
            audit.record(actor, "runbook.delete", KIND, name, before.json(), null);
            events.append("runbook.deleted", KIND + "/" + name, Map.of("name", name));
        });
    }

    private static Refusal notFound(String name) {
        return new Refusal(ErrorCode.NOT_FOUND, "runbook " + name + " does not exist; GET /api/v1/runbooks lists them");
    }

    /**
     * Why and about what a run starts.
     *
     * @param labels of its alert, empty without one
     * @param selector whom it acts on instead of those that the runbook or the alert name, null for those
     */
    record Cause(
            String trigger,
            String by,
            Map<String, String> labels,
            @Nullable String fingerprint,
            @Nullable Long incident,
            Map<String, String> parameters,
            @Nullable String selector,
            @Nullable String parent,
            int depth) {
        static Cause manual(
                Actor actor, Map<String, String> labels, Map<String, String> parameters, @Nullable String selector) {
            return new Cause("manual", actor.toString(), labels, null, null, parameters, selector, null, 0);
        }
    }

    /**
     * What would be done now.
     *
     * @param touches whether a step does something to assets, rollouts, releases or another system
     * @param problem why it would not be
     */
    record Plan(
            String runbook,
            List<String> targets,
            int assets,
            boolean needsSecondPerson,
            boolean touches,
            @Nullable String problem,
            List<String> steps,
            List<String> onFailure) {}

    Plan plan(Actor actor, String name, Cause cause) {
        Prepared prepared = prepare(require(name), cause, "dry-run");
        return new Plan(
                name,
                prepared.targets().stream().limit(100).toList(),
                prepared.assets(),
                prepared.spec().guards().needsSecondPerson(prepared.assets()),
                Stream.concat(prepared.spec().steps().stream(), prepared.spec().onFailure().stream())
                        .anyMatch(step -> step.action().touches()),
                prepared.problem(),
                texts(prepared.spec().steps()),
                texts(prepared.spec().onFailure()));
    }

    private static List<String> texts(List<Step> steps) {
        return steps.stream()
                .map(step -> step.name() + ": " + step.action().text() + ", at most "
                        + step.timeout().toSeconds() + " s"
                        + (step.retries() == 0 ? "" : ", tried " + (step.retries() + 1) + " times")
                        + (step.onward() ? ", goes on when it fails" : ""))
                .toList();
    }

    private record Prepared(
            JsonNode json,
            RunbookSpec spec,
            List<String> targets,
            int assets,
            String subject,
            @Nullable String problem) {}

    private Prepared prepare(Stored stored, Cause cause, String run) {
        RunbookSpec declared =
                SpecReader.declared(stored.name(), stored.json(), selectors).spec();
        CaseRunner.Filled filled = CaseRunner.fill(
                stored.json(),
                declared,
                cause.labels(),
                cause.parameters(),
                cause.incident() == null ? "" : "INC-" + cause.incident(),
                run,
                selectors);
        RunbookSpec spec = filled.spec();
        String about = cause.selector() != null
                ? cause.selector()
                : spec.targets() != null
                        ? spec.targets()
                        : Concern.of(cause.labels()).orElse(null);
        String subject = about != null ? about : cause.fingerprint() == null ? "" : cause.fingerprint();
        if (!filled.problems().isEmpty()) {
            return new Prepared(
                    filled.json(),
                    spec,
                    List.of(),
                    0,
                    subject,
                    filled.problems().getFirst());
        }
        if (about != null && selectors.problem(about).isPresent()) {
            return new Prepared(
                    filled.json(),
                    spec,
                    List.of(),
                    0,
                    subject,
                    "its targets " + selectors.problem(about).get());
        }
        int count = about == null ? 0 : (int) Math.min(Integer.MAX_VALUE, assets.count(Actor.SYSTEM, about, null));
        long fleet = count < 2 ? 0 : assets.count(Actor.SYSTEM, null, null);
        Instant now = now();
        String problem = spec.guards()
                .problem(
                        count,
                        fleet,
                        store.startedSince(
                                stored.name(), now.minus(spec.guards().per())),
                        store.lastEnd(stored.name(), subject).orElse(null),
                        store.running(stored.name(), subject).orElse(null),
                        now)
                .orElse(null);
        if (problem == null && count == 0 && cause.selector() != null) {
            problem = "no asset is " + cause.selector();
        }
        if (problem == null && store.active() >= MAX_ACTIVE) {
            problem = MAX_ACTIVE + " runs are under way, which is the most";
        }
        List<AssetId> targets = about == null || count > spec.guards().maxAssets()
                ? List.of()
                : assets.ids(Actor.SYSTEM, about, spec.guards().maxAssets());
        if (problem == null) {
            problem = commands.missing(spec, targets).orElse(null);
        }
        return new Prepared(
                filled.json(), spec, targets.stream().map(AssetId::value).toList(), count, subject, problem);
    }

    boolean isStartedBy(Stored stored, Map<String, String> labels) {
        return SpecReader.declared(stored.name(), stored.json(), selectors)
                .spec()
                .isStartedBy(labels);
    }

    @Nullable Duration every(Stored stored) {
        return SpecReader.declared(stored.name(), stored.json(), selectors)
                .spec()
                .every();
    }

    /** By hand. @throws Refusal when a guard stands against it */
    Run start(Actor actor, String name, Cause cause) {
        return Objects.requireNonNull(transaction.execute(status -> {
            Stored stored = store.lock(name).orElseThrow(() -> notFound(name));
            String id = ids.next();
            Prepared prepared = prepare(stored, cause, id);
            if (prepared.problem() != null) {
                throw new Refusal(ErrorCode.REFUSED, "runbook " + name + " is not run: " + prepared.problem());
            }
            return begin(actor, stored, cause, id, prepared);
        }));
    }

    /** By an alert or its schedule: what stands against it is written down. In the caller's transaction. */
    Run startByItself(String name, Cause cause) {
        Stored stored = store.lock(name).orElseThrow(() -> notFound(name));
        String id = ids.next();
        return begin(Actor.SYSTEM, stored, cause, id, prepare(stored, cause, id));
    }

    /** As a step of another; in its transaction. @return the id of the run */
    String startSub(Run parent, String name, Map<String, String> parameters) {
        if (parent.depth() + 1 >= MAX_DEPTH) {
            throw new Refusal(
                    ErrorCode.REFUSED,
                    "runbook " + name + " is not run: runbooks call each other " + MAX_DEPTH + " deep at most");
        }
        String targets = parent.targets().isEmpty()
                ? null
                : "asset.id in ["
                        + String.join(
                                ", ",
                                parent.targets().stream().map(Concern::literal).toList()) + "]";
        return start(
                        FleetHands.actor(parent),
                        name,
                        new Cause(
                                "runbook",
                                "runbook " + parent.runbook(),
                                Map.of(),
                                parent.fingerprint(),
                                parent.incident(),
                                parameters,
                                targets,
                                parent.id(),
                                parent.depth() + 1))
                .id();
    }

    private Run begin(Actor actor, Stored stored, Cause cause, String id, Prepared prepared) {
        Instant now = now();
        String problem = prepared.problem();
        boolean waits = prepared.spec().guards().needsSecondPerson(prepared.assets());
        Phase phase = problem != null ? Phase.REFUSED : waits ? Phase.WAITING : Phase.RUNNING;
        String reason = problem != null
                ? problem
                : waits ? prepared.assets() + " assets need a second person: muster runbook approve " + id : "";
        Run run = new Run(
                id,
                stored.name(),
                stored.revision(),
                cause.parent(),
                cause.depth(),
                cause.trigger(),
                cause.by(),
                cause.incident(),
                cause.fingerprint(),
                prepared.subject(),
                prepared.targets(),
                prepared.json(),
                prepared.spec(),
                phase,
                Run.first(now),
                reason,
                null,
                null,
                false,
                now,
                now.plus(waits ? Duration.ofDays(1) : prepared.spec().timeout()),
                phase.isEnd() ? now : null);
        store.insert(run);
        store.add(
                id,
                List.of(new Line(
                        now,
                        "",
                        phase == Phase.REFUSED ? "refused" : "started",
                        reason.isEmpty() ? "by " + cause.by() : reason)));
        audit.record(actor, "runbook.run", KIND, stored.name(), null, summary(run));
        events.append("runbook." + (phase == Phase.REFUSED ? "refused" : "started"), "runbook-run/" + id, summary(run));
        Long incident = cause.incident();
        if (incident != null) {
            Who who = Who.runbook(stored.name());
            incidents.note(
                    incident,
                    Entry.Kind.RUNBOOK,
                    who,
                    problem != null
                            ? "is not run: " + problem
                            : "run " + id + " begins for " + prepared.targets().size() + " assets"
                                    + (reason.isEmpty() ? "" : "; " + reason));
            if (problem == null) {
                incidents.acknowledge(incident, who);
            }
        }
        return run;
    }

    /** What a turn came to; in a transaction. */
    void write(Stepped stepped) {
        Run run = stepped.run();
        boolean ended = run.phase().isEnd();
        boolean alone = run.phase() == Phase.SUCCEEDED && run.parent() == null;
        store.update(run, alone ? run.spec().toil().toSeconds() : 0);
        store.add(run.id(), stepped.lines());
        Who who = Who.runbook(run.runbook());
        Long incident = run.incident();
        for (Line line : stepped.lines()) {
            boolean tells = !line.what().equals("intended") && !line.what().equals("under_way");
            if (tells && !line.step().isEmpty()) {
                Map<String, Object> data = new LinkedHashMap<>(summary(run));
                data.put("step", line.step());
                data.put("what", line.what());
                data.put("text", line.text());
                audit.record(FleetHands.actor(run), "runbook.step", KIND, run.runbook(), null, data);
                if (incident != null) {
                    incidents.note(
                            incident,
                            Entry.Kind.RUNBOOK,
                            who,
                            line.step() + " " + line.what() + (line.text().isEmpty() ? "" : ": " + line.text()));
                }
            }
        }
        if (ended) {
            events.append("runbook.ended", "runbook-run/" + run.id(), summary(run));
            audit.record(FleetHands.actor(run), "runbook.end", KIND, run.runbook(), null, summary(run));
            if (incident != null) {
                if (alone && run.trigger().equals("alert")) {
                    incidents.mended(incident, who, "run " + run.id() + " succeeded");
                } else {
                    incidents.note(
                            incident,
                            Entry.Kind.RUNBOOK,
                            who,
                            "run " + run.id() + " is " + run.phase().wire()
                                    + (run.reason().isEmpty() ? "" : ": " + run.reason()));
                }
            }
        }
    }

    /** Which runs a person asks for. @param state {@code active}, or a phase; null for all */
    RunbookStore.Wanted wanted(
            @Nullable String runbook, @Nullable String incident, boolean active, @Nullable String state) {
        Long number = null;
        if (incident != null) {
            var matcher = INCIDENT.matcher(incident);
            if (!matcher.matches()) {
                throw new Refusal(ErrorCode.INVALID, "incident is not the name of one; write INC-12, or 12");
            }
            number = Long.valueOf(matcher.group(1));
        }
        Phase phase = null;
        if (state != null && !state.equals("active") && !state.equals("all")) {
            phase = Stream.of(Phase.values())
                    .filter(each -> each.wire().equals(state))
                    .findFirst()
                    .orElseThrow(() -> new Refusal(
                            ErrorCode.INVALID,
                            "state is none of all, active, "
                                    + Stream.of(Phase.values()).map(Phase::wire).collect(Collectors.joining(", "))));
        }
        return new RunbookStore.Wanted(runbook, number, active || "active".equals(state), phase);
    }

    /** Those whose targets are all in scope. */
    Run requireRun(Actor actor, String id) {
        return store.run(id)
                .filter(run -> isVisible(actor, run))
                .orElseThrow(() -> new Refusal(
                        ErrorCode.NOT_FOUND,
                        "there is no run of a runbook with that id, or its targets are outside of your scope; GET"
                                + " /api/v1/runbook-runs lists them"));
    }

    boolean isVisible(Actor actor, Run run) {
        if (actor.scope().isAll()) {
            return true;
        }
        List<AssetId> targets = run.targets().stream().map(AssetId::new).toList();
        return !targets.isEmpty() && scopes.visible(actor.scope(), targets).size() == targets.size();
    }

    Run stop(Actor actor, String id) {
        return change(actor, id, "stop", run -> store.stop(id, actor.toString()));
    }

    /** The second person of a run that waits, or who has done what a step asks for. */
    Run approve(Actor actor, String id) {
        return change(actor, id, "approve", run -> {
            if (run.phase() == Phase.WAITING) {
                if (run.startedBy().equals(actor.toString())) {
                    throw new Refusal(
                            ErrorCode.REFUSED, "run " + id + " needs a second person: you started it yourself");
                }
                store.approve(id, actor.toString());
            } else if (run.phase() == Phase.RUNNING
                    && !run.isThrough()
                    && run.step().action() instanceof Action.Approve
                    && run.cursor().at() == Run.At.UNDER_WAY) {
                store.answer(run.at(run.cursor().answered(actor.toString())));
            } else {
                throw new Refusal(
                        ErrorCode.CONFLICT, "run " + id + " is " + run.phase().wire() + " and waits for no person");
            }
            Long incident = run.incident();
            if (incident != null) {
                incidents.note(incident, Entry.Kind.NOTE, Who.of(actor), "approved run " + id);
            }
        });
    }

    private Run change(Actor actor, String id, String verb, java.util.function.Consumer<Run> change) {
        Run seen = requireRun(actor, id);
        return Objects.requireNonNull(transaction.execute(status -> {
            Run run = store.lockRun(id).orElse(seen);
            if (run.phase().isEnd()) {
                throw new Refusal(
                        ErrorCode.CONFLICT,
                        "run " + id + " cannot be " + (verb.equals("stop") ? "stopped" : "approved") + ": it is "
                                + run.phase().wire());
            }
            change.accept(run);
            audit.record(actor, "runbook." + verb, KIND, run.runbook(), null, summary(run));
            return store.run(id).orElse(run);
        }));
    }

    /** For a target of a run that waits for it to enrol anew. @return shown this once */
    String claim(Actor actor, String id, String asset) {
        Run run = requireRun(actor, id);
        if (run.phase() != Phase.RUNNING
                || run.isThrough()
                || !(run.step().action() instanceof Action.Reenrol(Duration validFor))
                || !run.targets().contains(asset)) {
            throw new Refusal(
                    ErrorCode.CONFLICT,
                    "run " + id + " does not wait for asset " + asset.replaceAll("[^\\x20-\\x7e]", "?")
                            + " to enrol anew");
        }
        return reenrolment.token(actor, new AssetId(asset), "runbook " + run.runbook(), validFor);
    }

    static Map<String, Object> summary(Run run) {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("run", run.id());
        data.put("runbook", run.runbook());
        data.put("revision", run.revision());
        data.put("trigger", run.trigger());
        data.put("phase", run.phase().wire());
        data.put("targets", new ArrayList<>(run.targets().stream().limit(20).toList()));
        data.put("assets", run.targets().size());
        if (run.incident() != null) {
            data.put("incident", run.incident());
        }
        if (!run.reason().isEmpty()) {
            data.put("reason", run.reason());
        }
        return data;
    }

    Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }
}
