package dev.muster.rollout.engine;

import dev.muster.rollout.engine.Decided.Move;
import dev.muster.rollout.engine.Decision.Kind;
import dev.muster.rollout.engine.Gate.Verdict;
import dev.muster.rollout.engine.Phase.Ended;
import dev.muster.rollout.engine.Phase.Outcome;
import dev.muster.rollout.engine.Phase.Pause;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** What people ask of a rollout. */
final class PeopleActing {
    private static final Set<Stage> TO_RETRY =
            Set.of(Stage.FAILED, Stage.STRANDED, Stage.BRICKED, Stage.UNREACHABLE, Stage.INDETERMINATE);
    private static final Set<Stage> BACK_AGAIN = Set.of(Stage.ROLLBACK_FAILED);

    private final Turn turn;
    private final Rules rules;

    PeopleActing(Turn turn, Rules rules) {
        this.turn = turn;
        this.rules = rules;
    }

    /** @return why it is refused, null when it is done */
    @Nullable String act(Action action) {
        return switch (action) {
            case Action.Start start -> start(start);
            case Action.Pause pause -> pause(pause);
            case Action.Resume resume -> resume(resume);
            case Action.Promote promote -> promote(promote);
            case Action.Exclude exclude -> exclude(exclude);
            case Action.Abort abort -> abort(abort);
            case Action.RollBack back -> rollBack(back);
            case Action.Retry retry -> retry(retry);
        };
    }

    private @Nullable String start(Action.Start start) {
        if (!(turn.rollout().phase() instanceof Phase.Draft)) {
            return "is " + turn.rollout().phase().wire() + "; only a draft can be started";
        }
        turn.decide(Decision.of(turn.now(), Kind.START, 0, "started", start.reason()));
        turn.become(turn.rollout().in(new Phase.Running()));
        turn.opened();
        return null;
    }

    private @Nullable String pause(Action.Pause pause) {
        if (!(turn.rollout().phase() instanceof Phase.Running)) {
            return "is " + turn.rollout().phase().wire() + "; only a running one can be paused";
        }
        turn.pause(pause.cause(), turn.rollout().wave(), pause.reason());
        return null;
    }

    private @Nullable String resume(Action.Resume resume) {
        if (!(turn.rollout().phase() instanceof Phase.Paused(Pause why, String text))) {
            return "is " + turn.rollout().phase().wire() + "; only a paused one can be resumed";
        }
        if (why == Pause.GATE_FAILED || why == Pause.GATE_INCONCLUSIVE) {
            if (resume.accept()) {
                accept();
            } else if (!stillStands()) {
                askAgain();
            } else {
                return "is paused because of " + text + "; retry the failed targets, roll back, or accept it and"
                        + " resume";
            }
        }
        turn.decide(Decision.of(
                turn.now(),
                Kind.RESUME,
                turn.rollout().wave(),
                resume.accept() ? "accepted" : "resumed",
                resume.reason()));
        turn.become(turn.rollout().in(new Phase.Running()));
        if (why == Pause.WAVE && !turn.rollout().onLastWave()) {
            int next = turn.rollout().wave() + 1;
            turn.replace(next, turn.rollout().waves().get(next).released());
            // the gate of the wave before has passed, and is judged again: it may have changed meanwhile
        }
        return null;
    }

    /** Written gates are asked anew, and have their patience again. */
    private void askAgain() {
        int current = turn.rollout().wave();
        turn.replace(current, turn.rollout().waves().get(current).asked(WaveState.NOT_ASKED));
    }

    private boolean stillStands() {
        for (int i = 0; i <= turn.rollout().wave(); i++) {
            Verdict verdict = rules.judge(
                            turn.rollout().judged(i), turn.rollout().conduct())
                    .verdict();
            if (verdict == Verdict.FAIL
                    || (verdict == Verdict.INCONCLUSIVE && i == turn.rollout().wave())) {
                return true;
            }
        }
        return false;
    }

