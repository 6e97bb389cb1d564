package dev.muster.rollout.engine;

import java.time.Instant;

/**
 * Now.
 *
 * @param wall what the clock says
 * @param elapsed the rollout's own time in milliseconds: it stands still while nobody watches the rollout, and a jump of the clock
 *     moves it by a minute at most
 */
record Moment(Instant wall, long elapsed) {}
