package dev.muster.slo;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * A budget that burns too fast, or has stopped to.
 *
 * @param since when it began
 * @param ended empty while it goes on
 * @param remaining share of the budget that is left, empty when too little was measured
 */
public record Burning(
        String slo,
        String service,
        SliScope scope,
        String alert,
        String severity,
        double burnRate,
        Optional<Double> remaining,
        Duration window,
        Instant since,
        Optional<Instant> ended,
        String why) {}
