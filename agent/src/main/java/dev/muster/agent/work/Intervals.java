package dev.muster.agent.work;

/** How often things are done where the configuration does not say: from the settings of the agent. */
public record Intervals(long heartbeatSeconds, long metricsSeconds) {}
