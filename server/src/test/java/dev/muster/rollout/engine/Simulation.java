package dev.muster.rollout.engine;

import dev.muster.actuator.Observation;
import dev.muster.actuator.Observation.Progress;
import dev.muster.protocol.AssetId;
import dev.muster.rollout.engine.SimulatedAsset.Desired;
import dev.muster.rollout.engine.SimulatedAsset.Report;
import dev.muster.rollout.engine.SimulatedAsset.Temper;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/**
 * One rollout through a bad world, from a seed: assets that fail in every way, messages that are lost, repeated, late and
 * contradictory, a server that is killed, a clock that jumps, a selection that changes, people who act at random. Invariants are
 * checked after every step.
 */
final class Simulation {
    static final Instant T0 = Instant.parse("2026-11-23T10:00:00Z");
    static final String WANTED = "2.0";
    private static final long END = Duration.ofHours(20).toMillis();
    private static final long LOOK_EVERY = 30_000;

    private final Random random;
    private final boolean torn;
    private final RolloutEngine engine;
    private final Statistics statistics;
    private final Timeline timeline = new Timeline(T0);
    private final BadNetwork network;
    private final Circumstances circumstances;
    private final RandomFleet fleet;
    private final RandomOperator people;

    private final List<SimulatedAsset> assets = new ArrayList<>();
    /** Selected since, and no targets. */
    private final List<SimulatedAsset> newcomers = new ArrayList<>();

    private final Map<AssetId, Desired> desired = new HashMap<>();
    private final Map<AssetId, Report> reported = new HashMap<>();
    private final Map<AssetId, Long> lastSeen = new HashMap<>();

    private Measures measures = Measures.NONE;
    private final Set<Integer> nudged = new LinkedHashSet<>();
    private final Invariants invariants;

    /** How many kinds of assets there are by which failures are told apart; 0 when they are not. */
    private final int kinds;

    private Rollout rollout;
    private final List<Target> targets = new ArrayList<>();
    /** Of places, from when on orders may go there. */
    private final Map<String, Long> orderAt = new HashMap<>();

    private final Map<AssetId, Integer> ordOf = new HashMap<>();
    private long downUntil;
    private boolean tickPlanned;
    private boolean hearing;
    private long lastLive;
    /** After this people only bring things to an end. */
    private final long closing;

    Simulation(long seed, Rules rules, Statistics statistics) {
        this(seed, rules, statistics, false);
    }

    /** @param torn whether a kill can come between two writes of one decision: the mistake of a store without transactions */
    Simulation(long seed, Rules rules, Statistics statistics, boolean torn) {
        this.torn = torn;
        this.random = new Random(seed);
        this.people = new RandomOperator(random);
        this.engine = new RolloutEngine(rules);
        this.statistics = statistics;
        this.network = new BadNetwork(timeline, random, statistics, this::receive, this::heard);
        this.closing = 10 * 60_000L + random.nextInt(80 * 60_000);
        this.kinds = random.nextInt(4);
        int badKind = random.nextInt(2) == 0 ? -1 : random.nextInt(4);
        // only where the others are well does a bad kind show
        int trouble = kinds > 0 && badKind >= 0 && random.nextInt(4) != 0 ? 0 : random.nextInt(4);
        boolean apart = kinds > 0 && badKind >= 0;
        int count = apart ? 12 + random.nextInt(16) : 3 + random.nextInt(25);
        this.rollout = new RandomDraft(seed, random, kinds).draw(count, apart);
        this.circumstances = new Circumstances(
                seed, timeline, random, statistics, rollout.conduct().checks());
        this.fleet = new RandomFleet(
                random, kinds, badKind, trouble, rollout.conduct().assetRestart());
        for (int i = 0; i < count; i++) {
            assets.add(fleet.asset("a-" + i));
        }
        mix();
        for (WaveState wave : rollout.waves()) {
            for (int ord = wave.first(); ord < wave.end(); ord++) {
                targets.add(Target.pending(
                        ord, assets.get(ord).id, rollout.waves().indexOf(wave), stratum(assets.get(ord)), T0));
            }
        }
        targets.forEach(target -> ordOf.put(target.asset(), target.ord()));
        this.invariants = new Invariants(seed, assets, WANTED);
        assets.forEach(this::begin);
    }

