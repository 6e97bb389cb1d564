package dev.muster.simulator;

import java.util.List;

/**
 * How a run went, or how it stands.
 *
 * @param failed assets that could not enrol or never connected
 * @param connectFailures attempts that ended before the session was there
 * @param unacknowledged messages that were still buffered at the end
 * @param failures the first few reasons
 */
public record FleetReport(
        double seconds,
        int assets,
        long enrolled,
        int connected,
        long failed,
        long sent,
        long acknowledged,
        long unacknowledged,
        long dropped,
        long refused,
        long reconnects,
        long connectFailures,
        double perSecond,
        FleetStatistics.Latency latency,
        List<String> failures) {

    public FleetReport {
        failures = List.copyOf(failures);
    }

    public boolean allTookPart() {
        return failed == 0;
    }
}
