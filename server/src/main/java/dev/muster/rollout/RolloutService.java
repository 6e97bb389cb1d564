package dev.muster.rollout;

import dev.muster.audit.AuditLog;
import dev.muster.identity.Actor;
import dev.muster.identity.Kind;
import dev.muster.identity.Permissions;
import dev.muster.identity.Verb;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.FieldProblem;
import dev.muster.platform.error.Refusal;
import dev.muster.platform.event.EventLog;
import dev.muster.protocol.AssetId;
import dev.muster.registry.asset.AssetStore;
import dev.muster.registry.asset.Visibility;
import dev.muster.registry.selector.Selectors;
import dev.muster.registry.selector.SqlCondition;
import dev.muster.rollout.engine.Action;
import dev.muster.rollout.engine.Phase;
import dev.muster.rollout.engine.Rollout;
import dev.muster.rollout.engine.RolloutEngine;
import dev.muster.rollout.engine.Stratum;
import dev.muster.rollout.engine.Target;
import dev.muster.rollout.engine.WaveState;
import dev.muster.rollout.gate.GateExpressions;
import dev.muster.rollout.spec.Attribute;
import dev.muster.rollout.spec.RolloutSpec;
import dev.muster.rollout.spec.RolloutSpecReader;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;

/** What people do with rollouts: scope, rules, audit, event, in one transaction (the caller's, if any). */
@Component
public class RolloutService {
    static final String KIND = "rollout";
    static final int MAX_LIVE = 200;
    static final int MAX_REASON = 500;
    private static final int CHUNK = 5_000;

    private final RolloutEngine engine = new RolloutEngine();
    private final RolloutStore rollouts;
    private final TargetStore targets;
    private final RolloutPlanner planner;
    private final Approvals approvals;
    private final RolloutRounds rounds;
    private final RolloutWorker worker;
    private final Selectors selectors;
    private final GateExpressions gates;
    private final AssetStore assets;
    private final Visibility visibility;
    private final BurningNow burning;
    private final AuditLog audit;
    private final EventLog events;
    private final TransactionTemplate transaction;

    RolloutService(
            RolloutStore rollouts,
            TargetStore targets,
            RolloutPlanner planner,
            Approvals approvals,
            RolloutRounds rounds,
            RolloutWorker worker,
            Selectors selectors,
            GateExpressions gates,
            AssetStore assets,
            Visibility visibility,
            BurningNow burning,
            AuditLog audit,
            EventLog events,
            PlatformTransactionManager transactions) {
        this.rollouts = rollouts;
        this.targets = targets;
        this.planner = planner;
        this.approvals = approvals;
        this.rounds = rounds;
        this.worker = worker;
        this.selectors = selectors;
        this.gates = gates;
        this.assets = assets;
        this.visibility = visibility;
        this.burning = burning;
        this.audit = audit;
        this.events = events;
        this.transaction = new TransactionTemplate(transactions);
    }

    Optional<StoredRollout> find(String name) {
        return rollouts.find(name);
    }

    StoredRollout require(String name) {
        return rollouts.find(name).orElseThrow(() -> notFound(name));
    }

    /** @throws Refusal with every problem of the spec */
    RolloutSpec read(String name, JsonNode json) {
        RolloutSpecReader.Read read = RolloutSpecReader.read(name, json, selectors, gates);
        if (!read.problems().isEmpty()) {
            throw new Refusal(
                    ErrorCode.INVALID,
                    "rollout " + name + " is not valid: " + read.problems().getFirst(),
                    read.problems().stream()
                            .map(problem -> new FieldProblem(problem.path(), problem.message()))
                            .toList());
        }
        return read.spec();
    }

    Plan plan(Actor actor, String name, RolloutSpec spec) {
        return planner.plan(actor, name, spec);
    }

    /**
     * Creates or replaces a draft.
     *
     * @param expectedVersion null when the caller saw none
     */
    void save(Actor actor, String name, JsonNode json, @Nullable Long expectedVersion, Map<String, String> managers) {
        RolloutSpec spec = read(name, json);
        planner.requireSelectionInScope(actor, name, spec.selector());
        transaction.executeWithoutResult(status -> {
            Optional<StoredRollout> before = rollouts.lock(name);
            Long found = before.map(StoredRollout::resourceVersion).orElse(null);
            if (!Objects.equals(expectedVersion, found)) {
                throw new Refusal(ErrorCode.CONFLICT, "rollout " + name + " was changed at the same time; apply again");
            }
            before.ifPresent(old -> requireDraft(old, json));
            before.ifPresent(old ->
                    planner.requireSelectionInScope(actor, name, old.spec().selector()));
            Instant now = rounds.now();
            long version = rollouts.nextVersion();
            if (before.isEmpty()) {
                rollouts.insert(name, json, spec.change().component(), managers, now, version);
            } else {
                rollouts.updateSpec(before.get().id(), json, spec.change().component(), managers, now, version);
            }
            approvals.written(name, actor);
            String verb = before.isEmpty() ? "create" : "update";
            audit.record(
                    actor,
                    "rollout." + verb,
                    KIND,
                    name,
                    before.map(StoredRollout::json).orElse(null),
                    json);
            events.append("rollout." + verb + "d", "rollout/" + name, Map.of("name", name));
        });
    }

