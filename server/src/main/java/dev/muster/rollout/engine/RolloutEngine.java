package dev.muster.rollout.engine;

import dev.muster.actuator.EvidenceLevel;
import dev.muster.actuator.Observation;
import dev.muster.protocol.AssetId;
import dev.muster.rollout.engine.Decided.Move;
import dev.muster.rollout.engine.Decision.Kind;
import dev.muster.rollout.engine.Gate.Verdict;
import dev.muster.rollout.engine.Item.Candidate;
import dev.muster.rollout.engine.Item.Observed;
import dev.muster.rollout.engine.Phase.Ended;
import dev.muster.rollout.engine.Phase.Outcome;
import dev.muster.rollout.engine.Phase.Pause;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides about a rollout: which targets get an order, what became of those that have one, whether a wave passes, and what
 * follows.
 *
 * <p>Knows no clock, no store, no asset: the same rollout, items and time give the same decision. It looks at a bounded number of
 * targets at a time and otherwise at counts, so that a million targets cost no more per decision than ten.
 */
public final class RolloutEngine {
    /** Targets offered for orders at a time. */
    public static final int BATCH = 2_000;

    /** How long a target waits before it asks again, at the longest; windows may be changed meanwhile. */
    private static final Duration WAIT = Duration.ofMinutes(15);

    private static final Duration WAIT_FOR_OTHERS = Duration.ofSeconds(30);

    /** What an abort takes out: what has not begun. */
    private static final Set<Stage> TO_SWEEP_OUT = Set.of(Stage.PENDING, Stage.WAITING, Stage.ORDERED);

    private static final Set<Stage> TO_RETRY =
            Set.of(Stage.FAILED, Stage.STRANDED, Stage.UNREACHABLE, Stage.INDETERMINATE);

    private final Rules rules;

    public RolloutEngine() {
        this(new Rules());
    }

    RolloutEngine(Rules rules) {
        this.rules = rules;
    }

    /** What became of what a person asked for. */
    public sealed interface Answer {
        record Done(Decided decided) implements Answer {}

        /** @param text what was found, what is allowed */
        record Refused(String text) implements Answer {}
    }

    /** Which targets should be offered for orders next. */
    public Wanted wanted(Rollout rollout) {
        return switch (rollout.phase()) {
            case Phase.Running _ ->
                new Wanted(
                        Set.of(Stage.PENDING),
                        rules.openUntil(rollout),
                        Math.clamp(rules.freeSlots(rollout), 0, BATCH));
            case Phase.RollingBack _ -> new Wanted(rules.toSendBack(), Integer.MAX_VALUE, BATCH);
            case Phase.Aborting _ -> new Wanted(TO_SWEEP_OUT, Integer.MAX_VALUE, BATCH);
            case Phase.Draft _, Phase.Paused _, Phase.Ended _ -> Wanted.NONE;
        };
    }

    /** Whether there are targets to be offered at once. */
    public boolean hasMore(Rollout rollout) {
        Wanted wanted = wanted(rollout);
        if (wanted.most() == 0) {
            return false;
        }
        return rollout.waves().stream()
                .filter(wave -> wave.first() < wanted.below())
                .anyMatch(wave -> wave.counts().of(wanted.stages()) > 0);
    }

    /** Time has passed, and something may be known of some targets. */
    public Decided decide(Rollout rollout, List<Item> items, Instant now) {
        return decide(rollout, items, List.of(), now);
    }

    /** @param joining assets that are selected now and were no targets, in the order in which they are to come */
    public Decided decide(Rollout rollout, List<Item> items, List<AssetId> joining, Instant now) {
        Work work = new Work(rollout, now);
        work.join(joining);
        items.forEach(work::observe);
        work.judgeWaves();
        items.forEach(work::offer);
        work.judgeWaves();
        work.endIfDone();
        return work.decided();
    }

