package dev.muster.agent.buffer;

import dev.muster.protocol.UplinkKind;

/**
 * A message on its way.
 *
 * @param number counts up within its lane, from the first one ever
 * @param subtopic the command id of a command result, else empty
 */
public record Entry(Lane lane, long number, UplinkKind kind, String subtopic, byte[] payload) {}
