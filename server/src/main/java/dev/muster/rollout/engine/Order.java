package dev.muster.rollout.engine;

import org.jspecify.annotations.Nullable;

/** What an actuator is to do for a target. */
public sealed interface Order {
    Target target();

    /** Change to the version of the rollout. @param attempt as the asset repeats it */
    record Apply(Target target, String attempt) implements Order {}

    /** Return to its own previous version. */
    record GoBack(Target target, String attempt, String version) implements Order {}

    /** Forget an order that has not succeeded. */
    record Cancel(Target target, String attempt) implements Order {}

    /** To which version this brings the target; null when to none. */
    default @Nullable String version(Rollout rollout) {
        return switch (this) {
            case Apply _ -> rollout.conduct().version();
            case GoBack back -> back.version();
            case Cancel _ -> null;
        };
    }
}