    /** A person asks. */
    public Answer act(Rollout rollout, Action action, Instant now) {
        Work work = new Work(rollout, now);
        String refused = switch (action) {
            case Action.Start start -> work.start(start);
            case Action.Pause pause -> work.pause(pause);
            case Action.Resume resume -> work.resume(resume);
            case Action.Abort abort -> work.abort(abort);
            case Action.RollBack back -> work.rollBack(back);
            case Action.Retry retry -> work.retry(retry);
        };
        return refused == null ? new Answer.Done(work.decided()) : new Answer.Refused(refused);
    }

    /** One decision under way. */
    private final class Work {
        private Rollout rollout;
        private final Moment now;
        private final TargetMachine machine;
        private final List<Target> joined = new ArrayList<>();
        private final Map<Integer, Target> changed = new LinkedHashMap<>();
        private final List<Order> orders = new ArrayList<>();
        private final List<Decision> decisions = new ArrayList<>();
        private final List<Move> moves = new ArrayList<>();

        Work(Rollout before, Instant wall) {
            this.now = before.moment(wall);
            this.rollout = before.at(now);
            this.machine = new TargetMachine(before.conduct(), rules, now);
        }

        Decided decided() {
            return new Decided(
                    rollout,
                    List.copyOf(joined),
                    List.copyOf(changed.values()),
                    List.copyOf(orders),
                    List.copyOf(decisions),
                    List.copyOf(moves));
        }

        // --- targets

        void observe(Item item) {
            if (item instanceof Observed(Target given, var observation)) {
                Target target = changed.getOrDefault(given.ord(), given);
                String attempt = rollout.attempt(target);
                Target next = machine.step(target, attempt, observation);
                if (target.stage().inFlight() && next.stage().terminal() && next.stage() != Stage.SUCCEEDED) {
                    next = notArrived(next, attempt, observation);
                }
                put(target, next);
            }
        }

        /** One that has failed returns to what it ran, and is watched until it does; of others the order is taken back. */
        private Target notArrived(Target target, String attempt, Observation seen) {
            String version = target.stage() == Stage.FAILED ? rules.returnTo(rollout, target) : null;
            if (version == null) {
                orders.add(new Order.Cancel(target, attempt));
                return target;
            }
            Target sent = target.ordered(target.attempt() + 1, target.previous())
                    .boot(bootToLeave(seen.version(), seen.boot(), version))
                    .at(Stage.RETURNING, target.reason(), target.detail(), now)
                    .due(now.elapsed() + rollout.conduct().timeout().toMillis());
            orders.add(new Order.GoBack(sent, rollout.attempt(sent), version));
            return sent;
        }

        void offer(Item item) {
            if (item instanceof Candidate(Target offered, Clearance clearance)) {
                Target target = changed.getOrDefault(offered.ord(), offered);
                switch (rollout.phase()) {
                    case Phase.Running _ -> admit(target, clearance);
                    case Phase.Aborting _ -> sweepOut(target);
                    case Phase.RollingBack _ -> sweepBack(target, clearance);
                    case Phase.Paused _ -> standBack(target);
                    case Phase.Draft _, Phase.Ended _ -> {}
                }
            }
        }

        /** What it waited for may have come; nobody is ordered now. */
        private void standBack(Target target) {
            if (target.stage() == Stage.WAITING) {
                put(target, target.at(Stage.PENDING, null, null, now));
            }
        }

        private void admit(Target target, Clearance clearance) {
            if (!Stage.UNTOUCHED.contains(target.stage()) || target.ord() >= rules.openUntil(rollout)) {
                return;
            }
            switch (clearance) {
                case Clearance.Out(Reason reason, String detail) -> leaveOut(target, reason, detail);
                case Clearance.Wait(Reason reason, var until, String detail) -> wait(target, reason, until, detail);
                case Clearance.Clear(var runs, var boot) -> order(target, runs, boot);
            }
        }