    private static void requireDraft(StoredRollout old, JsonNode json) {
        if (!(old.phase() instanceof Phase.Draft) && !old.json().equals(json)) {
            throw new Refusal(
                    ErrorCode.REFUSED,
                    "rollout " + old.name() + " is " + old.phase().wire()
                            + "; what it does is fixed since it started: give the change another name, or delete this one"
                            + " when it has ended");
        }
    }

    void delete(Actor actor, String name, @Nullable Long expectedVersion) {
        transaction.executeWithoutResult(status -> {
            StoredRollout before = rollouts.lock(name).orElseThrow(() -> notFound(name));
            if (expectedVersion != null && expectedVersion != before.resourceVersion()) {
                throw new Refusal(
                        ErrorCode.PRECONDITION_FAILED,
                        "rollout " + name + " has version " + before.resourceVersion() + ", not " + expectedVersion
                                + "; read it again and repeat the change");
            }
            requireInScope(actor, before);
            if (before.phase().live()) {
                throw new Refusal(
                        ErrorCode.REFUSED,
                        "rollout " + name + " is " + before.phase().wire()
                                + " and cannot be deleted; abort it or roll it back, and delete it when it has ended");
            }
            rollouts.delete(before.id());
            audit.record(actor, "rollout.delete", KIND, name, before.json(), null);
            events.append("rollout.deleted", "rollout/" + name, Map.of("name", name));
        });
    }

    /** Somebody who did not write a draft says that it may start, as it is now. */
    Approvals.Given approve(Actor actor, String name, String reason) {
        transaction.executeWithoutResult(status -> {
            StoredRollout stored = rollouts.lock(name).orElseThrow(() -> notFound(name));
            requireInScope(actor, stored);
            approvals.approve(actor, stored, reason, rounds.now());
        });
        return approvals.of(require(name));
    }

    Approvals.Given approvals(StoredRollout stored) {
        return approvals.of(stored);
    }

    /** Materializes the targets and opens the first wave. */
    StoredRollout start(Actor actor, String name, String reason) {
        StoredRollout draft = require(name);
        requirePhase(draft, draft.phase() instanceof Phase.Draft, "started", "only a draft can be");
        Plan plan = planner.plan(actor, name, draft.spec());
        plan.problems(draft.spec()).stream().findFirst().ifPresent(problem -> {
            throw new Refusal(ErrorCode.REFUSED, "rollout " + name + " cannot start: it " + problem);
        });
        approvals.require(draft, plan.approvalsNeeded());
        transaction.executeWithoutResult(status -> {
            burning.hold();
            StoredRollout stored = rollouts.lock(name).orElseThrow(() -> notFound(name));
            if (stored.resourceVersion() != draft.resourceVersion() || !(stored.phase() instanceof Phase.Draft)) {
                throw new Refusal(
                        ErrorCode.CONFLICT,
                        "rollout " + name + " was changed at the same time; look at it, and start again");
            }
            if (rollouts.live().size() >= MAX_LIVE) {
                throw new Refusal(
                        ErrorCode.REFUSED,
                        "rollout " + name + " cannot start: " + MAX_LIVE
                                + " rollouts are under way, which is the most; let one end first");
            }
            Instant now = rounds.now();
            StoredRollout planned = withPlan(stored, plan, now);
            targets.copyIn(stored.id(), stored.component(), targets(plan, now));
            rollouts.setStart(stored.id(), plan.leftOutCounts(), actor.scope());
            act(actor, planned, new Action.Start(reason), now);
        });
        return require(name);
    }

    private static StoredRollout withPlan(StoredRollout draft, Plan plan, Instant now) {
        return new StoredRollout(
                draft.id(),
                draft.name(),
                draft.json(),
                draft.spec(),
                draft.managers(),
                draft.created(),
                draft.updated(),
                draft.resourceVersion(),
                draft.phase(),
                draft.phaseSince(),
                0,
                now,
                0,
                0,
                plan.waves(),
                plan.groups(),
                0,
                false,
                plan.leftOutCounts(),
                null,
                null,
                draft.scope());
    }

