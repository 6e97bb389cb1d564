package dev.muster.alert.rule;

import java.time.Instant;

/**
 * When, and with which readings, a rule is evaluated.
 *
 * @param rule its name
 */
public record Moment(String rule, Instant now, Readings readings) {}
