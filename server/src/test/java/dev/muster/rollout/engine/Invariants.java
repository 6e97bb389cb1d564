package dev.muster.rollout.engine;

import dev.muster.actuator.EvidenceLevel;
import dev.muster.rollout.engine.Gate.Verdict;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What must hold after every step of a rollout, whatever the world does; worked out anew from the targets and the world. */
final class Invariants {
    private static final Set<String> SAID_BY_THE_ASSET = Set.of(
            "SUCCEEDED null",
            "FAILED REPORTED",
            "FAILED WENT_BACK",
            "FAILED WRONG_VERSION",
            "RETURNING REPORTED",
            "RETURNING WENT_BACK",
            "RETURNING WRONG_VERSION",
            "ROLLED_BACK null",
            "ROLLBACK_FAILED REPORTED");

    private final long seed;
    private final List<SimulatedAsset> assets;
    private final String wanted;
    private final Set<String> orders = new HashSet<>();
    /** Of the last minute, in the rollout's own time. */
    private final ArrayDeque<Long> applied = new ArrayDeque<>();

    private final Map<String, ArrayDeque<Long>> appliedTo = new HashMap<>();

    /** When the backoff of a target is over. */
    private final Map<Integer, Long> notBefore = new HashMap<>();

    private final Map<Integer, Long> appliedAt = new HashMap<>();
    private final Map<Integer, Long> sentBackAt = new HashMap<>();
    private final Map<Integer, Integer> sentBack = new HashMap<>();
    private final Set<String> returned = new HashSet<>();
    private final Map<Integer, Integer> backAgain = new HashMap<>();
    /** From which position on a rollback goes back, as its cause says. */
    private int keeps;

    Invariants(long seed, List<SimulatedAsset> assets, String wanted) {
        this.seed = seed;
        this.assets = assets;
        this.wanted = wanted;
    }

    /** A claim about rollouts that did not hold. */
    static final class Broken extends AssertionError {
        Broken(String message) {
            super(message);
        }
    }

    Broken broken(String what) {
        return new Broken("seed " + seed + ": " + what);
    }

    void check(
            Rollout before,
            Decided decided,
            List<Target> targets,
            Map<Integer, Target> was,
            long now,
            int leftBehind,
            Function<Target, @Nullable String> forbidden) {
        Rollout after = decided.rollout();
        decided.joined().forEach(target -> joined(before, target));
        countsAreTrue(after, targets);
        placesAreTrue(after, targets);
        if (leftBehind > 0
                && after.conduct().joins()
                && before.phase().live()
                && after.phase() instanceof Phase.Ended end
                && end.outcome() == Phase.Outcome.COMPLETED) {
            throw broken("the rollout completed and leaves " + leftBehind + " behind that were selected meanwhile");
        }
        inFlightIsBounded(after, targets);
        for (Decision decision : decided.decisions()) {
            if (decision.kind() == Decision.Kind.ROLL_BACK) {
                boolean byGate = decided.decisions().stream().anyMatch(other -> other.kind() == Decision.Kind.GATE);
                keeps = byGate && after.conduct().scope() == Conduct.Scope.WAVE
                        ? after.waves().get(decision.wave()).first()
                        : 0;
            }
            if (decision.kind() == Decision.Kind.GATE && decision.outcome().equals("pass")) {
                passesOnSamples(after, decision.wave(), targets);
            }
        }
        for (Order order : decided.orders()) {
            switch (order) {
                case Order.Apply apply -> applied(before, after, apply, now, forbidden);
                case Order.GoBack back -> sentBack(after, back, now);
                case Order.Cancel _ -> {}
            }
        }
        was.forEach((ord, old) -> moved(after, old, targets.get(ord)));
    }

    /** No wave is left on a gate that fails, knows too little or was not asked; none waits for one longer than it may. */
    void gatesAreKept(Rollout before, Rollout after, Measures measures) {
        if (!(before.phase() instanceof Phase.Running)) {
            return;
        }
        WaveState wave = before.current();
        boolean left = after.wave() > before.wave()
                || (after.phase() instanceof Phase.Ended end && end.outcome() == Phase.Outcome.COMPLETED);
        for (Check check :
                wave.acceptedChecks() ? List.<Check>of() : before.conduct().checks()) {
            Map<String, Object> measured = measures.of(before.wave(), check);
            Verdict verdict = measured == null
                    ? Verdict.OPEN
                    : check.judge(before.judged(before.wave()), measured).verdict();
            if (left && (verdict != Verdict.PASS || wave.asked() == WaveState.NOT_ASKED)) {
                throw broken("wave " + before.wave() + " passed and its gate " + check.name() + " says " + verdict);
            }
            if (verdict == Verdict.FAIL && check.continuously() && after.phase() instanceof Phase.Running) {
                throw broken("the rollout goes on and gate " + check.name() + " of wave " + before.wave() + " fails");
            }
            if (verdict != Verdict.PASS) {
                long waited = after.elapsed() - wave.asked();
                if (verdict == Verdict.INCONCLUSIVE
                        && wave.asked() != WaveState.NOT_ASKED
                        && after.current().asked() == wave.asked()
                        && !isSomebodyOnTheWay(after)
                        && waited
                                >= Math.max(
                                        1,
                                        check.patience()
                                                .toMillis()) // what is measured in the moment of asking may be older
                        && after.phase() instanceof Phase.Running) {
                    throw broken(
                            "wave " + before.wave() + " waits for gate " + check.name() + " for " + waited + " ms");
                }
                return;
            }
        }
    }

