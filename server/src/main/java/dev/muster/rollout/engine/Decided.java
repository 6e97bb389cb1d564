package dev.muster.rollout.engine;

import java.util.List;
import java.util.Set;

/**
 * What came out: all of it is stored, or nothing.
 *
 * @param joined new targets, behind all others
 * @param changed targets as they are from now on
 * @param places to which orders went, as they are from now on; none where they are not limited
 * @param moves of whole stages at once, to be done before the changes
 */
public record Decided(
        Rollout rollout,
        List<Target> joined,
        List<Target> changed,
        List<Order> orders,
        List<Decision> decisions,
        List<Move> moves,
        List<Place> places) {

    /**
     * Every target that is in one of the stages goes to another, with a reason.
     *
     * @param strata only targets of these; all when there is none
     */
    public record Move(Set<Stage> from, Stage to, Reason reason, Set<Integer> strata) {
        public boolean concerns(Target target) {
            return from.contains(target.stage()) && (strata.isEmpty() || strata.contains(target.stratum()));
        }
    }
}
