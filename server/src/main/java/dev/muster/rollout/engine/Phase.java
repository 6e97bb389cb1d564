package dev.muster.rollout.engine;

import java.util.Locale;

/** Where a rollout as a whole stands. */
public sealed interface Phase {
    /** Declared, and nothing of it is done. */
    record Draft() implements Phase {}

    record Running() implements Phase {}

    /** Nothing new is ordered; what is under way is watched to its end. @param text for people */
    record Paused(Pause cause, String text) implements Phase {}

    /** Nothing new is ordered; ends when what is under way has ended. */
    record Aborting(String text) implements Phase {}

    /** Every touched target returns to its own previous version. */
    record RollingBack(String text) implements Phase {}

    record Ended(Outcome outcome, String text) implements Phase {}

    /** Who or what paused. */
    enum Pause {
        OPERATOR,
        GATE_FAILED,
        GATE_INCONCLUSIVE,
        /** The next wave waits for a person. */
        WAVE,
        /** It is not over by its deadline. */
        DEADLINE,
        /** The error budget of an objective over some of its targets burns too fast. */
        BUDGET_BURNING;

        public String wire() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** How a rollout ended. */
    enum Outcome {
        COMPLETED,
        ABORTED,
        ROLLED_BACK;

        public String wire() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Stable, for the API. */
    default String wire() {
        return switch (this) {
            case Draft _ -> "draft";
            case Running _ -> "running";
            case Paused _ -> "paused";
            case Aborting _ -> "aborting";
            case RollingBack _ -> "rolling_back";
            case Ended ended -> ended.outcome().wire();
        };
    }

    /** Whether a worker has anything to do. */
    default boolean live() {
        return switch (this) {
            case Draft _, Ended _ -> false;
            case Running _, Paused _, Aborting _, RollingBack _ -> true;
        };
    }

    /** Why it is so, for people; empty when there is nothing to say. */
    default String why() {
        return switch (this) {
            case Draft _, Running _ -> "";
            case Paused paused -> paused.text();
            case Aborting aborting -> aborting.text();
            case RollingBack back -> back.text();
            case Ended ended -> ended.text();
        };
    }
}
