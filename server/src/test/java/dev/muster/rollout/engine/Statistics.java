package dev.muster.rollout.engine;

import java.util.Map;
import java.util.TreeMap;

/** What simulations reached: faults, transitions, reasons, decisions. */
final class Statistics {
    final Map<String, Integer> faults = new TreeMap<>();
    final Map<String, Integer> transitions = new TreeMap<>();
    final Map<String, Integer> reasons = new TreeMap<>();
    final Map<String, Integer> decisions = new TreeMap<>();
    final Map<String, Integer> phases = new TreeMap<>();
    int schedules;
    long simulatedMillis;

    void fault(String kind) {
        faults.merge(kind, 1, Integer::sum);
    }

    void transition(Stage from, Stage to) {
        transition(from.wire() + " -> " + to.wire());
    }

    void transition(String step) {
        transitions.merge(step, 1, Integer::sum);
    }

    void reason(Stage stage, Reason reason) {
        reasons.merge(stage.wire() + ": " + reason.wire(), 1, Integer::sum);
    }

    void decision(Decision decision) {
        decisions.merge(decision.kind().wire() + " " + decision.outcome(), 1, Integer::sum);
    }

    void add(Statistics other) {
        other.faults.forEach((kind, count) -> faults.merge(kind, count, Integer::sum));
        other.transitions.forEach((kind, count) -> transitions.merge(kind, count, Integer::sum));
        other.reasons.forEach((kind, count) -> reasons.merge(kind, count, Integer::sum));
        other.decisions.forEach((kind, count) -> decisions.merge(kind, count, Integer::sum));
        other.phases.forEach((kind, count) -> phases.merge(kind, count, Integer::sum));
        schedules += other.schedules;
        simulatedMillis += other.simulatedMillis;
    }

    String histogram() {
        StringBuilder text = new StringBuilder();
        text.append(schedules)
                .append(" schedules, ")
                .append(simulatedMillis / 86_400_000)
                .append(" simulated days\n");
        Map.of("faults", faults, "transitions", transitions, "reasons", reasons, "decisions", decisions, "ends", phases)
                .entrySet()
                .stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(entry -> {
                    text.append(entry.getKey()).append('\n');
                    entry.getValue().forEach((name, count) -> text.append("%9d  %s%n".formatted(count, name)));
                });
        return text.toString();
    }
}