        private void order(Target target, @Nullable String runs, @Nullable String boot) {
            String previous = target.touched() ? target.previous() : runs;
            if (!target.touched() && rollout.conduct().version().equals(runs)) {
                leaveOut(target, Reason.ALREADY_THERE, "runs " + runs);
            } else if (previous == null && !rollout.conduct().allowNoRollbackTarget()) {
                leaveOut(target, Reason.NO_ROLLBACK_TARGET, "has not reported which version it runs");
            } else if (boot == null && needsBoot()) {
                leaveOut(
                        target,
                        Reason.EVIDENCE,
                        "does not say when it restarts (bootId), and the rollout asks for that");
            } else if (rules.freeSlots(rollout) > 0) {
                Target ordered = target.ordered(target.attempt() + 1, previous)
                        .boot(rollout.conduct().assetRestart() ? boot : null)
                        .at(Stage.ORDERED, null, null, now)
                        .due(now.elapsed() + rollout.conduct().timeout().toMillis());
                put(target, ordered);
                orders.add(new Order.Apply(ordered, rollout.attempt(ordered)));
            } else if (target.stage() == Stage.WAITING) {
                put(target, target.at(Stage.PENDING, null, null, now));
            }
        }

        private boolean needsBoot() {
            return rollout.conduct().assetRestart()
                    && rollout.conduct().evidence().covers(EvidenceLevel.CONFIRMED);
        }

        private void wait(Target target, Reason reason, @Nullable Instant until, String detail) {
            boolean still = target.stage() == Stage.WAITING && target.reason() == reason;
            Duration patience = rules.patience(reason, rollout.conduct());
            if (still && patience != null && now.elapsed() >= target.began() + patience.toMillis()) {
                leaveOut(target, reason, detail);
                return;
            }
            Duration most = reason == Reason.WINDOW ? WAIT : WAIT_FOR_OTHERS;
            Duration left = until == null ? most : Duration.between(now.wall(), until);
            long pause = Math.clamp(left.toMillis(), 1_000, most.toMillis());
            Target waiting = still ? target : target.at(Stage.WAITING, reason, detail, now);
            put(target, waiting.due(now.elapsed() + pause));
        }

        /** Never ordered: excluded. Ordered before, and this is another try: what it runs is not known. */
        private void leaveOut(Target target, Reason reason, String detail) {
            put(target, target.at(target.touched() ? Stage.INDETERMINATE : Stage.EXCLUDED, reason, detail, now));
        }

        private void sweepOut(Target target) {
            if (target.stage() == Stage.ORDERED) {
                orders.add(new Order.Cancel(target, rollout.attempt(target)));
                put(target, target.at(Stage.INDETERMINATE, Reason.WITHDRAWN, "was not heard of since its order", now));
            } else if (Stage.UNTOUCHED.contains(target.stage())) {
                leaveOut(target, Reason.NOT_STARTED, rollout.phase().why());
            }
        }

        private void sweepBack(Target target, Clearance clearance) {
            if (!target.touched()) {
                if (Stage.UNTOUCHED.contains(target.stage())) {
                    leaveOut(target, Reason.NOT_STARTED, rollout.phase().why());
                }
                return;
            }
            if (!rules.toSendBack().contains(target.stage())) {
                return;
            }
            String version = rules.returnTo(rollout, target);
            if (target.stage() == Stage.RETURNING) {
                Target onward = target.onward(Stage.ROLLING_BACK, target.detail(), now);
                put(target, onward); // has its order already
            } else if (clearance instanceof Clearance.Out(Reason reason, String detail)) {
                put(target, target.at(Stage.ROLLBACK_FAILED, reason, detail, now));
            } else if (version == null) {
                put(
                        target,
                        target.at(
                                Stage.ROLLBACK_FAILED,
                                Reason.NO_ROLLBACK_TARGET,
                                "what it ran before is not known",
                                now));
            } else {
                Target sent = target.ordered(target.attempt() + 1, target.previous())
                        .boot(
                                clearance instanceof Clearance.Clear(var runs, var boot)
                                        ? bootToLeave(runs, boot, version)
                                        : null)
                        .at(Stage.ROLLING_BACK, null, null, now)
                        .due(now.elapsed() + rollout.conduct().timeout().toMillis());
                put(target, sent);
                orders.add(new Order.GoBack(sent, rollout.attempt(sent), version));
            }
        }

