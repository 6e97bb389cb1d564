package dev.muster.agent.budget;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.agent.budget.Budget.Change;
import dev.muster.agent.budget.Budget.Limits;
import dev.muster.agent.budget.Budget.Usage;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class BudgetTest {
    private final Budget budget = new Budget(new Limits(100, 0.1, 360));

    @Test
    void aShortPeakIsForgiven() {
        assertThat(changes(usage(200, 0), usage(200, 0), usage(50, 0), usage(200, 0), usage(200, 0)))
                .isEmpty();
        assertThat(budget.allowsHeavyWork()).isTrue();
    }

    @Test
    void shedsAfterThreeMeasurementsBeyondAndRestoresAfterTenWellWithin() {
        assertThat(changes(usage(101, 0), usage(50, 0.2), usage(101, 0.2))).containsExactly(Change.SHED);
        assertThat(budget.shedding()).isTrue();
        assertThat(budget.allowsHeavyWork())
                .as("an update may be what mends it")
                .isTrue();
        for (int i = 0; i < 100; i++) {
            assertThat(changes(usage(95, 0.05)))
                    .as("within, and not well within")
                    .isEmpty();
        }
        for (int i = 1; i < Budget.WELL; i++) {
            assertThat(changes(usage(90, 0.05))).isEmpty();
        }
        assertThat(changes(usage(90, 0.05))).containsExactly(Change.RESTORED);
        assertThat(budget.allowsHeavyWork()).isTrue();
    }

    @Test
    void heatPausesHeavyWorkUntilItIsWellCooler() {
        assertThat(changes(hot(360))).isEmpty();
        assertThat(changes(hot(361))).containsExactly(Change.PAUSED_BY_HEAT);
        assertThat(budget.allowsHeavyWork()).isFalse();
        assertThat(changes(hot(356))).isEmpty();
        assertThat(changes(usage(1, 0)))
                .as("a sensor that says nothing changes nothing")
                .isEmpty();
        assertThat(budget.allowsHeavyWork()).isFalse();
        assertThat(changes(hot(355))).containsExactly(Change.RESUMED_BY_COOLNESS);
        assertThat(budget.allowsHeavyWork()).isTrue();
    }

    @Test
    void readsTheResidentMemoryOfAStatusFile() {
        assertThat(OwnUsage.residentBytes("Name:\tjava\nVmHWM:\t   70000 kB\nVmRSS:\t   66140 kB\nThreads:\t17\n"))
                .hasValue(66140L * 1024);
        assertThat(OwnUsage.residentBytes("Name:\tkthreadd\n")).isEmpty();
    }

    private List<Change> changes(Usage... usages) {
        List<Change> changes = new ArrayList<>();
        for (Usage usage : usages) {
            changes.addAll(budget.measured(usage));
        }
        return changes;
    }

    private static Usage usage(long memory, double cpu) {
        return new Usage(memory, cpu, OptionalDouble.empty());
    }

    private static Usage hot(double kelvin) {
        return new Usage(1, 0, OptionalDouble.of(kelvin));
    }
}
