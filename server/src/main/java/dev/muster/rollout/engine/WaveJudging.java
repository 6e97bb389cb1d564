package dev.muster.rollout.engine;

import dev.muster.rollout.engine.Decision.Kind;
import dev.muster.rollout.engine.Gate.Verdict;
import dev.muster.rollout.engine.Phase.Ended;
import dev.muster.rollout.engine.Phase.Outcome;
import dev.muster.rollout.engine.Phase.Pause;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What follows from the outcomes of waves: the next one opens, the rollout pauses, goes back, or ends. */
final class WaveJudging {
    private final Turn turn;
    private final Rules rules;

    private final Measures measures;

    WaveJudging(Turn turn, Rules rules, Measures measures) {
        this.turn = turn;
        this.rules = rules;
        this.measures = measures;
    }

    /** Nobody is ordered after it. */
    void keepDeadline() {
        Deadline deadline = turn.rollout().conduct().deadline();
        boolean running = turn.rollout().phase() instanceof Phase.Running;
        if (deadline == null || !running || turn.rollout().overtime() || !rules.isOver(deadline, turn.now())) {
            return;
        }
        turn.become(turn.rollout().inOvertime());
        int skipped = turn.rollout().counts().of(Stage.UNTOUCHED);
        turn.decide(new Decision(
                turn.now().wall(),
                Kind.DEADLINE,
                turn.rollout().wave(),
                deadline.then().name().toLowerCase(Locale.ROOT),
                deadline.text(),
                Map.of("notBegun", skipped),
                Map.of()));
        switch (deadline.then()) {
            case PAUSE ->
                turn.pause(
                        Pause.DEADLINE,
                        turn.rollout().wave(),
                        deadline.text() + "; " + skipped + " targets have not begun");
            case ABORT -> turn.become(turn.rollout().in(new Phase.Aborting(deadline.text())));
        }
    }

    /** A failure counts in every open wave and in every phase; a pass opens the next wave, one at a time. */
    void judgeWaves() {
        boolean running = turn.rollout().phase() instanceof Phase.Running;
        if (!running && !(turn.rollout().phase() instanceof Phase.Paused)) {
            return;
        }
        haltStrata();
        Gate.Result current = null;
        boolean settled = true;
        for (int i = 0; i <= turn.rollout().wave(); i++) {
            Gate.Result result =
                    rules.judge(turn.rollout().judged(i), turn.rollout().conduct());
            if (result.verdict() == Verdict.FAIL) {
                whyNotOnlyStrata();
                gateFailed(i, result, turn.rollout().conduct().onFailure());
                return;
            }
            if (running && failsMeanwhile(i)) {
                return;
            }
            settled &= turn.rollout().judged(i).settled();
            current = result;
        }
        if (running && settled && current != null) {
            waveSettled(current);
        } else if (!settled && turn.rollout().current().asked() != WaveState.NOT_ASKED) {
            turn.replace(turn.rollout().wave(), turn.rollout().current().asked(WaveState.NOT_ASKED));
        }
    }

    /** Those that are worse than the others go no further; the rest does. */
    private void haltStrata() {
        if (turn.rollout().conduct().scope() != Conduct.Scope.STRATUM) {
            return;
        }
        for (int i = 0; i < turn.rollout().strata().size(); i++) {
            if (turn.rollout().strata().get(i).isHalted()) {
                continue;
            }
            Gate.Result result = rules.judge(turn.rollout(), i);
            if (result.verdict() == Verdict.FAIL) {
                boolean back = turn.rollout().conduct().onFailure() == Conduct.OnFailure.ROLLBACK;
                Stratum.State state = back ? Stratum.State.RECALLED : Stratum.State.STOPPED;
                turn.decide(stratum(state.wire(), result));
                turn.halt(i, state, result.text());
            }
        }
    }

