package dev.muster.rollout.engine;

import dev.muster.actuator.EvidenceLevel;
import dev.muster.actuator.Observation;
import dev.muster.actuator.Observation.Progress;
import dev.muster.protocol.AssetId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Several rollouts over the same few assets, from a seed: some of them change the same component, they have priorities, begin and pause at
 * random, go back when too much fails, and are looked at in any order. What must hold is checked before every order, by its own words.
 */
final class RivalsSimulation {
    private static final Instant T0 = Instant.parse("2026-11-23T10:00:00Z");
    private static final List<String> COMPONENTS = List.of("app", "os", "configuration/tills");
    private static final int STEP = 10_000;
    private static final int ENOUGH = (int) Duration.ofHours(40).toMillis() / STEP;
    /** After this nobody pauses, and nothing is unsafe for longer. */
    private static final int CLOSING = (int) Duration.ofHours(4).toMillis() / STEP;

    private final long seed;
    private final Random random;
    private final Contention contention;
    private final RolloutEngine engine = new RolloutEngine();
    private final List<AssetId> assets = new ArrayList<>();
    private final List<Running> rollouts = new ArrayList<>();
    private final Map<AssetId, Integer> unsafeUntil = new HashMap<>();
    /** By asset and component. */
    private final Map<String, Installed> installed = new HashMap<>();

    /** What was reached, over all seeds. */
    final Map<String, Integer> reached;

    private int step;

    /** What an asset runs of a component, and what it was told. */
    private static final class Installed {
        String version = "1.0";

        @Nullable String attempt;

        String wanted = "1.0";
        int ready;
        boolean works;
    }

    private static final class Running {
        final int id;
        final String component;
        final int priority;
        final int begins;
        final List<Target> targets = new ArrayList<>();
        final Map<AssetId, Integer> orderedAt = new HashMap<>();
        Rollout rollout;
        Instant started = T0;

        Running(int id, String component, int priority, int begins, Rollout rollout) {
            this.id = id;
            this.component = component;
            this.priority = priority;
            this.begins = begins;
            this.rollout = rollout;
        }

        Rival rival() {
            return new Rival(
                    id,
                    rollout.name(),
                    component,
                    priority,
                    started,
                    rollout.phase() instanceof Phase.Running,
                    rollout.wave());
        }

        boolean lives() {
            return rollout.phase().live();
        }
    }

    static final class Broken extends AssertionError {
        Broken(long seed, int step, String what) {
            super("seed " + seed + ", step " + step + ": " + what);
        }
    }

    RivalsSimulation(long seed, Contention contention, Map<String, Integer> reached) {
        this.seed = seed;
        this.random = new Random(seed);
        this.contention = contention;
        this.reached = reached;
        int fleet = 2 + random.nextInt(7);
        for (int i = 0; i < fleet; i++) {
            assets.add(new AssetId("a-" + i));
        }
        int count = 2 + random.nextInt(4);
        for (int id = 1; id <= count; id++) {
            rollouts.add(declared(id));
        }
    }

    private Running declared(int id) {
        List<AssetId> selected = new ArrayList<>(assets);
        Collections.shuffle(selected, random);
        selected = selected.subList(0, 1 + random.nextInt(selected.size()));
        List<WaveState> waves = new ArrayList<>();
        int first = 0;
        while (first < selected.size()) {
            int size = 1 + random.nextInt(selected.size() - first);
            waves.add(WaveState.fresh("w" + waves.size(), first, size, false));
            first += size;
        }
        Conduct conduct = new Conduct(
                (id + 1) + ".0",
                1 + random.nextInt(3),
                random.nextInt(3) == 0 ? 1 + random.nextInt(4) : 0,
                Duration.ofSeconds(random.nextInt(600)),
                Duration.ofMinutes(10),
                new Percent(5_000),
                1,
                random.nextBoolean() ? Conduct.OnFailure.PAUSE : Conduct.OnFailure.ROLLBACK,
                Conduct.Scope.ALL,
                random.nextBoolean() ? EvidenceLevel.HEALTHY : EvidenceLevel.CONFIRMED,
                false,
                false,
                false,
                Duration.ofDays(7),
                List.of(),
                new Retries(random.nextInt(2), Duration.ofMinutes(1), Duration.ofMinutes(8)),
                null,
                null);
        Running running = new Running(
                id,
                COMPONENTS.get(random.nextInt(COMPONENTS.size())),
                random.nextInt(3) - 1,
                random.nextInt(60),
                new Rollout("r" + id, "r." + id, conduct, new Phase.Draft(), 0, T0, 0, 0, waves, List.of(), 0, false));
        for (WaveState wave : waves) {
            for (int ord = wave.first(); ord < wave.end(); ord++) {
                running.targets.add(Target.pending(ord, selected.get(ord), waves.indexOf(wave), 0, T0));
            }
        }
        return running;
    }