    /** Then the last wave does not end, and its gates are not asked. */
    private static boolean isSomebodyOnTheWay(Rollout rollout) {
        for (int i = 0; i < rollout.strata().size(); i++) {
            Counts own = rollout.counts(i);
            boolean left = own.of(Stage.UNTOUCHED) + own.of(Stage.IN_FLIGHT) > 0
                    || (rollout.strata().get(i).state() == Stratum.State.RECALLED && own.of(Stage.FORWARD_ENDED) > 0);
            if (rollout.strata().get(i).isHalted() && left) {
                return true;
            }
        }
        return rollout.counts().of(Stage.RETURNS) + rollout.counts().of(Stage.GOING_BACK) > 0;
    }

    /** Only a stratum that is worse than the others is halted, and each that is. */
    void strataAreJudged(Rollout before, Decided decided, List<Target> targets) {
        Rollout after = decided.rollout();
        boolean judged = after.phase() instanceof Phase.Running || after.phase() instanceof Phase.Paused;
        for (int i = 0; i < before.strata().size(); i++) {
            boolean was = before.strata().get(i).isHalted();
            boolean is = after.strata().get(i).isHalted();
            // the next wave may have opened after that
            if (is
                    && !was
                    && !isWorse(before, after, before.wave(), i, targets)
                    && !isWorse(before, after, after.wave(), i, targets)) {
                throw broken("stratum " + i + " is halted and is no worse than the others: "
                        + after.strata().get(i));
            }
            if (!is
                    && judged
                    && after.conduct().scope() == Conduct.Scope.STRATUM
                    && isWorse(after, after, after.wave(), i, targets)) {
                throw broken("stratum " + i + " goes on and is worse than the others: " + after.strata());
            }
        }
    }

    /** @param before says which others went on when it was judged: those that were halted later, too */
    private static boolean isWorse(Rollout before, Rollout after, int wave, int stratum, List<Target> targets) {
        int[] own = new int[3];
        int[] others = new int[3];
        for (Target target : targets) {
            boolean mine = target.stratum() == stratum;
            boolean counts = target.wave() <= wave
                    && (mine
                            || target.stratum() >= before.strata().size()
                            || !before.strata().get(target.stratum()).isHalted())
                    && (mine || target.stratum() > stratum || !after.isHalted(target));
            if (counts) {
                int[] sum = mine ? own : others;
                boolean failed = Stage.FAILURES.contains(target.stage());
                sum[0] += failed ? 1 : 0;
                sum[1] += failed
                                || target.stage() == Stage.SUCCEEDED
                                || (target.stage().inFlight() && target.stage() != Stage.ORDERED)
                        ? 1
                        : 0;
                sum[2] += target.stage() == Stage.EXCLUDED ? 0 : 1;
            }
        }
        return own[0] > after.strata().get(stratum).acceptedFailures()
                && own[1] >= Math.min(after.conduct().minSamples(), own[2])
                && after.conduct().threshold().exceededBy(own[0], own[1])
                && Significance.moreOften(own[0], own[1], others[0], others[1])
                        < StratumGate.RARE / after.strata().size();
    }

    private void countsAreTrue(Rollout rollout, List<Target> targets) {
        for (int wave = 0; wave < rollout.waves().size(); wave++) {
            int[] counted = new int[Stage.COUNT];
            int[][] byStratum = new int[rollout.strata().size()][Stage.COUNT];
            for (Target target : targets) {
                if (target.wave() == wave) {
                    counted[target.stage().code()]++;
                    if (byStratum.length > 0) {
                        byStratum[target.stratum()][target.stage().code()]++;
                    }
                }
            }
            List<Counts> strata = Arrays.stream(byStratum).map(Counts::of).toList();
            if (!strata.equals(rollout.waves().get(wave).strata())) {
                throw broken("a target is lost: wave " + wave + " counts by stratum "
                        + rollout.waves().get(wave).strata() + ", its targets are " + strata);
            }
            if (!Counts.of(counted).equals(rollout.waves().get(wave).counts())) {
                throw broken("a target is lost: wave " + wave + " counts "
                        + rollout.waves().get(wave).counts() + ", its targets are " + Counts.of(counted));
            }
        }
    }

