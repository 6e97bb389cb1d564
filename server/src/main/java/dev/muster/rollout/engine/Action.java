package dev.muster.rollout.engine;

/** What a person asks of a rollout. @param reason the person's words */
public sealed interface Action {
    String reason();

    record Start(String reason) implements Action {}

    record Pause(String reason) implements Action {}

    /** @param accept goes on although a gate failed or knew too little */
    record Resume(String reason, boolean accept) implements Action {}

    record Abort(String reason) implements Action {}

    record RollBack(String reason) implements Action {}

    /** Once more for the targets that failed, were not heard of or cannot be told; or did not get back. */
    record Retry(String reason) implements Action {}
}
