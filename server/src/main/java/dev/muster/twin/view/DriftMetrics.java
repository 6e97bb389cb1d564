package dev.muster.twin.view;

import dev.muster.identity.Actor;
import dev.muster.twin.TwinState;
import dev.muster.twin.view.TwinStore.Counts;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;

/** How assets stand, as gauges; counted when they are asked for, and once for all who look at dashboards too. */
@Component
final class DriftMetrics {
    private static final Logger LOG = LoggerFactory.getLogger(DriftMetrics.class);

    /** After a count that failed; each of the gauges would wait for the database again. */
    private static final long AWAY_NANOS = 15_000_000_000L;

    private final Supplier<Counts> counts;
    private boolean away;
    private long awaySince;

    @Autowired
    DriftMetrics(Twins twins, MeterRegistry meters) {
        this(() -> twins.counted(Actor.SYSTEM, null).counts(), meters);
    }

    DriftMetrics(Supplier<Counts> counts, MeterRegistry meters) {
        this.counts = counts;
        for (TwinState state : TwinState.values()) {
            gauge(
                    meters,
                    "muster.drift.assets",
                    "Assets by how they stand to what is desired of them",
                    state.wire(),
                    found -> found.byState().getOrDefault(state, 0L));
        }
        gauge(
                meters,
                "muster.drift.overdue",
                "Assets that have not applied a desired state for too long",
                null,
                Counts::overdue);
        gauge(meters, "muster.drift.stalled", "Assets that the reconciliation gave up", null, Counts::stalled);
    }

    private void gauge(
            MeterRegistry meters,
            String name,
            String description,
            @Nullable String state,
            ToDoubleFunction<Counts> figure) {
        Gauge.Builder<DriftMetrics> builder =
                Gauge.builder(name, this, self -> self.figure(figure)).description(description);
        (state == null ? builder : builder.tag("state", state)).register(meters);
    }

    /** Not a number while they cannot be counted: unknown is not zero. */
    private synchronized double figure(ToDoubleFunction<Counts> figure) {
        if (away && System.nanoTime() - awaySince < AWAY_NANOS) {
            return Double.NaN;
        }
        try {
            double value = figure.applyAsDouble(counts.get());
            away = false;
            return value;
        } catch (DataAccessException e) {
            away = true;
            awaySince = System.nanoTime();
            LOG.debug("assets cannot be counted by drift", e);
            return Double.NaN;
        }
    }
}
