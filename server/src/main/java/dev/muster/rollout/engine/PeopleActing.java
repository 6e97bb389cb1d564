package dev.muster.rollout.engine;

import dev.muster.rollout.engine.Decided.Move;
import dev.muster.rollout.engine.Decision.Kind;
import dev.muster.rollout.engine.Gate.Verdict;
import dev.muster.rollout.engine.Phase.Ended;
import dev.muster.rollout.engine.Phase.Outcome;
import dev.muster.rollout.engine.Phase.Pause;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What people ask of a rollout. */
final class PeopleActing {
    private static final Set<Stage> TO_RETRY =
            Set.of(Stage.FAILED, Stage.STRANDED, Stage.UNREACHABLE, Stage.INDETERMINATE);

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
        turn.pause(Pause.OPERATOR, turn.rollout().wave(), pause.reason());
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
                            turn.rollout().waves().get(i), turn.rollout().conduct())
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
            WaveState wave = turn.rollout().waves().get(i);
            turn.replace(
                    i,
                    wave.accepted(
                                    wave.counts().of(Stage.FAILURES),
                                    i < turn.rollout().wave() || wave.settled())
                            .acceptedChecks(true));
        }
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
        boolean ended = turn.rollout().phase() instanceof Ended end && end.outcome() != Outcome.ROLLED_BACK;
        return switch (turn.rollout().phase()) {
            case Phase.Running _, Phase.Paused _, Phase.Aborting _ -> rollingBack(back);
            case Ended _ when ended -> rollingBack(back);
            case Phase.Draft _, Phase.RollingBack _, Ended _ ->
                "is " + turn.rollout().phase().wire() + "; there is nothing to roll back";
        };
    }

    private @Nullable String rollingBack(Action.RollBack back) {
        turn.decide(Decision.of(turn.now(), Kind.ROLL_BACK, turn.rollout().wave(), "rolling_back", back.reason()));
        turn.become(turn.rollout().in(new Phase.RollingBack("rolled back by an operator: " + back.reason())));
        return null;
    }

    private @Nullable String retry(Action.Retry retry) {
        return switch (turn.rollout().phase()) {
            case Phase.Running _, Phase.Paused _ ->
                retryForward(retry, turn.rollout().phase());
            case Ended end when end.outcome() == Outcome.COMPLETED -> retryForward(retry, new Phase.Running());
            case Ended end
            when end.outcome() == Outcome.ROLLED_BACK ->
                retryMove(retry, Set.of(Stage.ROLLBACK_FAILED), Stage.INDETERMINATE, new Phase.RollingBack(end.text()));
            case Phase.Draft _, Phase.Aborting _, Phase.RollingBack _, Ended _ ->
                "is " + turn.rollout().phase().wire()
                        + "; targets are tried again while it is running or paused, or when it"
                        + " has completed or was rolled back";
        };
    }

    private @Nullable String retryForward(Action.Retry retry, Phase next) {
        return retryMove(retry, TO_RETRY, Stage.PENDING, next);
    }

    private @Nullable String retryMove(Action.Retry retry, Set<Stage> from, Stage to, Phase next) {
        int targets = turn.rollout().counts().of(from);
        if (targets == 0) {
            return "has no target to try again: none failed";
        }
        for (int i = 0; i < turn.rollout().waves().size(); i++) {
            WaveState wave = turn.rollout().waves().get(i);
            Counts counts = wave.counts();
            for (Stage stage : from) {
                counts = counts.moved(stage, to, counts.of(stage));
            }
            turn.replace(
                    i,
                    wave.with(counts)
                            .accepted(0, wave.acceptedInconclusive())
                            .acceptedChecks(false)
                            .asked(WaveState.NOT_ASKED));
        }
        turn.move(new Move(from, to, Reason.RETRY));
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
}