        /** One that runs its previous version still, or again, need not restart to get there. */
        private @Nullable String bootToLeave(@Nullable String runs, @Nullable String boot, String version) {
            return rollout.conduct().assetRestart() && !version.equals(runs) ? boot : null;
        }

        // --- who joins

        void join(List<AssetId> joining) {
            boolean open = rollout.phase() instanceof Phase.Running || rollout.phase() instanceof Phase.Paused;
            if (joining.isEmpty() || !open || !rollout.conduct().joins()) {
                return;
            }
            int wave = rules.waveOfJoined(rollout);
            int ord = rollout.counts().total();
            for (AssetId asset : joining) {
                joined.add(Target.pending(ord++, asset, wave, now.wall()));
            }
            WaveState before = rollout.waves().get(wave);
            replace(wave, before.with(before.counts().plus(Counts.pending(joining.size()))));
            decisions.add(new Decision(
                    now.wall(),
                    Kind.JOIN,
                    wave,
                    "joined",
                    joining.size() + (joining.size() == 1 ? " asset has" : " assets have")
                            + " joined the selection since the start: last in the last wave",
                    Map.of("targets", joining.size()),
                    Map.of()));
        }

        // --- outcomes

        private void put(Target before, Target after) {
            if (before.equals(after)) {
                return;
            }
            changed.put(after.ord(), after);
            if (before.stage() != after.stage()) {
                WaveState wave = rollout.waves().get(after.wave());
                replace(after.wave(), wave.with(wave.counts().moved(before.stage(), after.stage(), 1)));
            }
        }

        private void replace(int index, WaveState wave) {
            List<WaveState> waves = new ArrayList<>(rollout.waves());
            waves.set(index, wave);
            rollout = rollout.with(waves, rollout.wave());
        }

        // --- waves

        /** A failure counts in every open wave and in every phase; a pass opens the next wave, one at a time. */
        void judgeWaves() {
            boolean running = rollout.phase() instanceof Phase.Running;
            if (!running && !(rollout.phase() instanceof Phase.Paused)) {
                return;
            }
            Gate.Result current = null;
            boolean settled = true;
            for (int i = 0; i <= rollout.wave(); i++) {
                Gate.Result result = rules.judge(rollout.waves().get(i), rollout.conduct());
                if (result.verdict() == Verdict.FAIL) {
                    gateFailed(i, result);
                    return;
                }
                settled &= rollout.waves().get(i).settled();
                current = result;
            }
            if (running && settled && current != null) {
                waveSettled(current);
            }
        }

        private void gateFailed(int wave, Gate.Result result) {
            boolean known = rollout.phase() instanceof Phase.Paused paused && paused.cause() == Pause.GATE_FAILED;
            if (known && rollout.conduct().onFailure() == Conduct.OnFailure.PAUSE) {
                return;
            }
            decisions.add(gate(wave, result));
            String text = "wave " + name(wave) + ": " + result.text();
            switch (rollout.conduct().onFailure()) {
                case PAUSE -> pauseFor(Pause.GATE_FAILED, wave, text);
                case ROLLBACK -> {
                    decisions.add(Decision.of(now, Kind.ROLL_BACK, wave, "rolling_back", text));
                    rollout = rollout.in(new Phase.RollingBack(text));
                }
            }
        }

        private void waveSettled(Gate.Result result) {
            int wave = rollout.wave();
            switch (result.verdict()) {
                case INCONCLUSIVE -> {
                    decisions.add(gate(wave, result));
                    pauseFor(Pause.GATE_INCONCLUSIVE, wave, "wave " + name(wave) + ": " + result.text());
                }
                case PASS -> {
                    if (rollout.onLastWave() && rollout.counts().of(Stage.RETURNING) > 0) {
                        return; // nothing ends while somebody is on the way
                    }
                    decisions.add(gate(wave, result));
                    if (rollout.onLastWave()) {
                        end(Outcome.COMPLETED, "every wave passed");
                    } else {
                        openNext();
                    }
                }
                case FAIL, OPEN ->
                    throw new IllegalStateException("a settled wave of " + rollout.name() + " is judged " + result);
            }
        }

