package dev.muster.rollout.engine;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** How many targets are in each stage; kept up step by step, never counted anew. */
public final class Counts {
    private final int[] byStage;

    private Counts(int[] byStage) {
        this.byStage = byStage;
    }

    public static Counts pending(int targets) {
        int[] counts = new int[Stage.COUNT];
        counts[Stage.PENDING.code()] = targets;
        return new Counts(counts);
    }

    /** @param byStage in the order of {@link Stage}; shorter when stages were added since */
    public static Counts of(int... byStage) {
        return new Counts(Arrays.copyOf(byStage, Stage.COUNT));
    }

    public int[] toArray() {
        return byStage.clone();
    }

    public int of(Stage stage) {
        return byStage[stage.code()];
    }

    public int of(Set<Stage> stages) {
        int sum = 0;
        for (Stage stage : stages) {
            sum += byStage[stage.code()];
        }
        return sum;
    }

    public int total() {
        return Arrays.stream(byStage).sum();
    }

    public Counts moved(Stage from, Stage to, int targets) {
        int[] counts = byStage.clone();
        counts[from.code()] -= targets;
        counts[to.code()] += targets;
        if (counts[from.code()] < 0) {
            throw new IllegalStateException(
                    targets + " targets cannot leave the stage " + from.wire() + ": it has " + byStage[from.code()]);
        }
        return new Counts(counts);
    }

    public Counts plus(Counts other) {
        int[] sums = byStage.clone();
        Arrays.setAll(sums, i -> byStage[i] + other.byStage[i]);
        return new Counts(sums);
    }

    public Counts minus(Counts other) {
        int[] rest = byStage.clone();
        Arrays.setAll(rest, i -> byStage[i] - other.byStage[i]);
        return new Counts(rest);
    }

    /** Those that are not zero, by name: what did not get back first, then what failed, then in the order of the stages. */
    public Map<String, Integer> named() {
        Map<String, Integer> named = new LinkedHashMap<>();
        for (Stage stage : Stage.TROUBLE_FIRST) {
            if (of(stage) != 0) {
                named.put(stage.wire(), of(stage));
            }
        }
        return named;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Counts counts && Arrays.equals(byStage, counts.byStage);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(byStage);
    }

    @Override
    public String toString() {
        return named().toString();
    }
}
