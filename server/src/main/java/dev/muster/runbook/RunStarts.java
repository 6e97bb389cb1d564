package dev.muster.runbook;

import dev.muster.alert.incident.Concern;
import dev.muster.alert.incident.Entry;
import dev.muster.alert.incident.IncidentService;
import dev.muster.alert.incident.Who;
import dev.muster.audit.AuditLog;
import dev.muster.identity.Actor;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.platform.event.EventLog;
import dev.muster.platform.id.Ids;
import dev.muster.protocol.AssetId;
import dev.muster.registry.asset.AssetDirectory;
import dev.muster.registry.selector.Selectors;
import dev.muster.runbook.Run.Phase;
import dev.muster.runbook.RunbookEngine.Line;
import dev.muster.runbook.RunbookStore.Stored;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;

/** Starts runs of runbooks, as people, alerts, schedules and other runs ask for it, or says what stands against it. */
@Component
class RunStarts {
    static final int MAX_ACTIVE = 200;
    static final int MAX_DEPTH = 3;

    private final Runbooks runbooks;
    private final RunbookStore store;
    private final Selectors selectors;
    private final AssetDirectory assets;
    private final DeclaredCommands commands;
    private final IncidentService incidents;
    private final AuditLog audit;
    private final EventLog events;
    private final Ids ids;
    private final Clock clock;
    private final TransactionTemplate transaction;

    RunStarts(
            Runbooks runbooks,
            RunbookStore store,
            Selectors selectors,
            AssetDirectory assets,
            DeclaredCommands commands,
            IncidentService incidents,
            AuditLog audit,
            EventLog events,
            Ids ids,
            Clock clock,
            PlatformTransactionManager transactions) {
        this.runbooks = runbooks;
        this.store = store;
        this.selectors = selectors;
        this.assets = assets;
        this.commands = commands;
        this.incidents = incidents;
        this.audit = audit;
        this.events = events;
        this.ids = ids;
        this.clock = clock;
        this.transaction = new TransactionTemplate(transactions);
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
        Prepared prepared = prepare(runbooks.require(name), cause, "dry-run");
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
        if (count == 0 && cause.fingerprint() != null) {
            // of two rollouts whose runbooks touch no asset, neither waits for the other
            subject = cause.fingerprint();
        }
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

    /** By hand. @throws Refusal when a guard stands against it */
    Run start(Actor actor, String name, Cause cause) {
        return Objects.requireNonNull(transaction.execute(status -> {
            Stored stored = store.lock(name).orElseThrow(() -> Runbooks.notFound(name));
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
        Stored stored = store.lock(name).orElseThrow(() -> Runbooks.notFound(name));
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
        audit.record(actor, "runbook.run", Runbooks.KIND, stored.name(), null, Runs.summary(run));
        events.append(
                "runbook." + (phase == Phase.REFUSED ? "refused" : "started"), "runbook-run/" + id, Runs.summary(run));
        Long incident = cause.incident();
        if (incident != null) {
            Who who = Who.runbook(stored.name());
            incidents.note(
                    incident,
                    Entry.Kind.RUNBOOK,
                    who,
                    problem != null
                            ? "is not run: " + problem
                            : "run " + id + " begins"
                                    + forWhom(prepared.targets().size()) + (reason.isEmpty() ? "" : "; " + reason));
            if (problem == null) {
                incidents.acknowledge(incident, who);
            }
        }
        return run;
    }

    /** Nothing where it acts on no asset: on a rollout or a release alone. */
    private static String forWhom(int assets) {
        return switch (assets) {
            case 0 -> "";
            case 1 -> " for 1 asset";
            default -> " for " + assets + " assets";
        };
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }
}
