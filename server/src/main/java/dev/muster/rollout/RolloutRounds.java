package dev.muster.rollout;

import dev.muster.actuator.Actuator;
import dev.muster.actuator.Change;
import dev.muster.actuator.Observation;
import dev.muster.actuator.Withdrawal;
import dev.muster.audit.AuditLog;
import dev.muster.identity.Actor;
import dev.muster.platform.event.EventLog;
import dev.muster.platform.lease.Lease;
import dev.muster.platform.lease.Leases;
import dev.muster.protocol.AssetId;
import dev.muster.registry.Asset;
import dev.muster.registry.asset.AssetStore;
import dev.muster.rollout.engine.Check;
import dev.muster.rollout.engine.Decided;
import dev.muster.rollout.engine.Decision;
import dev.muster.rollout.engine.Item;
import dev.muster.rollout.engine.Joining;
import dev.muster.rollout.engine.Measures;
import dev.muster.rollout.engine.Order;
import dev.muster.rollout.engine.Phase;
import dev.muster.rollout.engine.Place;
import dev.muster.rollout.engine.Reason;
import dev.muster.rollout.engine.Rollout;
import dev.muster.rollout.engine.RolloutEngine;
import dev.muster.rollout.engine.Stage;
import dev.muster.rollout.engine.Stratum;
import dev.muster.rollout.engine.Target;
import dev.muster.rollout.engine.Wanted;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * One round of a rollout: load a bounded part, let the engine decide, store all of it and give the orders, in one transaction. Killed
 * anywhere in it, nothing has happened.
 */
@Component
class RolloutRounds {
    /** Of one target, to see whether it was told of before. */
    private static final int STEPS_LOOKED_AT = 200;

    private static final int BATCH = RolloutEngine.BATCH;

    private final RolloutEngine engine = new RolloutEngine();
    private final RolloutStore rollouts;
    private final TargetStore targets;
    private final TargetOutcomes outcomes;
    private final Clearances clearances;
    private final Rivals rivals;
    private final RolloutPlanner planner;
    private final Measuring measuring;
    private final Carriers carriers;
    private final OrdersInHours hours;
    private final AssetStore assets;
    private final Leases leases;
    private final AuditLog audit;
    private final EventLog events;
    private final Clock clock;
    private final Transitions transitions;
    private final TransactionTemplate transaction;

    RolloutRounds(
            RolloutStore rollouts,
            TargetStore targets,
            TargetOutcomes outcomes,
            Clearances clearances,
            Rivals rivals,
            RolloutPlanner planner,
            Measuring measuring,
            Carriers carriers,
            OrdersInHours hours,
            AssetStore assets,
            Leases leases,
            AuditLog audit,
            EventLog events,
            Clock clock,
            Transitions transitions,
            PlatformTransactionManager transactions) {
        this.rollouts = rollouts;
        this.targets = targets;
        this.outcomes = outcomes;
        this.clearances = clearances;
        this.rivals = rivals;
        this.planner = planner;
        this.measuring = measuring;
        this.carriers = carriers;
        this.hours = hours;
        this.assets = assets;
        this.leases = leases;
        this.audit = audit;
        this.events = events;
        this.clock = clock;
        this.transitions = transitions;
        this.transaction = new TransactionTemplate(transactions);
    }

    /**
     * What a round left behind.
     *
     * @param more whether the next one has something to do at once
     * @param elapsed the rollout's own time at its end, which was at {@code at}
     * @param orderAt when an order may go out that the rate holds back, in the same time
     * @param asks whether a wave waits for nothing but its written gates, and they were not asked in this round
     * @param toMeasure what written gates want to be measured before the next one
     */
    record Outcome(
            boolean live,
            boolean more,
            boolean asks,
            long elapsed,
            Instant at,
            long orderAt,
            Map<Integer, List<Check>> toMeasure) {}

    /** What written gates ask for; before anything is locked. */
    Measures measure(int id, Map<Integer, List<Check>> wanted) {
        return rollouts.find(id)
                .map(stored -> measuring.of(stored, wanted, now()))
                .orElse(Measures.NONE);
    }

