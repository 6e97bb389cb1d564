package dev.muster.runbook;

import java.time.Duration;

/**
 * One step of a runbook.
 *
 * @param timeout from its beginning to its end, each attempt for itself
 * @param retries attempts after the first that failed
 * @param onward whether the run goes on to the next step although this one failed
 */
record Step(String name, Action action, Duration timeout, int retries, Duration retryPause, boolean onward) {}
