package dev.muster.rollout.engine;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Which of several rollouts gets an asset. It has one change at a time, of whatever component; of those rollouts that want it while it is
 * free the one with the highest priority changes it first, and of equal ones that which was started first. A change that is under way is
 * not broken off, and going back to a previous version waits for nobody.
 *
 * <p>Like {@link Rules}: each sentence by itself, so that tests can plant a mistake into it.
 */
public class Contention {
    private static final Comparator<Rival> FIRST_TO_LAST = Comparator.comparingInt(Rival::priority)
            .reversed()
            .thenComparing(Rival::started)
            .thenComparingInt(Rival::id);

    /** Whether an asset is being changed: no order to change goes to it meanwhile. */
    boolean changes(Rival mine, Claim theirs) {
        return Stage.ACTIVE.contains(theirs.stage());
    }

    /**
     * Whether an asset would be changed now if it were free and there were a slot. One that waits for a window, or for being safe, leaves
     * it to others until then.
     */
    boolean wants(Claim theirs) {
        boolean waitsForOthers = theirs.stage() == Stage.WAITING
                && (theirs.reason() == Reason.BUSY || theirs.reason() == Reason.YIELDING);
        return theirs.by().running()
                && theirs.wave() <= theirs.by().wave()
                && (theirs.stage() == Stage.PENDING || waitsForOthers);
    }

    /** A total order, so that of those who wait for each other one goes. */
    public boolean goesBefore(Rival one, Rival other) {
        return FIRST_TO_LAST.compare(one, other) < 0;
    }

    /** What keeps an asset from being changed because it is being changed already. */
    public Optional<Clearance.Wait> busy(Rival mine, List<Claim> claims) {
        return claims.stream()
                .filter(claim -> changes(mine, claim))
                .findFirst()
                .map(claim -> new Clearance.Wait(
                        Reason.BUSY,
                        null,
                        "rollout " + claim.by().name() + " changes "
                                + claim.by().component() + " of it right now"));
    }

    /** What keeps it from being changed because somebody else goes first. */
    public Optional<Clearance.Wait> yields(Rival mine, List<Claim> claims) {
        return claims.stream()
                .filter(claim -> wants(claim) && goesBefore(claim.by(), mine))
                .map(Claim::by)
                .min(FIRST_TO_LAST)
                .map(first -> new Clearance.Wait(Reason.YIELDING, null, goesFirst(first, mine)));
    }

    private static String goesFirst(Rival first, Rival mine) {
        return "rollout " + first.name() + " changes it first, "
                + (first.priority() == mine.priority()
                        ? "it was started earlier"
                        : "it has the priority " + first.priority() + ", this one " + mine.priority());
    }
}