    private static List<Target> targets(Plan plan, Instant now) {
        List<Target> all = new ArrayList<>(plan.targets().size());
        for (int i = 0; i < plan.waves().size(); i++) {
            WaveState wave = plan.waves().get(i);
            for (int ord = wave.first(); ord < wave.end(); ord++) {
                all.add(Target.pending(ord, plan.targets().get(ord), i, plan.group()[ord], now));
            }
        }
        return all;
    }

    /**
     * Pause, resume, promote, exclude, abort, roll back, retry.
     *
     * @param asked made of the rollout as it is when it is locked
     */
    StoredRollout act(Actor actor, String name, Function<StoredRollout, Action> asked) {
        transaction.executeWithoutResult(status -> {
            burning.hold();
            StoredRollout stored = rollouts.lock(name).orElseThrow(() -> notFound(name));
            Action action = asked.apply(stored);
            if (action instanceof Action.Resume resume && resume.accept()) {
                Permissions.require(actor, Verb.ADMIN, Kind.ROLLOUT);
            }
            requirePhase(
                    stored, !(stored.phase() instanceof Phase.Draft), word(action), "only one that was started can be");
            requireInScope(actor, stored);
            act(actor, stored, action, rounds.now());
        });
        return require(name);
    }

    /**
     * Pauses those that run and have targets to go in a scope whose budget burns; in the transaction of the caller.
     *
     * @param inScope over the table {@code asset}
     */
    List<String> pauseBurning(SqlCondition inScope, String reason) {
        List<String> paused = new ArrayList<>();
        for (int id : rollouts.live()) {
            rollouts.lock(id)
                    .filter(stored -> stored.phase() instanceof Phase.Running)
                    .filter(stored -> targets.anyToGo(id, inScope))
                    .ifPresent(stored -> {
                        act(Actor.SYSTEM, stored, new Action.Pause(reason, Phase.Pause.BUDGET_BURNING), rounds.now());
                        paused.add(stored.name());
                    });
        }
        return paused;
    }

    /** @throws Refusal when one of them is no target */
    List<Target> targets(StoredRollout stored, Chosen chosen) {
        List<AssetId> ids = chosen.assets().stream()
                .distinct()
                .map(id -> AssetId.parse(id)
                        .orElseThrow(() -> new Refusal(ErrorCode.INVALID, "\"" + id + "\" is no id of an asset")))
                .toList();
        List<Target> found = targets.find(stored.id(), ids);
        List<AssetId> missing = new ArrayList<>(ids);
        found.forEach(target -> missing.remove(target.asset()));
        if (!missing.isEmpty()) {
            throw new Refusal(
                    ErrorCode.NOT_FOUND,
                    "rollout " + stored.name() + " has no target "
                            + missing.stream().limit(5).map(AssetId::value).collect(Collectors.joining(", "))
                            + (missing.size() > 5 ? " and " + (missing.size() - 5) + " more" : "")
                            + "; muster rollout targets " + stored.name() + " lists them");
        }
        return found;
    }

    /** @throws Refusal when there is none */
    Set<Integer> strata(StoredRollout stored, Chosen chosen) {
        if (chosen.stratum().isEmpty()) {
            return Set.of();
        }
        List<String> by =
                stored.spec().failuresBy().stream().map(Attribute::name).toList();
        if (!by.containsAll(chosen.stratum().keySet())) {
            throw new Refusal(
                    ErrorCode.INVALID,
                    "stratum has " + new TreeSet<>(chosen.stratum().keySet()) + "; rollout " + stored.name()
                            + (by.isEmpty()
                                    ? " tells no strata apart, since its failures.by names no attribute"
                                    : " tells strata apart by " + by));
        }
        Set<Integer> found = new TreeSet<>();
        for (int i = 0; i < stored.strata().size(); i++) {
            List<String> values = stored.strata().get(i).values();
            if (chosen.stratum().entrySet().stream()
                    .allMatch(each -> values.get(by.indexOf(each.getKey())).equals(each.getValue()))) {
                found.add(i);
            }
        }
        if (found.isEmpty()) {
            throw new Refusal(
                    ErrorCode.NOT_FOUND,
                    "rollout " + stored.name() + " has no target with " + new TreeMap<>(chosen.stratum())
                            + "; its strata are "
                            + stored.strata().stream()
                                    .map(Stratum::text)
                                    .limit(20)
                                    .toList());
        }
        return found;
    }