    /** @param watched whether this server has looked at it before under the lease that it has; otherwise it stood still until now */
    Outcome round(int id, Lease lease, boolean watched, Measures measures) {
        return Objects.requireNonNull(transaction.execute(status -> {
            leases.requireHeld(lease);
            Instant now = now();
            return rollouts.lock(id)
                    .filter(stored -> stored.phase().live())
                    .map(stored -> round(watched ? stored : stored.unwatchedUntil(now), measures, now))
                    .orElse(new Outcome(false, false, false, 0, now, Target.NEVER, Map.of()));
        }));
    }

    /** Assets that are selected by now and no targets yet; goes through the whole selection, and locks nothing. */
    List<Joining> joining(int id) {
        return rollouts.find(id)
                .filter(RolloutRounds::isOpen)
                .map(stored -> planner.joining(stored, BATCH))
                .orElse(List.of());
    }

    /** Lets those in that were found, unless they have come in since. */
    void join(int id, Lease lease, List<Joining> found) {
        if (found.isEmpty()) {
            return;
        }
        transaction.executeWithoutResult(status -> {
            leases.requireHeld(lease);
            Instant now = now();
            rollouts.lock(id).filter(RolloutRounds::isOpen).ifPresent(stored -> {
                Set<AssetId> known =
                        targets.known(id, found.stream().map(Joining::asset).toList());
                List<Joining> fresh = found.stream()
                        .filter(joining -> !known.contains(joining.asset()))
                        .toList();
                Decided decided = engine.decide(stored.engine(), List.of(), fresh, Measures.NONE, now);
                store(stored, decided, Map.of(), Actor.SYSTEM, now);
                targets.nudge(id);
            });
        });
    }

    private static boolean isOpen(StoredRollout stored) {
        return stored.phase() instanceof Phase.Running || stored.phase() instanceof Phase.Paused;
    }

    private Outcome round(StoredRollout stored, Measures measures, Instant now) {
        Rollout rollout = stored.engine();
        Set<Integer> nudged = targets.takeNudges(stored.id(), BATCH);
        List<Target> due = targets.due(stored.id(), rollout.elapsedAt(now), BATCH);
        Map<Integer, Target> toLookAt = new LinkedHashMap<>();
        targets.at(stored.id(), nudged).forEach(target -> toLookAt.put(target.ord(), target));
        due.forEach(target -> toLookAt.put(target.ord(), target));
        List<Target> active = new ArrayList<>();
        Map<Integer, Target> candidates = new LinkedHashMap<>();
        toLookAt.values().forEach(target -> {
            if (Stage.ACTIVE.contains(target.stage())) {
                active.add(target);
            } else if (target.stage() == Stage.WAITING) {
                candidates.put(target.ord(), target);
            }
        });
        Beside<Map<AssetId, Observation>> observed = Beside.read(
                "rollout-observation",
                () -> carriers.of(stored)
                        .actuator()
                        .observe(
                                stored.component(),
                                active.stream().collect(Collectors.toMap(Target::asset, rollout::attempt))));
        for (Wanted wanted : engine.wanted(rollout.seenAt(now))) {
            targets.wanted(stored.id(), wanted).forEach(target -> candidates.put(target.ord(), target));
        }
        List<Target> offered = List.copyOf(candidates.values());
        Map<AssetId, Cleared> cleared = clearances.of(stored, offered, now);
        List<Item> items = new ArrayList<>();
        long elapsed = rollout.elapsedAt(now);
        Set<AssetId> hidden = hours.hidden(
                stored,
                active.stream()
                        .filter(target -> target.stage() == Stage.ORDERED && target.due() <= elapsed)
                        .toList(),
                now);
        Map<String, Place> places = targets.places(
                stored.id(),
                cleared.values().stream()
                        .map(Cleared::place)
                        .filter(Objects::nonNull)
                        .collect(Collectors.toSet()));
        Map<AssetId, Observation> seen = observed.get();
        for (Target target : active) {
            items.add(new Item.Observed(
                    target,
                    Objects.requireNonNull(seen.get(target.asset()), "observation"),
                    hidden.contains(target.asset())));
        }
        for (Target target : offered) {
            Cleared found = Objects.requireNonNull(cleared.get(target.asset()), "clearance");
            items.add(new Item.Candidate(
                    target, found.clearance(), found.place() == null ? null : places.get(found.place())));
        }
        Decided decided = engine.decide(rollout, items, List.of(), measures, now);
        if (isCompleted(decided)) {
            // Nobody is left behind who is selected at this moment.
            List<Joining> joining = planner.joining(stored, BATCH);
            decided = joining.isEmpty() ? decided : engine.decide(rollout, items, joining, measures, now);
        }
        store(stored, decided, cleared, Actor.SYSTEM, now);
        Rollout after = decided.rollout();
        boolean asksNow = engine.isAsking(after) && measures.equals(Measures.NONE);
        boolean more = nudged.size() == BATCH || due.size() == BATCH || engine.hasMore(after) || asksNow;
        return new Outcome(
                after.phase().live(),
                more,
                asksNow,
                after.elapsed(),
                now,
                engine.orderAgainAt(after),
                engine.toMeasure(after));
    }

