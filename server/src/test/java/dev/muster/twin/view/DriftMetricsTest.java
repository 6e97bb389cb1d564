package dev.muster.twin.view;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.twin.TwinState;
import dev.muster.twin.view.TwinStore.Counts;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.ref.Reference;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.springframework.dao.DataAccessResourceFailureException;

class DriftMetricsTest {
    private final MeterRegistry meters = new SimpleMeterRegistry();

    @Test
    void theGaugesGiveWhatWasCounted() {
        DriftMetrics metrics = new DriftMetrics(() -> new Counts(Map.of(TwinState.DRIFTED, 3L), 2, 1), meters);
        assertThat(meters.get("muster.drift.assets")
                        .tag("state", "drifted")
                        .gauge()
                        .value())
                .isEqualTo(3);
        assertThat(meters.get("muster.drift.overdue").gauge().value()).isEqualTo(2);
        assertThat(meters.get("muster.drift.stalled").gauge().value()).isEqualTo(1);
        Reference.reachabilityFence(metrics); // gauges hold it weakly
    }

    @Test
    void whileTheDatabaseIsAwayAScrapeAsksItOnceAndSaysThatNothingIsKnown() {
        AtomicInteger asked = new AtomicInteger();
        DriftMetrics metrics = new DriftMetrics(
                () -> {
                    asked.incrementAndGet();
                    throw new DataAccessResourceFailureException("no connection within 3 s");
                },
                meters);
        assertThat(meters.getMeters().stream().map(meter -> ((Gauge) meter).value()))
                .hasSize(TwinState.values().length + 2)
                .containsOnly(Double.NaN);
        assertThat(asked).hasValue(1);
        Reference.reachabilityFence(metrics);
    }
}
