package dev.muster.platform.event;

import java.time.Instant;
import tools.jackson.databind.JsonNode;

/**
 * One entry of the event log.
 *
 * @param position grows in the order in which entries became visible; gaps mean nothing
 * @param at when it was appended, by the clock of the database
 * @param type dotted, for example {@code asset.created}
 * @param subject kind and name of the object, for example {@code asset/truck-1}
 */
public record LoggedEvent(long position, Instant at, String type, String subject, JsonNode data) {}
