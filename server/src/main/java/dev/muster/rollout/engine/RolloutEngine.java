package dev.muster.rollout.engine;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

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

    /** What an abort takes out: what has not begun. */
    private static final Set<Stage> TO_SWEEP_OUT = Set.of(Stage.PENDING, Stage.WAITING, Stage.ORDERED);

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

    /** Which targets should be offered for orders next; those come first that go back. */
    public List<Wanted> wanted(Rollout rollout) {
        List<Wanted> wanted = new ArrayList<>();
        Set<Integer> recalled = rollout.strata(Stratum.State.RECALLED);
        if (!recalled.isEmpty() && rollout.phase().live()) {
            wanted.add(new Wanted(rules.toRecall(), 0, Integer.MAX_VALUE, recalled, BATCH));
        }
        switch (rollout.phase()) {
            case Phase.Running _ ->
                wanted.add(new Wanted(
                        Set.of(Stage.PENDING),
                        rules.openUntil(rollout),
                        Math.clamp(Math.min(rules.freeSlots(rollout), rules.ratedSlots(rollout)), 0, BATCH)));
            case Phase.RollingBack _ -> {
                wanted.add(new Wanted(rules.toSendBack(), rollout.keeps(), Integer.MAX_VALUE, Set.of(), BATCH));
                if (rollout.keeps() > 0) {
                    wanted.add(new Wanted(TO_SWEEP_OUT, rollout.keeps(), BATCH));
                }
            }
            case Phase.Aborting _ -> wanted.add(new Wanted(TO_SWEEP_OUT, Integer.MAX_VALUE, BATCH));
            case Phase.Draft _, Phase.Paused _, Phase.Ended _ -> {}
        }
        return wanted;
    }

    /** Whether there are targets to be offered at once. */
    public boolean hasMore(Rollout rollout) {
        return wanted(rollout).stream().anyMatch(wanted -> wanted.most() > 0 && has(rollout, wanted));
    }

    private static boolean has(Rollout rollout, Wanted wanted) {
        return rollout.waves().stream()
                .filter(wave -> wave.first() < wanted.below() && wave.end() > wanted.from())
                .anyMatch(wave -> wanted.strata().isEmpty()
                        ? wave.counts().of(wanted.stages()) > 0
                        : wanted.strata().stream()
                                .anyMatch(stratum -> wave.strata().get(stratum).of(wanted.stages()) > 0));
    }

    /** When an order may go out that the rate holds back, in the rollout's own time; {@link Target#NEVER} when it holds none back. */
    public long orderAgainAt(Rollout rollout) {
        boolean held = rollout.phase() instanceof Phase.Running
                && rules.freeSlots(rollout) > 0
                && rules.ratedSlots(rollout) == 0
                && rollout.waves().stream()
                        .limit(rollout.wave() + 1L)
                        .anyMatch(wave -> wave.counts().of(Stage.PENDING) > 0);
        return held ? Math.ceilDiv(rollout.orderAt(), 1_000L) : Target.NEVER;
    }

    /** The written gates that want to be judged, by the wave that is to be measured for them. */
    public Map<Integer, List<Check>> toMeasure(Rollout rollout) {
        Map<Integer, List<Check>> wanted = new LinkedHashMap<>();
        if (!(rollout.phase() instanceof Phase.Running)) {
            return wanted;
        }
        for (int i = 0; i <= rollout.wave(); i++) {
            WaveState wave = rollout.waves().get(i);
            boolean asked = i == rollout.wave() && wave.asked() != WaveState.NOT_ASKED;
            List<Check> checks = wave.acceptedChecks()
                    ? List.of()
                    : rollout.conduct().checks().stream()
                            .filter(check -> asked || check.continuously())
                            .toList();
            if (!checks.isEmpty()) {
                wanted.put(i, checks);
            }
        }
        return wanted;
    }

    /** Whether a wave waits for written gates and nothing else. */
    public boolean isAsking(Rollout rollout) {
        return rollout.phase() instanceof Phase.Running
                && rollout.current().asked() != WaveState.NOT_ASKED
                && !rollout.current().acceptedChecks();
    }

    /** Time has passed, and something may be known of some targets. */
    public Decided decide(Rollout rollout, List<Item> items, Instant now) {
        return decide(rollout, items, List.of(), Measures.NONE, now);
    }

    /**
     * @param joining assets that are selected now and were no targets, in the order in which they are to come
     * @param measures of what {@link #toMeasure} has asked for, or nothing
     */
    public Decided decide(Rollout rollout, List<Item> items, List<Joining> joining, Measures measures, Instant now) {
        Turn turn = new Turn(rollout, now);
        TargetSteps steps = new TargetSteps(turn, rules);
        WaveJudging waves = new WaveJudging(turn, rules, measures);
        waves.keepDeadline();
        steps.join(joining);
        items.forEach(steps::observe);
        waves.judgeWaves();
        items.forEach(steps::offer);
        waves.judgeWaves();
        waves.endIfDone();
        return turn.decided();
    }

    /** A person asks. */
    public Answer act(Rollout rollout, Action action, Instant now) {
        Turn turn = new Turn(rollout, now);
        String refused = new PeopleActing(turn, rules).act(action);
        return refused == null ? new Answer.Done(turn.decided()) : new Answer.Refused(refused);
    }
}