    private void accept() {
        for (int i = 0; i <= turn.rollout().wave(); i++) {
            WaveState wave = turn.rollout().judged(i);
            turn.replace(
                    i,
                    turn.rollout()
                            .waves()
                            .get(i)
                            .accepted(
                                    wave.counts().of(Stage.FAILURES),
                                    i < turn.rollout().wave() || wave.settled())
                            .acceptedChecks(true));
        }
        for (int i = 0; i < turn.rollout().strata().size(); i++) {
            Stratum stratum = turn.rollout().strata().get(i);
            turn.become(turn.rollout()
                    .with(i, stratum.accepted(turn.rollout().opened(i).of(Stage.FAILURES))));
        }
    }

    private @Nullable String promote(Action.Promote promote) {
        boolean may = turn.rollout().phase() instanceof Phase.Running
                || (turn.rollout().phase() instanceof Phase.Paused(Pause why, var _)
                        && (why == Pause.WAVE || why == Pause.GATE_INCONCLUSIVE));
        if (!may) {
            return "is " + turn.rollout().phase().wire() + ": "
                    + turn.rollout().phase().why()
                    + "; only one that is running, or waits between two waves, can be promoted";
        }
        if (turn.rollout().onLastWave()) {
            return "is on its last wave; there is none to promote it to";
        }
        for (int i = 0; i <= turn.rollout().wave(); i++) {
            Gate.Result result =
                    rules.judge(turn.rollout().judged(i), turn.rollout().conduct());
            if (result.verdict() == Verdict.FAIL) {
                return "has a gate that fails: wave "
                        + turn.rollout().waves().get(i).name() + ": " + result.text() + "; resume it with accept first";
            }
        }
        int last = promote.full()
                ? turn.rollout().waves().size() - 1
                : turn.rollout().wave() + 1;
        Gate.Result passed = rules.judge(
                turn.rollout().judged(turn.rollout().wave()), turn.rollout().conduct());
        turn.decide(new Decision(
                turn.now().wall(),
                Kind.PROMOTE,
                turn.rollout().wave(),
                promote.full() ? "full" : "next",
                promote.reason(),
                passed.inputs(),
                passed.threshold()));
        turn.become(turn.rollout().in(new Phase.Running()));
        for (int i = turn.rollout().wave() + 1; i <= last; i++) {
            turn.replace(i, turn.rollout().waves().get(i).released());
            turn.become(turn.rollout().with(turn.rollout().waves(), i));
            turn.opened();
        }
        return null;
    }

    private @Nullable String exclude(Action.Exclude exclude) {
        if (!(turn.rollout().phase() instanceof Phase.Running)
                && !(turn.rollout().phase() instanceof Phase.Paused)) {
            return "is " + turn.rollout().phase().wire()
                    + "; only a running or paused one can go on without some of its targets";
        }
        String refused = refuseHalt(exclude.strata());
        if (refused != null) {
            return refused;
        }
        exclude.strata().forEach(stratum -> halt(stratum, Stratum.State.STOPPED, exclude.reason()));
        Map<String, Integer> left = new TreeMap<>();
        int excluded = 0;
        for (Target target : exclude.targets()) {
            if (Stage.UNTOUCHED.contains(target.stage()) || target.stage() == Stage.ORDERED) {
                excluded++;
                takeOut(target, exclude.reason());
            } else {
                left.merge(target.stage().wire(), 1, Integer::sum);
            }
        }
        if (excluded == 0 && exclude.strata().isEmpty()) {
            return "has none of them to leave out: they are " + left
                    + "; what an asset has begun is watched to its end";
        }
        if (excluded > 0) {
            Map<String, Object> inputs = new LinkedHashMap<>();
            inputs.put("excluded", excluded);
            inputs.put("leftAsTheyAre", left);
            turn.decide(new Decision(
                    turn.now().wall(),
                    Kind.EXCLUDE,
                    turn.rollout().wave(),
                    "excluded",
                    exclude.reason(),
                    inputs,
                    Map.of()));
        }
        return null;
    }