    /** What a plan does: says how many of each stratum a wave has. */
    private void mix() {
        List<String> known = assets.stream().map(asset -> asset.kind).distinct().toList();
        if (kinds == 0) {
            return;
        }
        List<WaveState> waves = new ArrayList<>();
        for (WaveState wave : rollout.waves()) {
            waves.add(wave.mixedOf(known.stream()
                    .mapToInt(kind -> (int) assets.subList(wave.first(), wave.end()).stream()
                            .filter(asset -> asset.kind.equals(kind))
                            .count())
                    .toArray()));
        }
        rollout = rollout.with(
                        known.stream().map(kind -> Stratum.going(List.of(kind))).toList())
                .with(waves, 0);
    }

    private int stratum(SimulatedAsset asset) {
        return Math.max(
                0, rollout.strata().stream().map(Stratum::values).toList().indexOf(List.of(asset.kind)));
    }

    private void begin(SimulatedAsset asset) {
        if (asset.temper != Temper.OFFLINE) {
            reported.put(asset.id, asset.report());
            lastSeen.put(asset.id, timeline.wall().toEpochMilli());
        } else if (random.nextBoolean()) {
            reported.put(asset.id, asset.report());
        }
        timeline.later(random.nextInt(10_000), () -> live(asset));
    }

    /** Runs to the end; throws when something is not as it must be. */
    void run() {
        act(new Action.Start("simulated"));
        timeline.later(random.nextInt(300_000), this::operator);
        timeline.later(random.nextInt(300_000), this::world);
        while (!over() && !timeline.isOver()) {
            Runnable next = timeline.next();
            if (timeline.now() > END) {
                throw invariants.broken("the rollout is not over after 20 hours: " + rollout.phase() + " "
                        + rollout.counts() + " "
                        + targets.stream()
                                .filter(target -> !target.stage().terminal())
                                .toList());
            }
            next.run();
        }
        invariants.ended(rollout, targets);
        statistics.schedules++;
        statistics.simulatedMillis += timeline.now();
        statistics.phases.merge(rollout.phase().wire(), 1, Integer::sum);
    }

    /** Ended, and people have nothing more in mind. */
    private boolean over() {
        if (rollout.phase().live()) {
            lastLive = timeline.now();
            return false;
        }
        return timeline.now() >= closing || timeline.now() > lastLive + 20 * 60_000;
    }

    // --- assets

    private void live(SimulatedAsset asset) {
        if (asset.live(timeline.now(), desired.get(asset.id))) {
            if (random.nextInt(4) != 0) {
                network.send(asset.report());
            }
            network.heartbeat(asset.id);
        }
        timeline.later(15_000 + random.nextInt(20_000), () -> live(asset));
    }

    private void heard(AssetId asset) {
        lastSeen.put(asset, timeline.wall().toEpochMilli());
    }

    /** What the twin does: keeps the newest, and says that there is something to look at. */
    private void receive(Report report) {
        reported.put(report.asset(), report);
        heard(report.asset());
        Integer ord = ordOf.get(report.asset());
        if (ord != null && Stage.ACTIVE.contains(targets.get(ord).stage())) {
            nudged.add(ord);
            hear();
        }
    }

    // --- the world and its people

    private void world() {
        if (timeline.now() >= closing) {
            network.mend();
            circumstances.mend();
            return;
        }
        int what = random.nextInt(11);
        switch (what) {
            case 0 -> {
                statistics.fault("server killed");
                downUntil = timeline.now() + random.nextInt(10 * 60_000);
            }
            case 1 -> {
                statistics.fault("clock jumped");
                timeline.jump(random.nextInt(-4, 5) * 3_600_000L + random.nextInt(60_000));
            }
            case 2, 3, 4, 5, 6, 7 -> circumstances.change(Circumstances.Change.values()[what - 2], this::any);
            case 8, 9 -> {
                statistics.fault("asset selected later");
                SimulatedAsset late = fleet.asset("late-" + timeline.planned());
                newcomers.add(late);
                begin(late);
            }
            default -> network.change();
        }
        timeline.later(random.nextInt(15 * 60_000), this::world);
        if (timeline.now() + 15 * 60_000 >= closing) {
            timeline.later(closing - timeline.now(), this::world);
        }
    }

    private SimulatedAsset any() {
        return assets.get(random.nextInt(assets.size()));
    }

    private void operator() {
        if (timeline.now() >= closing) {
            people.closing(rollout).ifPresent(this::act);
            timeline.later(600_000, this::operator);
            return;
        }
        people.next(rollout, targets).ifPresent(this::act);
        timeline.later(random.nextInt(30 * 60_000), this::operator);
    }