    private void joined(Rollout before, Target target) {
        if (!before.conduct().joins()) {
            throw broken("target " + target + " has joined a rollout that leaves those alone that are selected later");
        }
        if (!(before.phase() instanceof Phase.Running) && !(before.phase() instanceof Phase.Paused)) {
            throw broken("target " + target + " has joined a rollout that is " + before.phase());
        }
    }

    private void placesAreTrue(Rollout rollout, List<Target> targets) {
        for (int ord = 0; ord < targets.size(); ord++) {
            Target target = targets.get(ord);
            WaveState wave = rollout.waves().get(target.wave());
            if (target.ord() != ord || ord < wave.first() || ord >= wave.end()) {
                throw broken("target " + target + " is not in its wave: that goes from " + wave.first() + " to "
                        + wave.end());
            }
        }
    }

    private void inFlightIsBounded(Rollout rollout, List<Target> targets) {
        long inFlight =
                targets.stream().filter(target -> target.stage().inFlight()).count();
        if (inFlight > rollout.conduct().maxInFlight()) {
            throw broken("in flight are " + inFlight + ", the limit is "
                    + rollout.conduct().maxInFlight());
        }
        PlaceLimit limit = rollout.conduct().perPlace();
        if (limit == null) {
            return;
        }
        Map<String, Integer> there = new HashMap<>();
        for (Target target : targets) {
            if (target.stage().inFlight()
                    && there.merge(Simulation.placeOf(target), 1, Integer::sum) > limit.maxInFlight()) {
                throw broken("at one place in flight are " + there + ", the limit is " + limit.maxInFlight());
            }
        }
    }

    private void passesOnSamples(Rollout rollout, int wave, List<Target> targets) {
        int succeeded = 0;
        int failed = 0;
        int asked = 0;
        for (Target target : targets) {
            if (target.wave() == wave && !rollout.isHalted(target)) {
                succeeded += target.stage() == Stage.SUCCEEDED ? 1 : 0;
                failed += Stage.FAILURES.contains(target.stage()) ? 1 : 0;
                asked += target.stage() == Stage.EXCLUDED ? 0 : 1;
            }
        }
        WaveState state = rollout.waves().get(wave);
        int needed = Math.max(1, Math.min(rollout.conduct().minSamples(), asked));
        if (succeeded + failed < needed && !state.acceptedInconclusive()) {
            throw broken("a gate passed on " + (succeeded + failed) + " samples, " + needed + " are needed");
        }
        if (failed > state.acceptedFailures() && rollout.conduct().threshold().exceededBy(failed, succeeded + failed)) {
            throw broken("a gate passed with " + failed + " failures and " + succeeded + " successes, the wave bears "
                    + rollout.conduct().threshold());
        }
    }

    private void applied(
            Rollout before, Rollout after, Order.Apply order, long now, Function<Target, @Nullable String> forbidden) {
        Target target = order.target();
        if (!orders.add(order.target().asset() + " " + order.attempt())) {
            throw broken("the attempt " + order.attempt() + " was given twice to target "
                    + order.target().ord());
        }
        if (target.wave() > after.wave()) {
            throw broken("target " + target.ord() + " of wave " + target.wave() + " was changed, open are waves up to "
                    + after.wave());
        }
        if (!(before.phase() instanceof Phase.Running)) {
            throw broken("target " + target.ord() + " was changed while the rollout was " + before.phase());
        }
        if (after.isHalted(target)) {
            throw broken("target " + target.ord() + " was changed although its stratum is halted: "
                    + after.strata().get(target.stratum()));
        }
        Deadline deadline = before.conduct().deadline();
        if (deadline != null && !before.overtime() && deadline.isOver(new Moment(after.wall(), after.elapsed()))) {
            throw broken("target " + target.ord() + " was changed after the deadline " + deadline);
        }
        Long backoff = notBefore.remove(target.ord());
        if (backoff != null && after.elapsed() < backoff) {
            throw broken("target " + target.ord() + " was tried again at " + after.elapsed()
                    + ", before its backoff was over at " + backoff);
        }
        String reason = forbidden.apply(target);
        if (reason != null) {
            throw broken("target " + target.ord() + " was changed although " + reason);
        }
        if (target.previous() == null && !after.conduct().allowNoRollbackTarget()) {
            throw broken("target " + target.ord() + " was changed and has nothing to go back to");
        }
        theRateIsKept(after);
        placesAreNotCrowded(after, target);
        appliedAt.put(target.ord(), now);
    }

