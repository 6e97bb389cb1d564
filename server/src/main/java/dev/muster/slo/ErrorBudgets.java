package dev.muster.slo;

import java.time.Instant;
import java.util.Optional;

/** What is left of error budgets, by whoever keeps SLOs. Where nobody does, whatever asks for one is refused when it is declared. */
public interface ErrorBudgets {
    /**
     * @param remaining share of the budget that is left: 1 all of it, 0 none, less when more is spent than there was
     * @param burnRate how fast it burns: 1 spends it exactly within its period
     */
    record Budget(double remaining, double burnRate) {}

    boolean knows(String slo);

    /** Empty when too little was measured to tell. */
    Optional<Budget> of(String slo, Instant now);
}
