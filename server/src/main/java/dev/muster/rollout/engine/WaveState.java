package dev.muster.rollout.engine;

/**
 * A wave: the targets from {@code first} on, as many as {@code counts} has.
 *
 * @param manual whether a person has to let it begin
 * @param acceptedFailures how many failed targets a person has accepted; only more than these can fail the gate again
 * @param acceptedInconclusive whether a person has accepted that too little is known
 * @param acceptedChecks whether a person has accepted what the written gates say of it
 * @param asked since when written gates are asked about all of its outcomes, in the rollout's own time; {@link #NOT_ASKED} before
 */
public record WaveState(
        String name,
        int first,
        boolean manual,
        Counts counts,
        int acceptedFailures,
        boolean acceptedInconclusive,
        boolean acceptedChecks,
        long asked) {
    public static final long NOT_ASKED = -1;

    public WaveState(
            String name, int first, boolean manual, Counts counts, int acceptedFailures, boolean acceptedInconclusive) {
        this(name, first, manual, counts, acceptedFailures, acceptedInconclusive, false, NOT_ASKED);
    }

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
        return new WaveState(
                name, first, manual, changed, acceptedFailures, acceptedInconclusive, acceptedChecks, asked);
    }

    WaveState accepted(int failures, boolean inconclusive) {
        return new WaveState(name, first, manual, counts, failures, inconclusive, acceptedChecks, asked);
    }

    WaveState acceptedChecks(boolean accepted) {
        return new WaveState(name, first, manual, counts, acceptedFailures, acceptedInconclusive, accepted, asked);
    }

    WaveState asked(long since) {
        return new WaveState(
                name, first, manual, counts, acceptedFailures, acceptedInconclusive, acceptedChecks, since);
    }

    WaveState released() {
        return new WaveState(name, first, false, counts, acceptedFailures, acceptedInconclusive, acceptedChecks, asked);
    }
}
