package dev.muster.alert;

import java.util.Collection;

/** The one way in for everything that finds something wrong: rules, SLOs, other monitoring systems, people. */
public interface Signals {
    /**
     * Within the transaction of the caller where there is one, else in one of its own. Saying the same again changes nothing but
     * the time at which it was last said.
     *
     * @param source who says it, such as {@code rule/cold-chain}, {@code slo/checkout}, {@code alertmanager}
     */
    void take(String source, Collection<Signal> signals);
}
