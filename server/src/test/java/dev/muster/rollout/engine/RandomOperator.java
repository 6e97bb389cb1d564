package dev.muster.rollout.engine;

import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/** People who act at random, and in the end only bring things to an end. */
final class RandomOperator {
    private final Random random;

    RandomOperator(Random random) {
        this.random = random;
    }

    /** What somebody does; empty when nothing after all. */
    Optional<Action> next(Rollout rollout, List<Target> targets) {
        Action action = switch (random.nextInt(17)) {
            case 0, 1 -> new Action.Pause("simulated");
            case 2, 3, 4 -> new Action.Resume("simulated", false);
            case 5, 6 -> new Action.Resume("simulated", true);
            case 7, 8 -> new Action.Retry("simulated", List.of());
            case 9 -> new Action.Abort("simulated");
            case 10 -> new Action.RollBack("simulated", Set.of());
            case 11 -> new Action.RollBack("simulated", someStratum(rollout));
            case 12 -> new Action.Exclude("simulated", List.of(), someStratum(rollout));
            case 13 -> new Action.Exclude("simulated", someTargets(targets), Set.of());
            case 14 -> new Action.Retry("simulated", someTargets(targets));
            case 15 -> new Action.Promote("simulated", random.nextInt(3) == 0);
            default -> new Action.Start("simulated");
        };
        boolean meant =
                random.nextInt(3) == 0 || !(action instanceof Action.Abort || action instanceof Action.RollBack);
        return meant ? Optional.of(action) : Optional.empty();
    }

    /** What lets a rollout come to its end that waits for somebody. */
    Optional<Action> closing(Rollout rollout) {
        return switch (rollout.phase()) {
            case Phase.Paused _ ->
                Optional.of(random.nextBoolean() ? new Action.Resume("closing", true) : new Action.Abort("closing"));
            case Phase.Draft _, Phase.Running _, Phase.Aborting _, Phase.RollingBack _, Phase.Ended _ ->
                Optional.empty();
        };
    }

    private Set<Integer> someStratum(Rollout rollout) {
        return rollout.strata().isEmpty()
                ? Set.of()
                : Set.of(random.nextInt(rollout.strata().size()));
    }

    private List<Target> someTargets(List<Target> targets) {
        int from = random.nextInt(targets.size());
        return List.copyOf(targets.subList(from, Math.min(targets.size(), from + 1 + random.nextInt(4))));
    }
}
