package dev.muster.command;

import java.time.Instant;

/**
 * One line of a command's history.
 *
 * @param at when it was so, by the clock of the server
 * @param contradicts whether the asset's word came too late to change anything; {@code status} is then what it said
 */
record Step(Instant at, Status status, boolean contradicts) {}