    /** An order that nobody has answered is taken back; what the asset runs then cannot be told. */
    private void takeOut(Target target, String reason) {
        if (target.stage() == Stage.ORDERED) {
            turn.order(new Order.Cancel(target, turn.rollout().attempt(target)));
        }
        turn.put(
                target,
                target.at(
                        target.touched() ? Stage.INDETERMINATE : Stage.EXCLUDED, Reason.OPERATOR, reason, turn.now()));
    }

    private @Nullable String refuseHalt(Set<Integer> strata) {
        for (int stratum : strata) {
            if (turn.rollout().strata().get(stratum).isHalted()) {
                return "goes on without the stratum "
                        + turn.rollout().strata().get(stratum).text() + " already: "
                        + turn.rollout().strata().get(stratum).why();
            }
        }
        boolean rest = strata.isEmpty() || !strata.containsAll(turn.rollout().strata(Stratum.State.GOING));
        return rest ? null : "would have nothing left; abort it, or roll it back";
    }

    private void halt(int stratum, Stratum.State state, String reason) {
        turn.decide(new Decision(
                turn.now().wall(),
                Kind.STRATUM,
                turn.rollout().wave(),
                state.wire(),
                reason,
                Map.of("stratum", turn.rollout().strata().get(stratum).values()),
                Map.of()));
        turn.halt(stratum, state, reason);
    }

    private @Nullable String abort(Action.Abort abort) {
        return switch (turn.rollout().phase()) {
            case Phase.Running _, Phase.Paused _ -> {
                turn.decide(Decision.of(turn.now(), Kind.ABORT, turn.rollout().wave(), "aborting", abort.reason()));
                turn.become(turn.rollout().in(new Phase.Aborting("aborted: " + abort.reason())));
                yield null;
            }
            case Phase.Draft _, Phase.Aborting _, Phase.RollingBack _, Ended _ ->
                "is " + turn.rollout().phase().wire() + "; only a running or paused one can be aborted";
        };
    }

    private @Nullable String rollBack(Action.RollBack back) {
        if (!back.strata().isEmpty()) {
            return recall(back);
        }
        boolean ended = turn.rollout().phase() instanceof Ended end
                && (end.outcome() != Outcome.ROLLED_BACK || turn.rollout().keeps() > 0);
        return switch (turn.rollout().phase()) {
            case Phase.Running _, Phase.Paused _, Phase.Aborting _ -> rollingBack(back);
            case Ended _ when ended -> rollingBack(back);
            case Phase.Draft _, Phase.RollingBack _, Ended _ ->
                "is " + turn.rollout().phase().wire() + "; there is nothing to roll back";
        };
    }

    private @Nullable String rollingBack(Action.RollBack back) {
        turn.decide(Decision.of(turn.now(), Kind.ROLL_BACK, turn.rollout().wave(), "rolling_back", back.reason()));
        turn.become(
                turn.rollout().keeping(0).in(new Phase.RollingBack("rolled back by an operator: " + back.reason())));
        return null;
    }

    /** One that was stopped before may go back, too. */
    private @Nullable String recall(Action.RollBack back) {
        boolean completed = turn.rollout().phase() instanceof Ended end && end.outcome() == Outcome.COMPLETED;
        boolean may = completed
                || turn.rollout().phase() instanceof Phase.Running
                || turn.rollout().phase() instanceof Phase.Paused;
        if (!may) {
            return "is " + turn.rollout().phase().wire()
                    + "; a stratum goes back while the rollout is running or paused, or when it has completed";
        }
        Set<Integer> recalled = turn.rollout().strata(Stratum.State.RECALLED);
        if (back.strata().stream().anyMatch(recalled::contains)) {
            return "has sent that stratum back already";
        }
        Set<Integer> rest = new TreeSet<>(turn.rollout().strata(Stratum.State.GOING));
        rest.removeAll(back.strata());
        if (rest.isEmpty()) {
            return "would have nothing left; roll back all of it";
        }
        back.strata().forEach(stratum -> halt(stratum, Stratum.State.RECALLED, back.reason()));
        if (completed) {
            turn.become(turn.rollout().in(new Phase.Running()));
        }
        return null;
    }