        private void openNext() {
            WaveState next = rollout.waves().get(rollout.wave() + 1);
            if (next.manual()) {
                pauseFor(Pause.WAVE, rollout.wave(), "wave " + next.name() + " waits to be resumed by a person");
                return;
            }
            rollout = rollout.with(rollout.waves(), rollout.wave() + 1);
            opened();
        }

        private void opened() {
            decisions.add(Decision.of(
                    now,
                    Kind.OPEN_WAVE,
                    rollout.wave(),
                    "opened",
                    rollout.current().size() + " targets"));
        }

        private void pauseFor(Pause why, int wave, String text) {
            decisions.add(Decision.of(now, Kind.PAUSE, wave, why.wire(), text));
            rollout = rollout.in(new Phase.Paused(why, text));
        }

        private Decision gate(int wave, Gate.Result result) {
            return new Decision(
                    now.wall(),
                    Kind.GATE,
                    wave,
                    result.verdict().name().toLowerCase(Locale.ROOT),
                    result.text(),
                    result.inputs(),
                    result.threshold());
        }

        private String name(int wave) {
            return rollout.waves().get(wave).name();
        }

        void endIfDone() {
            Counts counts = rollout.counts();
            if (rollout.phase() instanceof Phase.Aborting(String text)
                    && counts.of(Stage.UNTOUCHED) == 0
                    && counts.of(Stage.IN_FLIGHT) == 0
                    && counts.of(Stage.RETURNING) == 0) {
                end(Outcome.ABORTED, text);
            } else if (rollout.phase() instanceof Phase.RollingBack(String text)
                    && counts.of(rules.toSendBack()) == 0
                    && counts.of(Stage.GOING_BACK) == 0) {
                end(Outcome.ROLLED_BACK, text);
            }
        }

        private void end(Outcome outcome, String text) {
            decisions.add(new Decision(
                    now.wall(),
                    Kind.END,
                    rollout.wave(),
                    outcome.wire(),
                    text,
                    Map.copyOf(rollout.counts().named()),
                    Map.of()));
            rollout = rollout.in(new Ended(outcome, text));
        }

        // --- people

        @Nullable String start(Action.Start start) {
            if (!(rollout.phase() instanceof Phase.Draft)) {
                return "is " + rollout.phase().wire() + "; only a draft can be started";
            }
            decisions.add(Decision.of(now, Kind.START, 0, "started", start.reason()));
            rollout = rollout.in(new Phase.Running());
            opened();
            return null;
        }

        @Nullable String pause(Action.Pause pause) {
            if (!(rollout.phase() instanceof Phase.Running)) {
                return "is " + rollout.phase().wire() + "; only a running one can be paused";
            }
            pauseFor(Pause.OPERATOR, rollout.wave(), pause.reason());
            return null;
        }

        @Nullable String resume(Action.Resume resume) {
            if (!(rollout.phase() instanceof Phase.Paused(Pause why, String text))) {
                return "is " + rollout.phase().wire() + "; only a paused one can be resumed";
            }
            if (why == Pause.GATE_FAILED || why == Pause.GATE_INCONCLUSIVE) {
                if (resume.accept()) {
                    accept();
                } else if (stillStands()) {
                    return "is paused because of " + text + "; retry the failed targets, roll back, or accept it and"
                            + " resume";
                }
            }
            decisions.add(Decision.of(
                    now, Kind.RESUME, rollout.wave(), resume.accept() ? "accepted" : "resumed", resume.reason()));
            rollout = rollout.in(new Phase.Running());
            if (why == Pause.WAVE && !rollout.onLastWave()) {
                int next = rollout.wave() + 1;
                replace(next, rollout.waves().get(next).released());
                // the gate of the wave before has passed, and is judged again: it may have changed meanwhile
            }
            return null;
        }