    /** What a wave fails by is not always one stratum, and not always known to be. */
    private void whyNotOnlyStrata() {
        boolean known = turn.rollout().phase() instanceof Phase.Paused paused && paused.cause() == Pause.GATE_FAILED;
        if (known || turn.rollout().conduct().scope() != Conduct.Scope.STRATUM) {
            return;
        }
        for (int i = 0; i < turn.rollout().strata().size(); i++) {
            Gate.Result result = rules.judge(turn.rollout(), i);
            if (!turn.rollout().strata().get(i).isHalted() && result.verdict() == Verdict.INCONCLUSIVE) {
                turn.decide(stratum("inconclusive", result));
            }
        }
    }

    private Decision stratum(String outcome, Gate.Result result) {
        return new Decision(
                turn.now().wall(),
                Kind.STRATUM,
                turn.rollout().wave(),
                outcome,
                result.text(),
                result.inputs(),
                result.threshold());
    }

    /** The gates that may fail at any time; they pass only when all is known. */
    private boolean failsMeanwhile(int index) {
        WaveState wave = turn.rollout().judged(index);
        for (Check check : turn.rollout().conduct().checks()) {
            Map<String, Object> measured = measures.of(index, check);
            if (check.continuously() && measured != null && !wave.acceptedChecks()) {
                Gate.Result result = rules.check(check, wave, measured);
                if (result.verdict() == Verdict.FAIL) {
                    gateFailed(index, result, check.failed());
                    return true;
                }
            }
        }
        return false;
    }

    private void gateFailed(int wave, Gate.Result result, Conduct.OnFailure then) {
        boolean known = turn.rollout().phase() instanceof Phase.Paused paused && paused.cause() == Pause.GATE_FAILED;
        if (known && then == Conduct.OnFailure.PAUSE) {
            return;
        }
        turn.decide(gate(wave, result));
        String text = "wave " + name(wave) + ": " + result.text();
        switch (then) {
            case PAUSE -> turn.pause(Pause.GATE_FAILED, wave, text);
            case ROLLBACK -> {
                turn.decide(Decision.of(turn.now(), Kind.ROLL_BACK, wave, "rolling_back", text));
                turn.become(turn.rollout()
                        .keeping(rules.keeps(turn.rollout(), wave))
                        .in(new Phase.RollingBack(text)));
            }
        }
    }

    private void waveSettled(Gate.Result result) {
        int wave = turn.rollout().wave();
        switch (result.verdict()) {
            case INCONCLUSIVE -> {
                turn.decide(gate(wave, result));
                turn.pause(Pause.GATE_INCONCLUSIVE, wave, "wave " + name(wave) + ": " + result.text());
            }
            case PASS -> {
                if (turn.rollout().onLastWave() && isSomebodyOnTheWay()) {
                    return; // nothing ends while somebody is on the way
                }
                if (!checksPass(wave)) {
                    return;
                }
                turn.decide(gate(wave, result));
                if (turn.rollout().onLastWave()) {
                    end(Outcome.COMPLETED, "every wave passed");
                } else {
                    openNext();
                }
            }
            case FAIL, OPEN ->
                throw new IllegalStateException(
                        "a settled wave of " + turn.rollout().name() + " is judged " + result);
        }
    }

    /** The written gates, asked with what was measured since every target has its outcome; until they are the wave waits. */
    private boolean checksPass(int index) {
        WaveState wave = turn.rollout().waves().get(index);
        List<Check> checks = turn.rollout().conduct().checks();
        if (checks.isEmpty() || wave.acceptedChecks()) {
            return true;
        }
        if (wave.asked() == WaveState.NOT_ASKED) {
            turn.replace(index, wave.asked(turn.now().elapsed()));
            turn.decide(Decision.of(
                    turn.now(),
                    Kind.GATE,
                    index,
                    "asked",
                    "every target has an outcome, gates are asked: "
                            + checks.stream().map(Check::name).toList()));
            return false;
        }
        if (wave.asked() >= turn.now().elapsed()) {
            return false;
        }
        WaveState judged = turn.rollout().judged(index);
        List<Gate.Result> passed = new ArrayList<>();
        for (Check check : checks) {
            Map<String, Object> measured = measures.of(index, check);
            if (measured == null) {
                return false;
            }
            Gate.Result result = rules.check(check, judged, measured);
            switch (result.verdict()) {
                case PASS -> passed.add(result);
                case FAIL -> {
                    gateFailed(index, result, check.failed());
                    return false;
                }
                case INCONCLUSIVE, OPEN -> {
                    knowsTooLittle(index, check, result);
                    return false;
                }
            }
        }
        passed.forEach(result -> turn.decide(gate(index, result)));
        return true;
    }

