package dev.muster.alert.incident;

/**
 * What probably lies behind an incident.
 *
 * @param kind {@code rollout}, {@code release}, {@code configuration}, {@code gateway}, {@code certificates}, {@code site}, {@code hardware}, {@code
 *     region}, {@code type}, {@code asset} or {@code change}
 * @param score from 0 to 1, only to rank by
 * @param reason what speaks for it, with the numbers
 */
public record Cause(String kind, String value, double score, String reason) {}