        private boolean stillStands() {
            for (int i = 0; i <= rollout.wave(); i++) {
                Verdict verdict =
                        rules.judge(rollout.waves().get(i), rollout.conduct()).verdict();
                if (verdict == Verdict.FAIL || (verdict == Verdict.INCONCLUSIVE && i == rollout.wave())) {
                    return true;
                }
            }
            return false;
        }

        private void accept() {
            for (int i = 0; i <= rollout.wave(); i++) {
                WaveState wave = rollout.waves().get(i);
                replace(i, wave.accepted(wave.counts().of(Stage.FAILURES), i < rollout.wave() || wave.settled()));
            }
        }

        @Nullable String abort(Action.Abort abort) {
            return switch (rollout.phase()) {
                case Phase.Running _, Phase.Paused _ -> {
                    decisions.add(Decision.of(now, Kind.ABORT, rollout.wave(), "aborting", abort.reason()));
                    rollout = rollout.in(new Phase.Aborting("aborted: " + abort.reason()));
                    yield null;
                }
                case Phase.Draft _, Phase.Aborting _, Phase.RollingBack _, Ended _ ->
                    "is " + rollout.phase().wire() + "; only a running or paused one can be aborted";
            };
        }

        @Nullable String rollBack(Action.RollBack back) {
            boolean ended = rollout.phase() instanceof Ended end && end.outcome() != Outcome.ROLLED_BACK;
            return switch (rollout.phase()) {
                case Phase.Running _, Phase.Paused _, Phase.Aborting _ -> rollingBack(back);
                case Ended _ when ended -> rollingBack(back);
                case Phase.Draft _, Phase.RollingBack _, Ended _ ->
                    "is " + rollout.phase().wire() + "; there is nothing to roll back";
            };
        }

        private @Nullable String rollingBack(Action.RollBack back) {
            decisions.add(Decision.of(now, Kind.ROLL_BACK, rollout.wave(), "rolling_back", back.reason()));
            rollout = rollout.in(new Phase.RollingBack("rolled back by an operator: " + back.reason()));
            return null;
        }

        @Nullable String retry(Action.Retry retry) {
            return switch (rollout.phase()) {
                case Phase.Running _, Phase.Paused _ -> retryForward(retry, rollout.phase());
                case Ended end when end.outcome() == Outcome.COMPLETED -> retryForward(retry, new Phase.Running());
                case Ended end
                when end.outcome() == Outcome.ROLLED_BACK ->
                    retryMove(
                            retry,
                            Set.of(Stage.ROLLBACK_FAILED),
                            Stage.INDETERMINATE,
                            new Phase.RollingBack(end.text()));
                case Phase.Draft _, Phase.Aborting _, Phase.RollingBack _, Ended _ ->
                    "is " + rollout.phase().wire()
                            + "; targets are tried again while it is running or paused, or when it"
                            + " has completed or was rolled back";
            };
        }

        private @Nullable String retryForward(Action.Retry retry, Phase next) {
            return retryMove(retry, TO_RETRY, Stage.PENDING, next);
        }

        private @Nullable String retryMove(Action.Retry retry, Set<Stage> from, Stage to, Phase next) {
            int targets = rollout.counts().of(from);
            if (targets == 0) {
                return "has no target to try again: none failed";
            }
            for (int i = 0; i < rollout.waves().size(); i++) {
                WaveState wave = rollout.waves().get(i);
                Counts counts = wave.counts();
                for (Stage stage : from) {
                    counts = counts.moved(stage, to, counts.of(stage));
                }
                replace(i, wave.with(counts).accepted(0, wave.acceptedInconclusive()));
            }
            moves.add(new Move(from, to, Reason.RETRY));
            decisions.add(new Decision(
                    now.wall(),
                    Kind.RETRY,
                    rollout.wave(),
                    "retried",
                    retry.reason(),
                    Map.of("targets", targets),
                    Map.of()));
            rollout = rollout.in(next);
            return null;
        }
    }
}
