package dev.muster.rollout.engine;

/**
 * A place as far as a rollout is concerned.
 *
 * @param inFlight targets of the rollout there that have an order and no outcome
 * @param orderAt from when on the next order may go there by the rate, in microseconds of the rollout's own time
 */
public record Place(String name, int inFlight, long orderAt) {}
