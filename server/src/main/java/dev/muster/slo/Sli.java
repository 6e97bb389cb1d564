package dev.muster.slo;

/**
 * What an indicator counts.
 *
 * @param unit of what is counted, in plural: {@code minutes}, {@code commands}
 * @param target the one to start with; 0 where there is none
 * @param staleIsBad whether what is stale is among the bad as well
 * @param shipped whether it is the server's own
 */
public record Sli(String name, String description, String unit, double target, boolean staleIsBad, boolean shipped) {}
