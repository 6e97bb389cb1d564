package dev.muster.telemetry.query;

import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** Steps that read well on a clock or a calendar, and which of them gives about so many points. */
final class Steps {
    private static final List<Duration> NICE = Stream.of(
                    "PT1S", "PT2S", "PT5S", "PT10S", "PT15S", "PT30S", "PT1M", "PT2M", "PT5M", "PT10M", "PT15M",
                    "PT30M", "PT1H", "PT2H", "PT3H", "PT6H", "PT12H", "P1D", "P2D", "P7D", "P14D", "P28D", "P91D",
                    "P364D")
            .map(Duration::parse)
            .toList();

    private Steps() {}

    /** The finest step by which a span has at most so many points; the coarsest when none does. */
    static Duration of(long spanMillis, int points) {
        if (points < 1 || points > TelemetryResource.MAX_POINTS) {
            throw new Refusal(
                    ErrorCode.INVALID,
                    "points is " + points + "; it must be from 1 to " + TelemetryResource.MAX_POINTS);
        }
        return NICE.stream()
                .filter(step -> Math.ceilDiv(spanMillis, step.toMillis()) <= points)
                .findFirst()
                .orElse(NICE.getLast());
    }
}