    private void placesAreNotCrowded(Rollout rollout, Target target) {
        PlaceLimit limit = rollout.conduct().perPlace();
        if (limit == null) {
            return;
        }
        String place = Simulation.placeOf(target);
        if (!place.equals(target.place())) {
            throw broken("target " + target.ord() + " is at " + place + " and was ordered at " + target.place());
        }
        ArrayDeque<Long> there = appliedTo.computeIfAbsent(place, key -> new ArrayDeque<>());
        there.addLast(rollout.elapsed());
        while (there.getFirst() <= rollout.elapsed() - 60_000) {
            there.removeFirst();
        }
        if (limit.perMinute() > 0 && there.size() > limit.perMinute()) {
            throw broken(there.size() + " orders went to " + place + " within a minute, " + limit.perMinute() + " may");
        }
    }

    private void theRateIsKept(Rollout rollout) {
        int rate = rollout.conduct().perMinute();
        applied.addLast(rollout.elapsed());
        while (applied.getFirst() <= rollout.elapsed() - 60_000) {
            applied.removeFirst();
        }
        if (rate > 0 && applied.size() > rate + rate / 60 + 1) {
            throw broken(applied.size() + " orders went out within a minute, " + rate + " may");
        }
    }

    private void sentBack(Rollout rollout, Order.GoBack order, long now) {
        int ord = order.target().ord();
        if (!orders.add(order.target().asset() + " " + order.attempt())) {
            throw broken("the attempt " + order.attempt() + " was given twice to target "
                    + order.target().ord());
        }
        String own = assets.get(ord).first;
        if (!order.version().equals(own)) {
            throw broken("target " + ord + " is sent back to " + order.version() + ", its own previous is " + own);
        }
        if (!appliedAt.containsKey(ord)) {
            throw broken("target " + ord + " is sent back and was never changed");
        }
        if (Stage.RETURNS.contains(order.target().stage())) {
            if (!returned.add(ord + " " + (order.target().attempt() - 1))) {
                throw broken("target " + ord + " returns twice from one order");
            }
        } else if (sentBack.merge(ord, 1, Integer::sum) > 1 + backAgain.getOrDefault(ord, 0)) {
            throw broken("target " + ord + " is sent back twice");
        } else if (rollout.phase() instanceof Phase.RollingBack && ord < keeps && !rollout.isRecalled(order.target())) {
            throw broken("target " + ord + " is sent back, and those before " + keeps + " keep the change");
        } else if (!(rollout.phase() instanceof Phase.RollingBack) && !rollout.isRecalled(order.target())) {
            throw broken("target " + ord + " is sent back while the rollout is " + rollout.phase());
        }
        sentBackAt.put(ord, now);
    }

    private void moved(Rollout rollout, Target before, Target after) {
        onceMoreLater(rollout, before, after);
        lostOnesAreToldToRecover(before, after);
        if (before.stage() == Stage.ROLLBACK_FAILED && after.reason() == Reason.RETRY) {
            backAgain.merge(after.ord(), 1, Integer::sum);
        }
        if (before.touched() && before.previous() != null && !before.previous().equals(after.previous())) {
            throw broken("target " + after.ord() + " forgot what it ran before: " + before + ", now " + after);
        }
        if (before.stage().terminal()
                && before.stage() != after.stage()
                && after.reason() != Reason.RETRY
                && !rollout.isRecalled(after)
                && !(rollout.phase() instanceof Phase.RollingBack)
                && !(rollout.phase() instanceof Phase.Ended)) {
            throw broken("target " + after.ord() + " left its end: " + before + ", now " + after);
        }
        if (SAID_BY_THE_ASSET.contains(after.stage() + " " + after.reason())
                && before.stage() != after.stage()
                && !assets.get(after.ord()).told.contains(rollout.attempt(answered(before, after)))) {
            throw broken(
                    "target " + after.ord() + " is judged by what answers another order: " + before + ", now " + after);
        }
        if (after.stage() == Stage.FAILED
                && before.stage() != Stage.FAILED
                && !Stage.RETURNS.contains(before.stage())
                && after.previous() != null) {
            throw broken("target " + after.ord() + " has failed and was not sent back to what it ran: " + after);
        }
        if (!rollout.conduct().evidence().covers(EvidenceLevel.CONFIRMED) || before.stage() == after.stage()) {
            return;
        }
        SimulatedAsset asset = assets.get(after.ord());
        if (after.stage() == Stage.SUCCEEDED && !asset.ranAfter(wanted, appliedAt.getOrDefault(after.ord(), -1L))) {
            throw broken("target " + after.ord() + " succeeded and never ran " + wanted + ": " + asset.runs);
        }
        if (Stage.RETURNS.contains(before.stage())
                && after.stage() == Stage.FAILED
                && !asset.ranAfter(String.valueOf(after.previous()), sentBackAt.getOrDefault(after.ord(), -1L))) {
            throw broken("target " + after.ord() + " is called returned and does not run " + after.previous() + ": "
                    + asset.runs);
        }
        if (after.stage() == Stage.ROLLED_BACK
                && !asset.ranAfter(String.valueOf(after.previous()), sentBackAt.getOrDefault(after.ord(), -1L))) {
            throw broken("target " + after.ord() + " is called rolled back and does not run " + after.previous() + ": "
                    + asset.runs);
        }
    }

