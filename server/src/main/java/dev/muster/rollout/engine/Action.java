package dev.muster.rollout.engine;

import java.util.List;
import java.util.Set;

/** What a person asks of a rollout. @param reason the person's words */
public sealed interface Action {
    String reason();

    record Start(String reason) implements Action {}

    /** @param cause who or what asks */
    record Pause(String reason, Phase.Pause cause) implements Action {
        public Pause(String reason) {
            this(reason, Phase.Pause.OPERATOR);
        }
    }

    /** @param accept goes on although a gate failed or knew too little */
    record Resume(String reason, boolean accept) implements Action {}

    /** The next wave begins, or all of them do, although the gate of this one has not passed. @param full all of them */
    record Promote(String reason, boolean full) implements Action {}

    /**
     * Goes on without some: those that wait for their turn, or have an order that they have not answered.
     *
     * @param targets single ones
     * @param strata numbers of whole strata
     */
    record Exclude(String reason, List<Target> targets, Set<Integer> strata) implements Action {}

    record Abort(String reason) implements Action {}

    /** @param strata numbers of those that go back while the others go on; none for everything */
    record RollBack(String reason, Set<Integer> strata) implements Action {}

    /**
     * Once more for the targets that failed, were not heard of or cannot be told; or did not get back.
     *
     * @param targets only these; none for all
     */
    record Retry(String reason, List<Target> targets) implements Action {}
}
