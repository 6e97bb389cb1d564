package dev.muster.rollout.spec;

import java.time.Instant;

/** A time in which no order to change goes out, whatever the window says. @param to excluded */
public record Blackout(String name, Instant from, Instant to) {
    boolean covers(Instant at) {
        return !at.isBefore(from) && at.isBefore(to);
    }
}
