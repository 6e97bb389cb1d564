package dev.muster.command;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.springframework.stereotype.Component;

/** Figures of commands; their labels are few and bounded: no asset, no name of a command. */
@Component
class CommandMetrics {
    /** Why a word of an asset about a command is thrown away. */
    enum Reason {
        /** There is no such command, or none any more. */
        UNKNOWN,
        /** It is another asset's. */
        FOREIGN,
        /** It was never given to the asset. */
        NOT_GIVEN
    }

    private final MeterRegistry meters;
    private final Map<Reason, Counter> refused = new EnumMap<>(Reason.class);
    private volatile Map<Status, Integer> open = Map.of();
    private volatile double firstRate = Double.NaN;
    private volatile double allRate = Double.NaN;

    CommandMetrics(MeterRegistry meters) {
        this.meters = meters;
        for (Reason reason : Reason.values()) {
            refused.put(
                    reason,
                    Counter.builder("muster.command.words.refused")
                            .description("Words of assets about commands that are thrown away")
                            .tag("reason", reason.name().toLowerCase(Locale.ROOT))
                            .register(meters));
        }
        for (Status status : List.of(Status.QUEUED, Status.PENDING, Status.ACCEPTED, Status.RUNNING)) {
            Gauge.builder("muster.commands.open", this, figures -> figures.open.getOrDefault(status, 0))
                    .description("Commands that are not settled")
                    .tag("status", status.wire())
                    .register(meters);
        }
        rate("first", () -> firstRate);
        rate("all", () -> allRate);
    }

    private void rate(String attempts, java.util.function.Supplier<Number> value) {
        Gauge.builder("muster.command.success.ratio", value)
                .description("Commands of the last hour that were done in time, of those whose end is known")
                .tag("attempts", attempts)
                .register(meters);
    }

    /** @param attempt 1 or more */
    void given(int attempt, int count) {
        Counter.builder("muster.commands.given")
                .description("Commands that could go out to their assets")
                .tag("attempt", attempt(attempt))
                .register(meters)
                .increment(count);
    }

    void settled(Command command) {
        settled(command.status(), command.progress().late(), command.attempt());
    }

    void settled(Status status, boolean late, int attempt) {
        Counter.builder("muster.commands.settled")
                .description("Ends of commands; one that the asset's late word settles again counts again, as late")
                .tag("outcome", status.wire())
                .tag("late", Boolean.toString(late))
                .tag("attempt", attempt(attempt))
                .register(meters)
                .increment();
    }

    void refused(Reason reason) {
        Counter counter = refused.get(reason);
        if (counter != null) {
            counter.increment();
        }
    }

    void open(Map<Status, Integer> counts) {
        open = counts;
    }

    /** NaN when there were none. */
    void rates(double first, double all) {
        firstRate = first;
        allRate = all;
    }

    private static String attempt(int attempt) {
        return attempt == 1 ? "first" : "retry";
    }
}