    private static boolean isCompleted(Decided decided) {
        return decided.rollout().phase() instanceof Phase.Ended(Phase.Outcome outcome, String _)
                && outcome == Phase.Outcome.COMPLETED;
    }

    /** Stores what was decided and gives the orders, in the transaction of the caller, which holds the rollout's row. */
    void store(StoredRollout stored, Decided decided, Map<AssetId, Cleared> cleared, Actor actor, Instant now) {
        targets.copyIn(stored.id(), stored.component(), decided.joined());
        decided.moves().forEach(move -> targets.move(stored.id(), move));
        Set<Integer> ordered = decided.orders().stream()
                .filter(order -> !(order instanceof Order.Cancel))
                .map(order -> order.target().ord())
                .collect(Collectors.toSet());
        List<Target> stepped = targets.save(stored.id(), decided.changed(), ordered, now);
        transitions.afterCommit(stepped);
        rivals.released(
                stored.id(),
                stepped.stream()
                        .filter(target -> target.touched() && !Stage.ACTIVE.contains(target.stage()))
                        .map(Target::asset)
                        .toList());
        targets.save(stored.id(), decided.places());
        tellBricked(stored, decided);
        rollouts.save(stored.id(), stored.engine(), decided.rollout());
        decided.decisions().forEach(decision -> record(stored, decision, actor));
        Phase after = decided.rollout().phase();
        if (!after.equals(stored.phase())) {
            carriers.of(stored).moved(stored, stored.phase(), after, actor);
        }
        for (int i = 0; i < decided.rollout().strata().size(); i++) {
            Stratum stratum = decided.rollout().strata().get(i);
            boolean was = i < stored.strata().size() && stored.strata().get(i).isHalted();
            if (stratum.isHalted() && !was) {
                carriers.of(stored).halted(stored, stratum, actor, now);
            }
        }
        order(stored, decided, cleared, now);
    }

    /**
     * What somebody has to go to: an asset that was not heard of any more and did not recover, or that was not when it was sent back.
     * One of which it was said already is not said again.
     */
    private void tellBricked(StoredRollout stored, Decided decided) {
        for (Target target : decided.changed()) {
            boolean lostOnItsWayBack = isLostOnItsWayBack(target.stage(), target.reason())
                    && outcomes.steps(stored.id(), target.ord(), STEPS_LOOKED_AT).stream()
                            .noneMatch(step -> step.stage() == Stage.BRICKED
                                    || (isLostOnItsWayBack(step.stage(), step.reason())
                                            && step.attempt() != target.attempt()));
            if (target.stage() == Stage.BRICKED || lostOnItsWayBack) {
                Map<String, Object> data = new LinkedHashMap<>();
                data.put("asset", target.asset().value());
                data.put("rollout", stored.name());
                data.put("component", stored.component());
                data.put("version", stored.spec().change().version());
                data.put("previous", target.previous() == null ? "" : target.previous());
                data.put("attempt", stored.engine().attempt(target));
                data.put(
                        "reason", target.reason() == null ? "" : target.reason().wire());
                data.put("detail", target.detail() == null ? "" : target.detail());
                events.append("asset.bricked_suspected", "asset/" + target.asset(), data);
            }
        }
    }

