package dev.muster.runbook;

import java.util.List;
import java.util.Optional;

/** What does the steps of runs, and looks at what came of them. */
interface Hands {
    /** What doing a step came to. */
    sealed interface Deed {
        /** @param output for the timeline; holds no secret */
        record Done(String output) implements Deed {}

        /** @param waitsFor what to look at until it has ended */
        record Begun(List<String> waitsFor, String output) implements Deed {}

        record Failed(String output) implements Deed {}

        /** It may have happened. */
        record Unknown(String output) implements Deed {}
    }

    /** How far a step is that was begun. */
    sealed interface Progress {
        record Pending(String output) implements Progress {}

        record Succeeded(String output) implements Progress {}

        record Failed(String output) implements Progress {}

        record Unknown(String output) implements Progress {}
    }

    /**
     * Does the step at which the run stands: within the transaction of the caller, unless it {@linkplain Action#isOutside happens
     * outside}.
     *
     * @throws dev.muster.platform.error.Refusal when it cannot be done; then it has not been
     */
    Deed perform(Run run, Step step);

    Progress look(Run run, Step step);

    /** Why the run must not go on: what it touches got worse; empty when it may. */
    Optional<String> worse(Run run);

    /** The run ends before the step does: takes back what can be. */
    void abandon(Run run, Step step);
}