    void run() {
        for (step = 0; step < ENOUGH; step++) {
            if (rollouts.stream().allMatch(each -> each.rollout.phase() instanceof Phase.Ended)) {
                return;
            }
            world();
            List<Running> order = new ArrayList<>(rollouts);
            Collections.shuffle(order, random);
            for (Running each : order) {
                if (step >= each.begins && each.rollout.phase() instanceof Phase.Draft) {
                    each.started = now();
                    act(each, new Action.Start("simulated"));
                }
                if (each.lives() && random.nextInt(4) != 0) {
                    look(each);
                }
            }
        }
        throw broken("somebody waits for ever: "
                + rollouts.stream()
                        .map(each -> each.rival() + " " + each.rollout.phase() + " " + each.targets)
                        .toList());
    }

    private Instant now() {
        return T0.plusMillis((long) step * STEP);
    }

    private void world() {
        if (step >= CLOSING) {
            rollouts.stream()
                    .filter(each -> each.rollout.phase() instanceof Phase.Paused)
                    .forEach(each -> act(each, new Action.Resume("closing", true)));
            return;
        }
        if (random.nextInt(40) == 0) {
            unsafeUntil.put(assets.get(random.nextInt(assets.size())), step + random.nextInt(60));
        }
        if (random.nextInt(30) == 0) {
            act(
                    rollouts.get(random.nextInt(rollouts.size())),
                    switch (random.nextInt(7)) {
                        case 0, 1 -> new Action.Pause("simulated");
                        case 2, 3 -> new Action.Resume("simulated", true);
                        case 4 -> new Action.RollBack("simulated", Set.of());
                        default -> new Action.Retry("simulated", List.of());
                    });
        }
    }

    private void act(Running one, Action action) {
        if (engine.act(one.rollout, action, now()) instanceof RolloutEngine.Answer.Done(Decided decided)) {
            store(one, decided);
        }
    }

    private void look(Running one) {
        long elapsed = one.rollout.elapsedAt(now());
        List<Item> items = new ArrayList<>();
        Map<Integer, Target> offered = new LinkedHashMap<>();
        for (Target target : one.targets) {
            if (Stage.ACTIVE.contains(target.stage())) {
                items.add(new Item.Observed(target, observe(one, target)));
            } else if (target.stage() == Stage.WAITING && target.due() <= elapsed) {
                offered.put(target.ord(), target);
            }
        }
        for (Wanted wanted : engine.wanted(one.rollout.seenAt(now()))) {
            one.targets.stream()
                    .filter(target -> wanted.stages().contains(target.stage())
                            && target.ord() >= wanted.from()
                            && target.ord() < wanted.below())
                    .limit(wanted.most())
                    .forEach(target -> offered.put(target.ord(), target));
        }
        offered.values().forEach(target -> items.add(new Item.Candidate(target, clearance(one, target), null)));
        store(one, engine.decide(one.rollout, items, now()));
    }

    private Observation observe(Running one, Target target) {
        Installed asset = installed(target.asset(), one.component);
        boolean done = step >= asset.ready;
        if (done && asset.works) {
            asset.version = asset.wanted;
        }
        Progress progress = !done ? Progress.DOWNLOADING : asset.works ? Progress.SUCCEEDED : Progress.FAILED;
        return new Observation(
                asset.attempt,
                asset.attempt == null ? Progress.NONE : progress,
                null,
                null,
                asset.version,
                null,
                true,
                now(),
                true);
    }

    private Installed installed(AssetId asset, String component) {
        return installed.computeIfAbsent(asset + " " + component, key -> new Installed());
    }

    /** As the server finds it out. */
    private Clearance clearance(Running one, Target target) {
        Clearance.Clear clear = new Clearance.Clear(installed(target.asset(), one.component).version, null);
        if (!(one.rollout.phase() instanceof Phase.Running)) {
            return isSuperseded(one, target.asset())
                    ? new Clearance.Out(Reason.SUPERSEDED, "a later rollout has changed it")
                    : clear;
        }
        List<Claim> claims = claims(one, target.asset());
        return contention
                .busy(one.rival(), claims)
                .<Clearance>map(wait -> wait)
                .or(() -> isUnsafe(target.asset())
                        ? Optional.of(new Clearance.Wait(Reason.UNSAFE, null, "drives"))
                        : Optional.empty())
                .or(() -> contention.yields(one.rival(), claims))
                .orElse(clear);
    }

    private boolean isUnsafe(AssetId asset) {
        return step < unsafeUntil.getOrDefault(asset, 0);
    }

