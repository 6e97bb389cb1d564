package dev.muster.rollout.engine;

import dev.muster.actuator.Observation;
import org.jspecify.annotations.Nullable;

/** A target to be looked at, with what is known of it now. */
public sealed interface Item {
    Target target();

    /** One that has an order. @param hidden whether the order is kept from it at the moment, and it has not read it before */
    record Observed(Target target, Observation observation, boolean hidden) implements Item {
        public Observed(Target target, Observation observation) {
            this(target, observation, false);
        }
    }

    /** One that may get an order. @param place where it is; null where places are not limited */
    record Candidate(
            Target target, Clearance clearance, @Nullable Place place) implements Item {
        public Candidate(Target target, Clearance clearance) {
            this(target, clearance, null);
        }
    }
}