    private void knowsTooLittle(int index, Check check, Gate.Result result) {
        if (!rules.patienceIsOver(check, turn.rollout().waves().get(index), turn.now())) {
            return;
        }
        switch (check.unknown()) {
            case PAUSE -> {
                turn.decide(gate(index, result));
                turn.pause(Pause.GATE_INCONCLUSIVE, index, "wave " + name(index) + ": " + result.text());
            }
            case FAIL -> gateFailed(index, result, check.failed());
        }
    }

    private void openNext() {
        WaveState next = turn.rollout().waves().get(turn.rollout().wave() + 1);
        if (next.manual()) {
            turn.pause(Pause.WAVE, turn.rollout().wave(), "wave " + next.name() + " waits to be resumed by a person");
            return;
        }
        turn.become(turn.rollout().with(turn.rollout().waves(), turn.rollout().wave() + 1));
        turn.opened();
    }

    private Decision gate(int wave, Gate.Result result) {
        return new Decision(
                turn.now().wall(),
                Kind.GATE,
                wave,
                result.verdict().name().toLowerCase(Locale.ROOT),
                result.text(),
                result.inputs(),
                result.threshold());
    }

    private String name(int wave) {
        return turn.rollout().waves().get(wave).name();
    }

    void endIfDone() {
        Counts counts = turn.rollout().counts();
        if (turn.rollout().phase() instanceof Phase.Aborting(String text)
                && counts.of(Stage.UNTOUCHED) == 0
                && counts.of(Stage.IN_FLIGHT) == 0
                && !isSomebodyOnTheWay()) {
            end(Outcome.ABORTED, text);
        } else if (turn.rollout().phase() instanceof Phase.RollingBack(String text)
                && isAllBack()
                && !isSomebodyOnTheWay()) {
            end(Outcome.ROLLED_BACK, text);
        }
    }

    private boolean isAllBack() {
        return turn.rollout().waves().stream()
                .allMatch(wave -> wave.counts().of(Stage.UNTOUCHED) == 0
                        && wave.counts().of(Stage.IN_FLIGHT) == 0
                        && (wave.first() < turn.rollout().keeps()
                                || wave.counts().of(rules.toSendBack()) == 0));
    }

    /** Whether a target is on its way back, or has not had its turn to be; what is left of halted strata counts, too. */
    private boolean isSomebodyOnTheWay() {
        Counts counts = turn.rollout().counts();
        if (counts.of(Stage.RETURNS) > 0 || counts.of(Stage.GOING_BACK) > 0) {
            return true;
        }
        for (int i = 0; i < turn.rollout().strata().size(); i++) {
            Counts own = turn.rollout().counts(i);
            boolean left = switch (turn.rollout().strata().get(i).state()) {
                case GOING -> false;
                case STOPPED -> own.of(Stage.UNTOUCHED) + own.of(Stage.IN_FLIGHT) > 0;
                case RECALLED -> own.of(Stage.UNTOUCHED) + own.of(rules.toRecall()) > 0;
            };
            if (left) {
                return true;
            }
        }
        return false;
    }

    private void end(Outcome outcome, String text) {
        turn.decide(new Decision(
                turn.now().wall(),
                Kind.END,
                turn.rollout().wave(),
                outcome.wire(),
                text,
                Map.copyOf(turn.rollout().counts().named()),
                Map.of()));
        turn.become(turn.rollout().in(new Ended(outcome, text)));
    }
}
