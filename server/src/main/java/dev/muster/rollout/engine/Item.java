package dev.muster.rollout.engine;

import dev.muster.actuator.Observation;

/** A target to be looked at, with what is known of it now. */
public sealed interface Item {
    Target target();

    /** One that has an order. */
    record Observed(Target target, Observation observation) implements Item {}

    /** One that may get an order. */
    record Candidate(Target target, Clearance clearance) implements Item {}
}