    private @Nullable String retry(Action.Retry retry) {
        return switch (turn.rollout().phase()) {
            case Phase.Running _, Phase.Paused _ -> again(retry, turn.rollout().phase());
            case Ended end when end.outcome() == Outcome.COMPLETED -> again(retry, new Phase.Running());
            case Ended end when end.outcome() == Outcome.ROLLED_BACK -> again(retry, new Phase.RollingBack(end.text()));
            case Phase.Draft _, Phase.Aborting _, Phase.RollingBack _, Ended _ ->
                "is " + turn.rollout().phase().wire()
                        + "; targets are tried again while it is running or paused, or when it"
                        + " has completed or was rolled back";
        };
    }

    /** Onward for those that go on, back for those that go back. */
    private @Nullable String again(Action.Retry retry, Phase next) {
        boolean back = next instanceof Phase.RollingBack;
        int targets;
        if (retry.targets().isEmpty()) {
            Set<Integer> recalled = turn.rollout().strata(Stratum.State.RECALLED);
            Set<Integer> going = turn.rollout().strata(Stratum.State.GOING);
            targets = back
                    ? move(BACK_AGAIN, Stage.INDETERMINATE, Set.of())
                    : move(TO_RETRY, Stage.PENDING, going)
                            + (recalled.isEmpty() ? 0 : move(BACK_AGAIN, Stage.INDETERMINATE, recalled));
        } else {
            targets = (int) retry.targets().stream()
                    .filter(target -> onceMore(target, back))
                    .count();
        }
        if (targets == 0) {
            return retry.targets().isEmpty()
                    ? "has no target to try again: none failed"
                    : "can try none of them again: "
                            + retry.targets().stream()
                                    .map(target -> target.asset() + " is "
                                            + target.stage().wire())
                                    .limit(5)
                                    .toList();
        }
        for (int i = 0; i < turn.rollout().waves().size(); i++) {
            WaveState wave = turn.rollout().waves().get(i);
            turn.replace(
                    i,
                    wave.accepted(0, wave.acceptedInconclusive())
                            .acceptedChecks(false)
                            .asked(WaveState.NOT_ASKED));
        }
        for (int i = 0; i < turn.rollout().strata().size(); i++) {
            turn.become(turn.rollout().with(i, turn.rollout().strata().get(i).accepted(0)));
        }
        turn.decide(new Decision(
                turn.now().wall(),
                Kind.RETRY,
                turn.rollout().wave(),
                "retried",
                retry.reason(),
                Map.of("targets", targets),
                Map.of()));
        turn.become(turn.rollout().in(next));
        return null;
    }

    /** All of a kind at once. @return how many */
    private int move(Set<Stage> from, Stage to, Set<Integer> strata) {
        boolean mixed = !strata.isEmpty();
        int targets = 0;
        for (int i = 0; i < turn.rollout().waves().size(); i++) {
            for (Stage stage : from) {
                for (int stratum : mixed ? strata : all()) {
                    WaveState wave = turn.rollout().waves().get(i);
                    Counts own = wave.strata().isEmpty()
                            ? wave.counts()
                            : wave.strata().get(stratum);
                    targets += own.of(stage);
                    turn.replace(i, wave.moved(stratum, stage, to, own.of(stage)));
                }
            }
        }
        turn.move(new Move(from, to, Reason.RETRY, strata));
        return targets;
    }

    private Set<Integer> all() {
        int strata = Math.max(1, turn.rollout().strata().size());
        return IntStream.range(0, strata).boxed().collect(Collectors.toSet());
    }

    private boolean onceMore(Target target, boolean back) {
        boolean goesBack = back || turn.rollout().isRecalled(target);
        if (!(goesBack ? BACK_AGAIN : TO_RETRY).contains(target.stage())
                || (!goesBack && turn.rollout().isHalted(target))) {
            return false;
        }
        turn.put(
                target,
                target.boot(null)
                        .unretried()
                        .at(goesBack ? Stage.INDETERMINATE : Stage.PENDING, Reason.RETRY, null, turn.now()));
        return true;
    }
}
