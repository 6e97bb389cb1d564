package dev.muster.rollout.engine;

import java.time.Instant;

/**
 * A rollout beside others that may want the same assets.
 *
 * @param id grows with every rollout that is declared
 * @param component that it changes
 * @param running whether it orders targets now
 * @param wave the newest that is open
 */
public record Rival(int id, String name, String component, int priority, Instant started, boolean running, int wave) {}
