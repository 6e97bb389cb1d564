package dev.muster.rollout.engine;

/**
 * A wave: the targets from {@code first} on, as many as {@code counts} has.
 *
 * @param manual whether a person has to let it begin
 * @param acceptedFailures how many failed targets a person has accepted; only more than these can fail the gate again
 * @param acceptedInconclusive whether a person has accepted that too little is known
 */
public record WaveState(
        String name, int first, boolean manual, Counts counts, int acceptedFailures, boolean acceptedInconclusive) {

    public static WaveState fresh(String name, int first, int size, boolean manual) {
        return new WaveState(name, first, manual, Counts.pending(size), 0, false);
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

    WaveState with(Counts changed) {
        return new WaveState(name, first, manual, changed, acceptedFailures, acceptedInconclusive);
    }

    WaveState accepted(int failures, boolean inconclusive) {
        return new WaveState(name, first, manual, counts, failures, inconclusive);
    }

    WaveState released() {
        return new WaveState(name, first, false, counts, acceptedFailures, acceptedInconclusive);
    }
}