    private void onceMoreLater(Rollout rollout, Target before, Target after) {
        Retries retries = rollout.conduct().retries();
        if (after.retries() > retries.limit()) {
            throw broken("target " + after.ord() + " is tried again more often than " + retries.limit() + " times");
        }
        if (after.reason() == Reason.RETRY) {
            notBefore.remove(after.ord()); // a person does not wait
        }
        if (!before.stage().inFlight() || after.reason() != Reason.BACKOFF) {
            return;
        }
        if (before.stage() == Stage.REBOOTING || before.stage() == Stage.VERIFYING) {
            throw broken("target " + after.ord() + " came to run the new version, and is tried again: " + before);
        }
        notBefore.put(
                after.ord(), rollout.elapsed() + retries.waits(before.retries()).toMillis());
    }

    private void lostOnesAreToldToRecover(Target before, Target after) {
        if (before.stage() == after.stage()) {
            return;
        }
        boolean lost = after.reason() == Reason.NO_HEARTBEAT || after.reason() == Reason.SILENT;
        if (after.stage() == Stage.RETURNING && after.reason() == Reason.NO_HEARTBEAT) {
            throw broken("target " + after.ord() + " was not heard of since its restart, and is not told to recover");
        }
        if (after.stage() == Stage.RECOVERING && !lost) {
            throw broken("target " + after.ord() + " is told to recover and is not lost: " + after);
        }
        boolean told = before.stage() == Stage.RECOVERING
                || (before.stage() == Stage.RETURNING && before.reason() == Reason.TIMED_OUT);
        if (after.stage() == Stage.BRICKED && !told && after.previous() != null) {
            throw broken("target " + after.ord() + " is given up without being told to go back: " + before);
        }
    }

    /** The target with the order by whose answer it is judged: one that failed has got another one at once. */
    private static Target answered(Target before, Target after) {
        return Stage.RETURNS.contains(after.stage()) ? before : after;
    }

    void ended(Rollout rollout, List<Target> targets) {
        countsAreTrue(rollout, targets);
        for (Target target : targets) {
            boolean untouched = rollout.phase() instanceof Phase.Draft;
            if (!target.stage().terminal() && !untouched) {
                throw broken("the rollout is " + rollout.phase() + " and target " + target + " has no end");
            }
            if (rollout.phase() instanceof Phase.Ended end && end.outcome() == Phase.Outcome.ROLLED_BACK) {
                if (target.touched() && !isBack(target) && target.ord() >= keeps) {
                    throw broken("the rollout was rolled back and the touched target " + target + " was not");
                }
            }
            if (rollout.isRecalled(target) && target.touched() && !isBack(target)) {
                throw broken("its stratum was recalled and the touched target " + target + " was not");
            }
            if (rollout.phase() instanceof Phase.Ended end
                    && end.outcome() != Phase.Outcome.ROLLED_BACK
                    && !rollout.isRecalled(target)
                    && isBack(target)) {
                throw broken("the rollout is " + rollout.phase() + " and target " + target + " went back");
            }
            if (rollout.phase() instanceof Phase.Ended end
                    && end.outcome() == Phase.Outcome.COMPLETED
                    && Gate.judge(rollout.judged(target.wave()), rollout.conduct())
                                    .verdict()
                            == Verdict.OPEN) {
                throw broken("the rollout completed and wave " + target.wave() + " has no outcome");
            }
        }
    }

    private static boolean isBack(Target target) {
        return target.stage() == Stage.ROLLED_BACK || target.stage() == Stage.ROLLBACK_FAILED;
    }
}
