package dev.muster.agent.slot;

/** One of the two places of an application. */
public enum Slot {
    A,
    B;

    Slot other() {
        return this == A ? B : A;
    }

    String folder() {
        return this == A ? "a" : "b";
    }
}
