package dev.muster.rollout.engine;

import dev.muster.actuator.EvidenceLevel;
import dev.muster.actuator.Observation;
import dev.muster.actuator.Observation.Progress;
import dev.muster.protocol.AssetId;
import dev.muster.rollout.engine.Conduct.OnFailure;
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
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One rollout through a bad world, from a seed: assets that fail in every way, messages that are lost, repeated, late and
 * contradictory, a server that is killed, a clock that jumps, a selection that changes, people who act at random. Invariants are
 * checked after every step.
 */
final class Simulation {
    private static final Instant T0 = Instant.parse("2026-11-23T10:00:00Z");
    private static final String WANTED = "2.0";
    private static final long END = Duration.ofHours(20).toMillis();
    private static final long LOOK_EVERY = 30_000;
    /** What assets do that a change is bad for. */
    private static final List<Temper> BAD = List.of(
            Temper.BRICKS,
            Temper.FAILS_TO_INSTALL,
            Temper.GOES_BACK_BY_ITSELF,
            Temper.UNHEALTHY,
            Temper.CANNOT_GO_BACK,
            Temper.DIES_LATER);

    private final long seed;
    private final Random random;
    private final boolean torn;
    private final RolloutEngine engine;
    private final Statistics statistics;

    private final List<SimulatedAsset> assets = new ArrayList<>();
    /** Selected since, and no targets. */
    private final List<SimulatedAsset> newcomers = new ArrayList<>();

    private final Map<AssetId, Desired> desired = new HashMap<>();
    private final Map<AssetId, Report> reported = new HashMap<>();
    private final Map<AssetId, Long> lastSeen = new HashMap<>();
    private final Map<AssetId, Long> busyUntil = new HashMap<>();
    private final Map<AssetId, Long> unsafeUntil = new HashMap<>();
    /** What the written gates ask for; null when it is not known. */
    private final Map<String, @Nullable Integer> signals = new TreeMap<>();

    private Measures measures = Measures.NONE;
    private final Map<AssetId, Reason> left = new HashMap<>();
    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private final Set<Integer> nudged = new LinkedHashSet<>();
    private final Invariants invariants;

    /** Of 4: how much of the fleet is troubled. */
    private final int trouble;

    /** How many kinds of assets there are by which failures are told apart; 0 when they are not. */
    private final int kinds;

    /** The kind that the change is bad for; none when negative. */
    private final int badKind;

    private Rollout rollout;
    private final List<Target> targets = new ArrayList<>();
    /** Of places, from when on orders may go there. */
    private final Map<String, Long> orderAt = new HashMap<>();

    private final Map<AssetId, Integer> ordOf = new HashMap<>();
    private long now;
    private long sequence;
    private long clockOffset;
    private long downUntil;
    private long windowClosedUntil;
    private boolean lossy;
    private boolean tickPlanned;
    private boolean hearing;
    private long lastLive;
    /** After this people only bring things to an end. */
    private final long closing;