    private void act(Actor actor, StoredRollout stored, Action action, Instant now) {
        Rollout rollout = stored.engine();
        switch (engine.act(rollout, action, now)) {
            case RolloutEngine.Answer.Refused(String text) ->
                throw new Refusal(
                        ErrorCode.REFUSED, "rollout " + stored.name() + " cannot be " + word(action) + ": it " + text);
            case RolloutEngine.Answer.Done(var decided) -> {
                rounds.store(stored, decided, Map.of(), actor, now);
                Map<String, Object> after = new LinkedHashMap<>();
                after.put("phase", decided.rollout().phase().wire());
                after.put("reason", action.reason());
                switch (action) {
                    case Action.Resume resume -> after.put("accept", resume.accept());
                    case Action.Promote promote -> after.put("full", promote.full());
                    case Action.Exclude exclude -> noteChosen(after, stored, exclude.targets(), exclude.strata());
                    case Action.RollBack back -> noteChosen(after, stored, List.of(), back.strata());
                    case Action.Retry retry -> noteChosen(after, stored, retry.targets(), Set.of());
                    case Action.Start _, Action.Pause _, Action.Abort _ -> {}
                }
                audit.record(
                        actor,
                        "rollout." + action.getClass().getSimpleName().toLowerCase(Locale.ROOT),
                        KIND,
                        stored.name(),
                        Map.of("phase", stored.phase().wire()),
                        after);
                worker.actedOn(stored.id());
                if (setsOut(stored.phase(), decided.rollout().phase())) {
                    standWhileItBurns(stored.name(), now);
                }
            }
        }
    }

    /** Not one that somebody lets go on although it burns. */
    private static boolean setsOut(Phase before, Phase after) {
        boolean nevertheless =
                before instanceof Phase.Paused(Phase.Pause cause, String _) && cause == Phase.Pause.BUDGET_BURNING;
        return after instanceof Phase.Running && !(before instanceof Phase.Running) && !nevertheless;
    }

    private void standWhileItBurns(String name, Instant now) {
        StoredRollout running = rollouts.lock(name).orElseThrow(() -> notFound(name));
        burning.over(running.id())
                .ifPresent(why -> act(Actor.SYSTEM, running, new Action.Pause(why, Phase.Pause.BUDGET_BURNING), now));
    }

    private static void noteChosen(
            Map<String, Object> audited, StoredRollout stored, List<Target> targets, Set<Integer> strata) {
        if (!targets.isEmpty()) {
            audited.put(
                    "assets",
                    targets.stream().map(target -> target.asset().value()).toList());
        }
        if (!strata.isEmpty()) {
            audited.put(
                    "strata",
                    strata.stream()
                            .map(each -> stored.strata().get(each).values())
                            .toList());
        }
    }

    private static String word(Action action) {
        return switch (action) {
            case Action.Start _ -> "started";
            case Action.Pause _ -> "paused";
            case Action.Resume _ -> "resumed";
            case Action.Promote _ -> "promoted";
            case Action.Exclude _ -> "left without some";
            case Action.Abort _ -> "aborted";
            case Action.RollBack _ -> "rolled back";
            case Action.Retry _ -> "tried again";
        };
    }

    private static void requirePhase(StoredRollout stored, boolean fits, String word, String allowed) {
        if (!fits) {
            throw new Refusal(
                    ErrorCode.REFUSED,
                    "rollout " + stored.name() + " cannot be " + word + ": it is "
                            + stored.phase().wire() + "; " + allowed);
        }
    }

    /** Who acts on a rollout acts on all of its assets: a narrower scope must have them all. */
    private void requireInScope(Actor actor, StoredRollout stored) {
        if (actor.scope().isAll()) {
            return;
        }
        if (stored.phase() instanceof Phase.Draft) {
            planner.requireSelectionInScope(actor, stored.name(), stored.spec().selector());
            return;
        }
        int after = -1;
        List<Target> read;
        do {
            read = targets.all(stored.id(), after, CHUNK);
            List<AssetId> ids = read.stream().map(Target::asset).toList();
            if (!visibility.visible(actor.scope(), ids).containsAll(assets.among(ids, SqlCondition.TRUE))) {
                throw new Refusal(
                        ErrorCode.FORBIDDEN,
                        "rollout " + stored.name() + " has targets outside of your scope (" + actor.scope()
                                + "); ask somebody whose scope has them");
            }
            after = read.isEmpty() ? after : read.getLast().ord();
        } while (read.size() == CHUNK);
    }

    static Refusal notFound(String name) {
        return new Refusal(
                ErrorCode.NOT_FOUND,
                "rollout " + (RolloutSpecReader.NAME.matcher(name).matches() ? name : "of that name")
                        + " does not exist; GET /api/v1/rollouts lists the rollouts");
    }
}