    private void act(Action action) {
        String name = action.getClass().getSimpleName().toLowerCase(java.util.Locale.ROOT);
        switch (engine.act(rollout, action, timeline.wall())) {
            case RolloutEngine.Answer.Done(Decided decided) -> {
                statistics.fault("operator: " + name);
                store(decided, false);
            }
            case RolloutEngine.Answer.Refused(String text) -> statistics.fault("operator refused: " + name);
        }
    }

    // --- the worker

    /** Soon after something was heard, once for all that is heard until then. */
    private void hear() {
        if (!hearing) {
            hearing = true;
            timeline.later(random.nextInt(1_500), () -> {
                hearing = false;
                tick();
            });
        }
    }

    /** Wakes with what was heard, with what is due, and every half minute. */
    private void tick() {
        if (timeline.now() < downUntil) {
            plan(downUntil - timeline.now());
        } else if (rollout.phase().live()) {
            look();
        }
    }

    private void plan(long delay) {
        if (!tickPlanned) {
            tickPlanned = true;
            timeline.later(delay, () -> {
                tickPlanned = false;
                tick();
            });
        }
    }

    private void planNext() {
        long due = LOOK_EVERY;
        for (Target target : targets) {
            if (target.due() != Target.NEVER) {
                due = Math.min(due, target.due() - rollout.elapsed());
            }
        }
        boolean more = !nudged.isEmpty() || !candidates(Set.of()).isEmpty();
        long rated = engine.orderAgainAt(rollout) - rollout.elapsed();
        plan(more ? 200 : Math.max(200, Math.min(due, rated)));
    }

    private void look() {
        long elapsed = rollout.moment(timeline.wall()).elapsed();
        List<Item> items = new ArrayList<>();
        Set<Integer> taken = new LinkedHashSet<>();
        for (Target target : targets) {
            boolean due = target.due() <= elapsed;
            if (Stage.ACTIVE.contains(target.stage()) && (due || nudged.contains(target.ord()))) {
                items.add(new Item.Observed(target, observe(target)));
            } else if (due && target.stage() == Stage.WAITING) {
                items.add(candidate(target));
                taken.add(target.ord());
            }
        }
        for (Target target : candidates(taken)) {
            items.add(candidate(target));
        }
        // every timeline.now() and then the selection is looked through, and always before the end
        List<Joining> joining = random.nextInt(4) == 0 ? joining() : List.of();
        measures = circumstances.measured(engine.toMeasure(rollout));
        Decided decided = engine.decide(rollout, items, joining, measures, timeline.wall());
        if (isCompleted(decided)) {
            decided = engine.decide(rollout, items, joining(), measures, timeline.wall());
        }
        if (random.nextInt(25) == 0) {
            // killed before the commit: nothing of it is stored, and what was read is read again
            statistics.fault("server killed before a commit");
            downUntil = timeline.now() + random.nextInt(120_000);
            plan(downUntil - timeline.now());
            return;
        }
        nudged.clear();
        store(decided, true);
    }

    private static boolean isCompleted(Decided decided) {
        return decided.rollout().phase() instanceof Phase.Ended(Phase.Outcome outcome, String _)
                && outcome == Phase.Outcome.COMPLETED;
    }

    /** What a look through the selection finds: that they have reported and that the release is for them. */
    private List<Joining> joining() {
        return newcomers.stream()
                .filter(asset -> asset.compatible)
                .filter(asset ->
                        reported.containsKey(asset.id) && reported.get(asset.id).version() != null)
                .map(asset -> new Joining(asset.id, kinds == 0 ? List.of() : List.of(asset.kind)))
                .toList();
    }

    private List<Target> candidates(Set<Integer> without) {
        Map<Integer, Target> found = new LinkedHashMap<>();
        for (Wanted wanted : engine.wanted(rollout.seenAt(timeline.wall()))) {
            targets.stream()
                    .filter(target -> wanted.stages().contains(target.stage())
                            && target.ord() >= wanted.from()
                            && target.ord() < wanted.below()
                            && (wanted.strata().isEmpty() || wanted.strata().contains(target.stratum()))
                            && !without.contains(target.ord()))
                    .limit(wanted.most())
                    .forEach(target -> found.put(target.ord(), target));
        }
        return List.copyOf(found.values());
    }

