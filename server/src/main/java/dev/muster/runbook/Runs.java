package dev.muster.runbook;

import dev.muster.alert.incident.Entry;
import dev.muster.alert.incident.IncidentService;
import dev.muster.alert.incident.Who;
import dev.muster.audit.AuditLog;
import dev.muster.identity.Actor;
import dev.muster.identity.ScopeFilter;
import dev.muster.pki.Reenrolment;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.platform.event.EventLog;
import dev.muster.protocol.AssetId;
import dev.muster.runbook.Run.Phase;
import dev.muster.runbook.RunbookEngine.Line;
import dev.muster.runbook.RunbookEngine.Stepped;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Runs of runbooks while they go on: what a turn came to, and what people do with them: look, stop, approve. */
@Component
class Runs {
    private static final Pattern INCIDENT = Pattern.compile("(?:INC-)?(\\d{1,15})");

    private final RunbookStore store;
    private final ScopeFilter scopes;
    private final IncidentService incidents;
    private final Reenrolment reenrolment;
    private final AuditLog audit;
    private final EventLog events;
    private final Clock clock;
    private final TransactionTemplate transaction;

    Runs(
            RunbookStore store,
            ScopeFilter scopes,
            IncidentService incidents,
            Reenrolment reenrolment,
            AuditLog audit,
            EventLog events,
            Clock clock,
            PlatformTransactionManager transactions) {
        this.store = store;
        this.scopes = scopes;
        this.incidents = incidents;
        this.reenrolment = reenrolment;
        this.audit = audit;
        this.events = events;
        this.clock = clock;
        this.transaction = new TransactionTemplate(transactions);
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
                audit.record(FleetHands.actor(run), "runbook.step", Runbooks.KIND, run.runbook(), null, data);
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
            audit.record(FleetHands.actor(run), "runbook.end", Runbooks.KIND, run.runbook(), null, summary(run));
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

    /** How those of some days went. */
    List<RunbookStore.Tally> tally(int days) {
        return store.tally(clock.instant().minus(Duration.ofDays(days)));
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
            audit.record(actor, "runbook." + verb, Runbooks.KIND, run.runbook(), null, summary(run));
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
}
