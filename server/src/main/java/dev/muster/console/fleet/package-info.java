/**
 * The fleet over time: how much of it was online where, what came in, how it grows and what that leads to.
 *
 * <p>{@link dev.muster.console.fleet.FleetSampler} looks once a minute, on one server, and writes table {@code fleet_sample} (V156); the
 * shares of regions are those of the indicator {@code uptime}. Nothing here reads all assets for a request.
 */
@NullMarked
package dev.muster.console.fleet;

import org.jspecify.annotations.NullMarked;