    private List<Claim> claims(Running one, AssetId asset) {
        List<Claim> claims = new ArrayList<>();
        for (Running other : rollouts) {
            if (other != one && other.lives()) {
                other.targets.stream()
                        .filter(target -> target.asset().equals(asset))
                        .map(target -> new Claim(other.rival(), target.stage(), target.reason(), target.wave()))
                        .forEach(claims::add);
            }
        }
        return claims;
    }

    private boolean isSuperseded(Running one, AssetId asset) {
        return rollouts.stream()
                .anyMatch(other -> other != one
                        && other.component.equals(one.component)
                        && other.orderedAt.getOrDefault(asset, -1) > one.orderedAt.getOrDefault(asset, -1));
    }

    private void store(Running one, Decided decided) {
        for (Order order : decided.orders()) {
            if (order instanceof Order.Apply) {
                check(one, order.target());
            }
        }
        for (Decided.Move move : decided.moves()) {
            one.targets.replaceAll(target ->
                    move.concerns(target) ? target.at(move.to(), move.reason(), null, new Moment(now(), 0)) : target);
        }
        for (Target target : decided.changed()) {
            Target before = one.targets.set(target.ord(), target);
            if (before.stage() != target.stage() || before.reason() != target.reason()) {
                count(target.stage() + (target.reason() == null ? "" : " " + target.reason()));
            }
            if (target.reason() == Reason.YIELDING && before.reason() != Reason.YIELDING) {
                namesWhoGoesFirst(one, target);
            }
        }
        one.rollout = decided.rollout();
        for (Order order : decided.orders()) {
            Installed asset = installed(order.target().asset(), one.component);
            switch (order) {
                case Order.Apply apply -> {
                    one.orderedAt.put(apply.target().asset(), step);
                    tell(asset, apply.attempt(), one.rollout.conduct().version(), random.nextInt(5) != 0);
                }
                case Order.GoBack back -> tell(asset, back.attempt(), back.version(), true);
                case Order.Cancel cancel -> {
                    if (cancel.attempt().equals(asset.attempt)) {
                        asset.attempt = null;
                    }
                }
            }
        }
    }

    private void tell(Installed asset, String attempt, String version, boolean works) {
        asset.attempt = attempt;
        asset.wanted = version;
        asset.ready = step + 1 + random.nextInt(20);
        asset.works = works;
    }

    private void check(Running one, Target target) {
        count("ordered");
        for (Running other : rollouts) {
            for (Target theirs : other == one ? List.<Target>of() : other.targets) {
                if (!theirs.asset().equals(target.asset())) {
                    continue;
                }
                switch (theirs.stage()) {
                    case ORDERED,
                            NOTIFIED,
                            DOWNLOADING,
                            INSTALLED,
                            REBOOTING,
                            VERIFYING,
                            ROLLING_BACK,
                            CONFIRMING_BACK,
                            RETURNING,
                            RECOVERING ->
                        throw broken("r" + one.id + " changes " + target.asset() + " while r" + other.id + " does: "
                                + theirs.stage());
                    case PENDING, WAITING -> {
                        boolean free = theirs.stage() == Stage.PENDING
                                || theirs.reason() == Reason.BUSY
                                || theirs.reason() == Reason.YIELDING;
                        boolean open =
                                other.rollout.phase() instanceof Phase.Running && theirs.wave() <= other.rollout.wave();
                        if (free && open && isBefore(other, one)) {
                            throw broken("r" + one.id + " of priority " + one.priority + " takes " + target.asset()
                                    + " before r" + other.id + " of priority " + other.priority);
                        }
                    }
                    default -> {}
                }
            }
        }
    }

    private static boolean isBefore(Running other, Running one) {
        if (other.priority != one.priority) {
            return other.priority > one.priority;
        }
        int started = other.started.compareTo(one.started);
        return started < 0 || (started == 0 && other.id < one.id);
    }

    private void namesWhoGoesFirst(Running one, Target target) {
        boolean named = rollouts.stream()
                .anyMatch(other -> isBefore(other, one)
                        && String.valueOf(target.detail()).startsWith("rollout r" + other.id + " changes it first"));
        if (!named) {
            throw broken("a target waits and does not say for whom: " + target);
        }
    }

    private void count(String what) {
        reached.merge(what, 1, Integer::sum);
    }

    private Broken broken(String what) {
        return new Broken(seed, step, what);
    }

    static Map<String, Integer> run(long seeds, Contention contention) {
        Map<String, Integer> reached = new TreeMap<>();
        for (long seed = 1; seed <= seeds; seed++) {
            new RivalsSimulation(seed, contention, reached).run();
        }
        return reached;
    }
}