    private record Event(long at, long sequence, Runnable run) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            return at == other.at ? Long.compare(sequence, other.sequence) : Long.compare(at, other.at);
        }
    }

    Simulation(long seed, Rules rules, Statistics statistics) {
        this(seed, rules, statistics, false);
    }

    /** @param torn whether a kill can come between two writes of one decision: the mistake of a store without transactions */
    Simulation(long seed, Rules rules, Statistics statistics, boolean torn) {
        this.seed = seed;
        this.torn = torn;
        this.random = new Random(seed);
        this.engine = new RolloutEngine(rules);
        this.statistics = statistics;
        this.lossy = random.nextBoolean();
        this.closing = 10 * 60_000L + random.nextInt(80 * 60_000);
        this.kinds = random.nextInt(4);
        this.badKind = random.nextInt(2) == 0 ? -1 : random.nextInt(4);
        // only where the others are well does a bad kind show
        this.trouble = kinds > 0 && badKind >= 0 && random.nextInt(4) != 0 ? 0 : random.nextInt(4);
        boolean apart = kinds > 0 && badKind >= 0;
        int count = apart ? 12 + random.nextInt(16) : 3 + random.nextInt(25);
        this.rollout = draft(count, apart);
        for (int i = 0; i < count; i++) {
            assets.add(asset("a-" + i));
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

    private SimulatedAsset asset(String id) {
        int kind = random.nextInt(4);
        Temper temper = kind == badKind
                ? BAD.get(random.nextInt(BAD.size()))
                : random.nextInt(4) < trouble ? Temper.values()[random.nextInt(Temper.values().length)] : Temper.HONEST;
        if (temper == Temper.CLAIMS_BEFORE_RESTART && !rollout.conduct().assetRestart()) {
            temper = Temper.HONEST; // whom one asks for no restart one has to believe
        }
        String first = random.nextInt(15) == 0 ? null : "1." + random.nextInt(4);
        return new SimulatedAsset(
                new AssetId(id),
                temper,
                first,
                random.nextInt(12) != 0,
                kinds == 0 ? "" : "kind-" + Math.min(kind, kinds),
                WANTED,
                new Random(random.nextLong()));
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
            lastSeen.put(asset.id, wall().toEpochMilli());
        } else if (random.nextBoolean()) {
            reported.put(asset.id, asset.report());
        }
        later(random.nextInt(10_000), () -> live(asset));
    }

    /** @param apart whether a kind fares worse than the others: it shows in waves that many begin at once and that bear much */
    private Rollout draft(int count, boolean apart) {
        List<WaveState> waves = new ArrayList<>();
        int first = 0;
        while (first < count) {
            boolean last = waves.size() == 4 || random.nextInt(3) == 0;
            int size = last ? count - first : 1 + random.nextInt(count - first);
            waves.add(WaveState.fresh("w" + waves.size(), first, size, !waves.isEmpty() && random.nextInt(8) == 0));
            first += size;
        }
        EvidenceLevel evidence = random.nextInt(3) != 0
                ? EvidenceLevel.HEALTHY
                : EvidenceLevel.values()[random.nextInt(EvidenceLevel.values().length)];
        Conduct conduct = new Conduct(
                WANTED,
                apart ? 4 + random.nextInt(12) : 1 + random.nextInt(6),
                random.nextInt(3) == 0 ? 1 + random.nextInt(20) : 0,
                Duration.ofSeconds(random.nextInt(180)),
                Duration.ofMinutes(3 + random.nextInt(9)),
                new Percent((apart ? 2 + random.nextInt(4) : random.nextInt(6)) * 1_000),
                1 + random.nextInt(4),
                random.nextBoolean() ? OnFailure.PAUSE : OnFailure.ROLLBACK,
                scope(),
                evidence,
                random.nextInt(3) != 0,
                random.nextInt(4) == 0,
                random.nextInt(3) != 0,
                Duration.ofMinutes(1 + random.nextInt(40)),
                checks(),
                new Retries(random.nextInt(3), Duration.ofSeconds(30 + random.nextInt(300)), Duration.ofMinutes(8)),
                random.nextInt(5) == 0 ? deadline() : null,
                random.nextInt(3) == 0
                        ? new PlaceLimit(1 + random.nextInt(3), random.nextInt(3) == 0 ? 1 + random.nextInt(6) : 0)
                        : null);
        return new Rollout("sim", "s" + seed, conduct, new Phase.Draft(), 0, T0, 0, 0, waves, List.of(), 0, false);
    }

    private Deadline deadline() {
        Duration after = Duration.ofMinutes(5 + random.nextInt(55));
        Deadline.Then then = Deadline.Then.values()[random.nextInt(2)];
        return random.nextBoolean() ? new Deadline(T0.plus(after), null, then) : new Deadline(null, after, then);
    }

    private Conduct.Scope scope() {
        return switch (random.nextInt(4)) {
            case 0 -> Conduct.Scope.ALL;
            case 1 -> Conduct.Scope.WAVE;
            default -> kinds == 0 ? Conduct.Scope.ALL : Conduct.Scope.STRATUM;
        };
    }

    /** Gates that ask for a signal of the world: 1 is well, 0 is not, and it may be missing. */
    private List<Check> checks() {
        List<Check> checks = new ArrayList<>();
        for (int i = random.nextInt(3); i > 0; i--) {
            String signal = "signal-" + i;
            signals.put(signal, 1);
            checks.add(new Check(
                    signal,
                    signal + " == 1",
                    random.nextBoolean(),
                    random.nextInt(4),
                    Duration.ofMinutes(random.nextInt(20)),
                    Check.Unknown.values()[random.nextInt(2)],
                    OnFailure.values()[random.nextInt(2)],
                    values -> switch (values.get(signal)) {
                        case null -> new Check.Answer.Unknown("no " + signal);
                        case Integer well when well == 1 -> new Check.Answer.Holds();
                        default -> new Check.Answer.Fails();
                    }));
        }
        return checks;
    }

    /** Runs to the end; throws when something is not as it must be. */
    void run() {
        act(new Action.Start("simulated"));
        later(random.nextInt(300_000), this::operator);
        later(random.nextInt(300_000), this::world);
        while (!over() && !events.isEmpty()) {
            Event event = events.remove();
            now = event.at();
            if (now > END) {
                throw invariants.broken("the rollout is not over after 20 hours: " + rollout.phase() + " "
                        + rollout.counts() + " "
                        + targets.stream()
                                .filter(target -> !target.stage().terminal())
                                .toList());
            }
            event.run().run();
        }
        invariants.ended(rollout, targets);
        statistics.schedules++;
        statistics.simulatedMillis += now;
        statistics.phases.merge(rollout.phase().wire(), 1, Integer::sum);
    }

    /** Ended, and people have nothing more in mind. */
    private boolean over() {
        if (rollout.phase().live()) {
            lastLive = now;
            return false;
        }
        return now >= closing || now > lastLive + 20 * 60_000;
    }

    private void later(long delay, Runnable run) {
        events.add(new Event(now + Math.max(0, delay), sequence++, run));
    }

    private Instant wall() {
        return T0.plusMillis(now + clockOffset);
    }

    // --- assets and the network

    private void live(SimulatedAsset asset) {
        if (asset.live(now, desired.get(asset.id))) {
            if (random.nextInt(4) != 0) {
                send(asset.report());
            }
            heartbeat(asset);
        }
        later(15_000 + random.nextInt(20_000), () -> live(asset));
    }

    private void heartbeat(SimulatedAsset asset) {
        if (!lossy || random.nextInt(5) != 0) {
            later(random.nextInt(500), () -> heard(asset.id));
        }
    }

    private void heard(AssetId asset) {
        lastSeen.put(asset, wall().toEpochMilli());
    }

    private void send(Report report) {
        if (!lossy) {
            later(random.nextInt(500), () -> receive(report));
            return;
        }
        switch (random.nextInt(20)) {
            case 0, 1, 2 -> statistics.fault("message lost");
            case 3, 4 -> {
                statistics.fault("message repeated");
                later(random.nextInt(500), () -> receive(report));
                later(random.nextInt(60_000), () -> receive(report));
            }
            case 5, 6 -> {
                statistics.fault("message late");
                later(30_000 + random.nextInt(600_000), () -> receive(report));
            }
            case 7 -> {
                statistics.fault("message contradicts");
                Progress other = Progress.values()[random.nextInt(Progress.values().length)];
                later(random.nextInt(500), () -> receive(report));
                later(
                        random.nextInt(5_000),
                        () -> receive(new Report(
                                report.asset(), report.attempt(), other, "?", report.version(), report.boot(), null)));
            }
            case 8 -> {
                statistics.fault("message says nothing of the order");
                later(
                        random.nextInt(500),
                        () -> receive(new Report(
                                report.asset(),
                                null,
                                Progress.NONE,
                                null,
                                report.version(),
                                report.boot(),
                                report.healthy())));
            }
            default -> later(random.nextInt(2_000), () -> receive(report));
        }
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
        if (now < closing) {
            switch (random.nextInt(11)) {
                case 0 -> {
                    statistics.fault("server killed");
                    downUntil = now + random.nextInt(10 * 60_000);
                }
                case 1 -> {
                    statistics.fault("clock jumped");
                    clockOffset += random.nextInt(-4, 5) * 3_600_000L + random.nextInt(60_000);
                }
                case 2 -> {
                    statistics.fault("window closed");
                    windowClosedUntil = now + random.nextInt(40 * 60_000);
                }
                case 3 -> {
                    statistics.fault("asset deleted");
                    left.putIfAbsent(any().id, Reason.GONE);
                }
                case 4 -> {
                    statistics.fault("selection changed");
                    left.putIfAbsent(any().id, Reason.NOT_SELECTED);
                }
                case 5 -> {
                    statistics.fault("another change");
                    busyUntil.put(any().id, now + random.nextInt(30 * 60_000));
                }
                case 6 -> {
                    statistics.fault("asset not safe to change");
                    unsafeUntil.put(any().id, now + random.nextInt(60 * 60_000));
                }
                case 7 -> {
                    statistics.fault("gate signal changed");
                    signals.replaceAll(
                            (name, before) -> random.nextInt(3) == 0 ? null : random.nextInt(4) == 0 ? 0 : 1);
                }
                case 8, 9 -> {
                    statistics.fault("asset selected later");
                    SimulatedAsset late = asset("late-" + sequence);
                    newcomers.add(late);
                    begin(late);
                }
                default -> lossy = !lossy;
            }
            later(random.nextInt(15 * 60_000), this::world);
            if (now + 15 * 60_000 >= closing) {
                later(closing - now, this::world);
            }
        } else {
            lossy = false;
            windowClosedUntil = 0;
            signals.replaceAll((name, before) -> 1);
        }
    }

    private SimulatedAsset any() {
        return assets.get(random.nextInt(assets.size()));
    }

    private void operator() {
        if (now >= closing) {
            switch (rollout.phase()) {
                case Phase.Paused _ ->
                    act(random.nextBoolean() ? new Action.Resume("closing", true) : new Action.Abort("closing"));
                case Phase.Draft _, Phase.Running _, Phase.Aborting _, Phase.RollingBack _, Phase.Ended _ -> {}
            }
            later(600_000, this::operator);
            return;
        }
        Action action = switch (random.nextInt(17)) {
            case 0, 1 -> new Action.Pause("simulated");
            case 2, 3, 4 -> new Action.Resume("simulated", false);
            case 5, 6 -> new Action.Resume("simulated", true);
            case 7, 8 -> new Action.Retry("simulated", List.of());
            case 9 -> new Action.Abort("simulated");
            case 10 -> new Action.RollBack("simulated", Set.of());
            case 11 -> new Action.RollBack("simulated", someStratum());
            case 12 -> new Action.Exclude("simulated", List.of(), someStratum());
            case 13 -> new Action.Exclude("simulated", someTargets(), Set.of());
            case 14 -> new Action.Retry("simulated", someTargets());
            case 15 -> new Action.Promote("simulated", random.nextInt(3) == 0);
            default -> new Action.Start("simulated");
        };
        if (random.nextInt(3) == 0 || !(action instanceof Action.Abort || action instanceof Action.RollBack)) {
            act(action);
        }
        later(random.nextInt(30 * 60_000), this::operator);
    }

    private Set<Integer> someStratum() {
        return rollout.strata().isEmpty()
                ? Set.of()
                : Set.of(random.nextInt(rollout.strata().size()));
    }

    private List<Target> someTargets() {
        int from = random.nextInt(targets.size());
        return List.copyOf(targets.subList(from, Math.min(targets.size(), from + 1 + random.nextInt(4))));
    }

    private void act(Action action) {
        String name = action.getClass().getSimpleName().toLowerCase(java.util.Locale.ROOT);
        switch (engine.act(rollout, action, wall())) {
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
            later(random.nextInt(1_500), () -> {
                hearing = false;
                tick();
            });
        }
    }

    /** Wakes with what was heard, with what is due, and every half minute. */
    private void tick() {
        if (now < downUntil) {
            plan(downUntil - now);
        } else if (rollout.phase().live()) {
            look();
        }
    }

    private void plan(long delay) {
        if (!tickPlanned) {
            tickPlanned = true;
            later(delay, () -> {
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
        long elapsed = rollout.moment(wall()).elapsed();
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
        // every now and then the selection is looked through, and always before the end
        List<Joining> joining = random.nextInt(4) == 0 ? joining() : List.of();
        measures = measured();
        Decided decided = engine.decide(rollout, items, joining, measures, wall());
        if (isCompleted(decided)) {
            decided = engine.decide(rollout, items, joining(), measures, wall());
        }
        if (random.nextInt(25) == 0) {
            // killed before the commit: nothing of it is stored, and what was read is read again
            statistics.fault("server killed before a commit");
            downUntil = now + random.nextInt(120_000);
            plan(downUntil - now);
            return;
        }
        nudged.clear();
        store(decided, true);
    }

    /** What is asked for, when it can be measured just now. */
    private Measures measured() {
        Map<Integer, List<Check>> wanted = engine.toMeasure(rollout);
        if (wanted.isEmpty() || random.nextInt(4) == 0) {
            return Measures.NONE;
        }
        Map<Integer, Map<String, Map<String, Object>>> byWave = new HashMap<>();
        wanted.forEach((wave, checks) -> {
            Map<String, Map<String, Object>> byCheck = new HashMap<>();
            for (Check check : checks) {
                Integer signal = signals.get(check.name());
                byCheck.put(check.name(), signal == null ? Map.of() : Map.of(check.name(), signal));
            }
            byWave.put(wave, byCheck);
        });
        return new Measures(byWave);
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
        for (Wanted wanted : engine.wanted(rollout.seenAt(wall()))) {
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
        boolean alive = seen != null && wall().toEpochMilli() - seen < 60_000 && wall().toEpochMilli() >= seen;
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
        AssetId asset = target.asset();
        Reason gone = left.get(asset);
        boolean back = rollout.phase() instanceof Phase.RollingBack
                || (rollout.isRecalled(target) && !Stage.UNTOUCHED.contains(target.stage()));
        if (gone == Reason.GONE) {
            return new Clearance.Out(Reason.GONE, "is deleted");
        }
        if (!back && gone != null) {
            return new Clearance.Out(gone, "is not selected any more");
        }
        if (!back && !assets.get(target.ord()).compatible) {
            return new Clearance.Out(Reason.INCOMPATIBLE, "no artifact is for it");
        }
        if (!back && now < windowClosedUntil) {
            return new Clearance.Wait(
                    Reason.WINDOW, T0.plusMillis(windowClosedUntil + clockOffset), "the window opens later");
        }
        if (!back && now < busyUntil.getOrDefault(asset, 0L)) {
            return new Clearance.Wait(
                    seed % 2 == 0 ? Reason.BUSY : Reason.YIELDING, null, "another rollout changes it");
        }
        if (!back && now < unsafeUntil.getOrDefault(asset, 0L)) {
            return new Clearance.Wait(Reason.UNSAFE, null, "is under load");
        }
        Report report = reported.get(asset);
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
        invariants.check(before, decided, targets, was, now, joining().size(), this::isAllowed);
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
                        .filter(now -> now.attempt().equals(cancel.attempt()))
                        .isPresent()) {
                    desired.remove(asset);
                }
            }
        }
    }

    /** Whether an order to change may go to an asset now, by the facts of the world. */
    private @Nullable String isAllowed(Target target) {
        if (!assets.get(target.ord()).compatible) {
            return "no artifact is for it";
        }
        if (left.containsKey(target.asset())) {
            return "it is not selected any more";
        }
        if (now < windowClosedUntil) {
            return "its window is closed";
        }
        if (now < unsafeUntil.getOrDefault(target.asset(), 0L)) {
            return "it is not safe to change";
        }
        return now < busyUntil.getOrDefault(target.asset(), 0L) ? "another change is under way" : null;
    }
}