    private Observation observe(Target target) {
        Report report = reported.get(target.asset());
        Long seen = lastSeen.get(target.asset());
        boolean alive = seen != null
                && timeline.wall().toEpochMilli() - seen < 60_000
                && timeline.wall().toEpochMilli() >= seen;
        Instant at = seen == null ? null : Instant.ofEpochMilli(seen);
        return report == null
                ? new Observation(null, Progress.NONE, null, null, null, null, alive, at, null)
                : new Observation(
                        report.attempt(),
                        report.progress(),
                        null,
                        report.reason(),
                        report.version(),
                        report.boot(),
                        alive,
                        at,
                        report.healthy());
    }

    private Item.Candidate candidate(Target target) {
        String name = placeOf(target);
        int there = (int) targets.stream()
                .filter(other -> name.equals(other.place()) && other.stage().inFlight())
                .count();
        return new Item.Candidate(target, clearance(target), new Place(name, there, orderAt.getOrDefault(name, 0L)));
    }

    static String placeOf(Target target) {
        return "place-" + Math.floorMod(target.asset().value().hashCode(), 3);
    }

    private Clearance clearance(Target target) {
        boolean back = rollout.phase() instanceof Phase.RollingBack
                || (rollout.isRecalled(target) && !Stage.UNTOUCHED.contains(target.stage()));
        Clearance hindered = circumstances.hinders(assets.get(target.ord()), back);
        if (hindered != null) {
            return hindered;
        }
        Report report = reported.get(target.asset());
        return new Clearance.Clear(report == null ? null : report.version(), report == null ? null : report.boot());
    }

    /** @param looked whether the engine has looked at the targets, and not only heard what a person wants */
    private void store(Decided decided, boolean looked) {
        Rollout before = rollout;
        Map<Integer, Target> was = new LinkedHashMap<>();
        for (Target target : decided.joined()) {
            statistics.transition("selected -> pending");
            SimulatedAsset newcomer = newcomers.stream()
                    .filter(asset -> asset.id.equals(target.asset()))
                    .findFirst()
                    .orElseThrow(() -> invariants.broken("target " + target + " joins and is a target already"));
            newcomers.remove(newcomer);
            assets.add(newcomer);
            targets.add(target);
            ordOf.put(target.asset(), target.ord());
        }
        for (Decided.Move move : decided.moves()) {
            for (Target target : List.copyOf(targets)) {
                if (move.concerns(target)) {
                    was.put(target.ord(), target);
                    targets.set(target.ord(), moved(target, move));
                }
            }
        }
        for (Target target : torn && random.nextInt(20) == 0 ? List.<Target>of() : decided.changed()) {
            Target old = targets.set(target.ord(), target);
            was.put(target.ord(), old);
            if (old.stage() != target.stage()) {
                statistics.transition(old.stage(), target.stage());
                if (target.reason() != null) {
                    statistics.reason(target.stage(), target.reason());
                }
            }
        }
        rollout = decided.rollout();
        decided.places().forEach(place -> orderAt.put(place.name(), place.orderAt()));
        for (Decision decision : decided.decisions()) {
            statistics.decision(decision);
        }
        for (Order order : decided.orders()) {
            carryOut(order);
        }
        if (rollout.phase().live()) {
            planNext();
        }
        invariants.check(
                before,
                decided,
                targets,
                was,
                timeline.now(),
                joining().size(),
                target -> circumstances.forbids(assets.get(target.ord())));
        if (looked) {
            invariants.gatesAreKept(before, rollout, measures);
            invariants.strataAreJudged(before, decided, targets);
        }
        measures = Measures.NONE;
    }

    private static Target moved(Target target, Decided.Move move) {
        return new Target(
                target.ord(),
                target.asset(),
                target.wave(),
                target.stratum(),
                move.to(),
                move.reason(),
                null,
                target.attempt(),
                0,
                target.place(),
                target.previous(),
                null,
                target.since(),
                target.began(),
                Target.NEVER);
    }

    private void carryOut(Order order) {
        AssetId asset = order.target().asset();
        switch (order) {
            case Order.Apply apply -> desired.put(asset, new Desired(apply.attempt(), WANTED));
            case Order.GoBack back -> desired.put(asset, new Desired(back.attempt(), back.version()));
            case Order.Cancel cancel -> {
                if (Optional.ofNullable(desired.get(asset))
                        .filter(given -> given.attempt().equals(cancel.attempt()))
                        .isPresent()) {
                    desired.remove(asset);
                }
            }
        }
    }
}
