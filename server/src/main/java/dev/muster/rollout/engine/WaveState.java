package dev.muster.rollout.engine;

import java.util.ArrayList;
import java.util.List;

/**
 * A wave: the targets from {@code first} on, as many as {@code counts} has.
 *
 * @param manual whether a person has to let it begin
 * @param strata its targets by stratum, in the order of those of the rollout; empty where failures are not told apart
 * @param acceptedFailures how many failed targets a person has accepted; only more than these can fail the gate again
 * @param acceptedInconclusive whether a person has accepted that too little is known
 * @param acceptedChecks whether a person has accepted what the written gates say of it
 * @param retries how often targets of it were ordered once more by themselves
 * @param asked since when written gates are asked about all of its outcomes, in the rollout's own time; {@link #NOT_ASKED} before
 */
public record WaveState(
        String name,
        int first,
        boolean manual,
        Counts counts,
        List<Counts> strata,
        int acceptedFailures,
        boolean acceptedInconclusive,
        boolean acceptedChecks,
        int retries,
        long asked) {
    public static final long NOT_ASKED = -1;

    public WaveState {
        strata = List.copyOf(strata);
    }

    public static WaveState fresh(String name, int first, int size, boolean manual) {
        return new WaveState(name, first, manual, Counts.pending(size), List.of(), 0, false, false, 0, NOT_ASKED);
    }

    /** @param sizes how many of each stratum it has */
    public WaveState mixedOf(int... sizes) {
        List<Counts> mixed = new ArrayList<>();
        for (int size : sizes) {
            mixed.add(Counts.pending(size));
        }
        return with(counts, mixed);
    }

    public int size() {
        return counts.total();
    }

    /** The position after the last target. */
    public int end() {
        return first + size();
    }

    /** Whether every target has an outcome of the change; one that has failed has its outcome before it has returned. */
    public boolean settled() {
        return counts.of(Stage.UNTOUCHED) == 0 && counts.of(Stage.IN_FLIGHT) == 0 && counts.of(Stage.GOING_BACK) == 0;
    }

    /** The same with the targets of those strata alone that go on; what a gate judges. */
    WaveState going(List<Stratum> all) {
        Counts left = counts;
        for (int i = 0; i < strata.size(); i++) {
            left = all.get(i).isHalted() ? left.minus(strata.get(i)) : left;
        }
        return left == counts ? this : with(left, List.of());
    }

    WaveState moved(int stratum, Stage from, Stage to, int targets) {
        if (strata.isEmpty()) {
            return with(counts.moved(from, to, targets), strata);
        }
        List<Counts> changed = new ArrayList<>(strata);
        changed.set(stratum, strata.get(stratum).moved(from, to, targets));
        return with(counts.moved(from, to, targets), changed);
    }

    /** Another target. */
    WaveState joined(int stratum) {
        List<Counts> changed = new ArrayList<>(strata);
        if (!changed.isEmpty()) {
            changed.set(stratum, changed.get(stratum).plus(Counts.pending(1)));
        }
        return with(counts.plus(Counts.pending(1)), changed);
    }

    /** With room for so many strata. */
    WaveState widened(int all) {
        List<Counts> changed = new ArrayList<>(strata);
        while (changed.size() < all) {
            changed.add(Counts.pending(0));
        }
        return with(counts, changed);
    }

    private WaveState with(Counts changed, List<Counts> byStratum) {
        return new WaveState(
                name,
                first,
                manual,
                changed,
                byStratum,
                acceptedFailures,
                acceptedInconclusive,
                acceptedChecks,
                retries,
                asked);
    }

    WaveState accepted(int failures, boolean inconclusive) {
        return new WaveState(
                name, first, manual, counts, strata, failures, inconclusive, acceptedChecks, retries, asked);
    }

    WaveState acceptedChecks(boolean accepted) {
        return new WaveState(
                name, first, manual, counts, strata, acceptedFailures, acceptedInconclusive, accepted, retries, asked);
    }

    WaveState asked(long since) {
        return new WaveState(
                name,
                first,
                manual,
                counts,
                strata,
                acceptedFailures,
                acceptedInconclusive,
                acceptedChecks,
                retries,
                since);
    }

    WaveState released() {
        return new WaveState(
                name,
                first,
                false,
                counts,
                strata,
                acceptedFailures,
                acceptedInconclusive,
                acceptedChecks,
                retries,
                asked);
    }

    WaveState retried() {
        return new WaveState(
                name,
                first,
                manual,
                counts,
                strata,
                acceptedFailures,
                acceptedInconclusive,
                acceptedChecks,
                retries + 1,
                asked);
    }
}