    private static boolean isLostOnItsWayBack(Stage stage, @Nullable Reason reason) {
        return stage == Stage.ROLLBACK_FAILED && reason == Reason.NOT_HEARD;
    }

    private void record(StoredRollout stored, Decision decision, Actor actor) {
        rollouts.add(stored.id(), decision, actor.toString());
        String subject = "rollout/" + stored.name();
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("name", stored.name());
        data.put("wave", decision.wave());
        data.put("outcome", decision.outcome());
        data.put("reason", decision.reason());
        data.put("inputs", decision.inputs());
        events.append(type(decision), subject, data);
        if (actor.equals(Actor.SYSTEM)) {
            audit.record(
                    actor,
                    "rollout." + decision.kind().wire(),
                    RolloutService.KIND,
                    stored.name(),
                    Map.of("phase", stored.phase().wire()),
                    data);
        }
    }

    private static String type(Decision decision) {
        return "rollout."
                + switch (decision.kind()) {
                    case START -> "started";
                    case OPEN_WAVE -> "wave_opened";
                    case GATE -> "gate_" + decision.outcome();
                    case PAUSE -> "paused";
                    case RESUME -> "resumed";
                    case RETRY -> "retried";
                    case JOIN -> "joined";
                    case STRATUM -> "stratum_" + decision.outcome();
                    case PROMOTE -> "promoted";
                    case EXCLUDE -> "excluded";
                    case DEADLINE -> "deadline_passed";
                    case ABORT -> "aborting";
                    case ROLL_BACK -> "rolling_back";
                    case END -> decision.outcome();
                };
    }

    private void order(StoredRollout stored, Decided decided, Map<AssetId, Cleared> cleared, Instant now) {
        List<Withdrawal> cancelled = new ArrayList<>();
        List<Change> changes = new ArrayList<>();
        List<Order.GoBack> back = new ArrayList<>();
        String origin = "rollout/" + stored.name();
        for (Order order : decided.orders()) {
            switch (order) {
                case Order.Cancel(Target target, String _) ->
                    cancelled.add(new Withdrawal(target.asset(), target.previous()));
                case Order.Apply apply -> {
                    AssetId asset = apply.target().asset();
                    changes.add(new Change(
                            asset,
                            stored.component(),
                            decided.rollout().conduct().version(),
                            apply.attempt(),
                            Objects.requireNonNull(cleared.get(asset), "clearance")
                                    .source(),
                            origin));
                }
                case Order.GoBack goBack -> back.add(goBack);
            }
        }
        changes.addAll(goingBack(stored, back, origin, now));
        Actuator actuator = carriers.of(stored).actuator();
        if (!cancelled.isEmpty()) {
            actuator.cancel(stored.component(), cancelled, origin);
        }
        if (!changes.isEmpty()) {
            actuator.apply(changes);
        }
    }

    private List<Change> goingBack(StoredRollout stored, List<Order.GoBack> orders, String origin, Instant now) {
        if (orders.isEmpty()) {
            return List.of();
        }
        Map<AssetId, String> versions = new HashMap<>();
        orders.forEach(order -> versions.put(order.target().asset(), order.version()));
        Map<Asset, String> known = new HashMap<>();
        assets.findAll(versions.keySet())
                .forEach(asset -> known.put(asset, Objects.requireNonNull(versions.get(asset.id()))));
        Map<AssetId, Change.Source> sources = new HashMap<>();
        carriers.of(stored)
                .sources(stored.component(), known, now)
                .forEach((asset, source) -> sources.put(asset.id(), source));
        return orders.stream()
                .map(order -> new Change(
                        order.target().asset(),
                        stored.component(),
                        order.version(),
                        order.attempt(),
                        sources.get(order.target().asset()),
                        origin + " rolled back"))
                .toList();
    }

    Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }
}
