package dev.muster.alert.state;

import java.time.Instant;

/** Somebody looks after an alert; until it is resolved nobody else is called. */
public record Acknowledgement(Instant at, String by, String note) {}
