package dev.muster.rollout;

import dev.muster.rollout.engine.Stage;
import dev.muster.rollout.engine.Target;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/** Counts the steps of targets by the stage that they lead to, once they are stored. */
@Component
class Transitions {
    private final Map<Stage, Counter> counters = new EnumMap<>(Stage.class);

    Transitions(MeterRegistry meters) {
        for (Stage stage : Stage.values()) {
            counters.put(
                    stage,
                    Counter.builder("muster.rollout.transitions")
                            .description(
                                    "Steps of targets of rollouts that were stored, by the stage that they lead to")
                            .tag("stage", stage.wire())
                            .register(meters));
        }
    }

    void afterCommit(List<Target> stepped) {
        if (stepped.isEmpty()) {
            return;
        }
        TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
            @Override
            public void afterCommit() {
                stepped.forEach(target -> Objects.requireNonNull(counters.get(target.stage()), "counter")
                        .increment());
            }
        });
    }
}
