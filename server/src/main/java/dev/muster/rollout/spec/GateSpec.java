package dev.muster.rollout.spec;

import dev.muster.rollout.engine.Check;
import dev.muster.rollout.gate.Comparison;
import java.util.List;
import java.util.Set;

/**
 * A gate as it is written, and what it needs to be measured.
 *
 * @param metrics that it compares
 * @param mentioned the values that its condition asks for
 */
public record GateSpec(Check check, List<Comparison> metrics, Set<String> mentioned) {
    public GateSpec {
        metrics = List.copyOf(metrics);
        mentioned = Set.copyOf(mentioned);
    }
}
