package dev.muster.agent.rules;

import dev.muster.agent.rules.Rule.Aggregate;
import dev.muster.agent.rules.Rule.Function;
import dev.muster.agent.rules.Rule.Sampling;
import dev.muster.agent.rules.Rule.Threshold;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Decides which measurements are sent. Pure: knows no clock and sends nothing. Texts and truths without a rule are sent when they
 * change and once an hour. Used by one thread.
 */
public final class RuleEngine {
    static final Sampling UNCOUNTABLE = new Sampling(0, Duration.ofHours(1));

    private final Map<String, State> states = new HashMap<>();
    private Map<String, Rule> rules;

    public RuleEngine(Map<String, Rule> rules) {
        this.rules = Map.copyOf(rules);
    }

    /** Windows and thresholds of the metrics whose rule stays the same go on. */
    public void replace(Map<String, Rule> newRules) {
        states.keySet().removeIf(metric -> !rule(metric).equals(newRules.getOrDefault(metric, Rule.NONE)));
        rules = Map.copyOf(newRules);
    }

    /**
     * What is to be sent now.
     *
     * @param values perhaps none
     */
    public record Outcome(Map<String, Object> values, List<Crossing> crossings) {}

    /** A threshold was crossed, or cleared again. */
    public record Crossing(String metric, boolean crossed, double value, Threshold threshold) {}

    /**
     * @param now on any scale that only goes forward
     * @param measured Double, Boolean or String by metric
     */
    public Outcome measured(Duration now, Map<String, Object> measured) {
        Map<String, Object> sent = new LinkedHashMap<>();
        List<Crossing> crossings = new ArrayList<>();
        measured.forEach((metric, value) -> {
            State state = states.computeIfAbsent(metric, unused -> new State());
            Rule rule = rule(metric);
            Optional<Crossing> crossing = crossing(metric, rule, state, value);
            Map<String, Object> regular = regular(now, metric, rule, state, value);
            if (crossing.isPresent() && regular.isEmpty()) {
                regular = Map.of(metric, value); // at once, for whoever looks at the event wants to see the value
                state.sent(now, value);
            }
            crossing.ifPresent(crossings::add);
            sent.putAll(regular);
        });
        return new Outcome(sent, crossings);
    }

    private Rule rule(String metric) {
        return rules.getOrDefault(metric, Rule.NONE);
    }

    private static Optional<Crossing> crossing(String metric, Rule rule, State state, Object value) {
        if (rule.threshold().isEmpty() || !(value instanceof Double number)) {
            return Optional.empty();
        }
        Threshold threshold = rule.threshold().get();
        boolean changed = state.crossed ? threshold.back(number) : threshold.beyond(number);
        if (!changed) {
            return Optional.empty();
        }
        state.crossed = !state.crossed;
        return Optional.of(new Crossing(metric, state.crossed, number, threshold));
    }

    private static Map<String, Object> regular(Duration now, String metric, Rule rule, State state, Object value) {
        if (value instanceof Double number && rule.aggregate().isPresent()) {
            return aggregated(now, metric, rule.aggregate().get(), state, number);
        }
        Optional<Sampling> sampling = value instanceof Double
                ? rule.sampling()
                : Optional.of(rule.sampling().orElse(UNCOUNTABLE));
        if (sampling.isPresent() && !state.dueFor(now, value, sampling.get())) {
            return Map.of();
        }
        state.sent(now, value);
        return Map.of(metric, value);
    }

    /** The window that is over, if one is; the new measurement opens the next. */
    private static Map<String, Object> aggregated(
            Duration now, String metric, Aggregate aggregate, State state, double number) {
        Map<String, Object> ended = Map.of();
        Window window = state.window;
        if (window != null && now.minus(window.from).compareTo(aggregate.window()) >= 0) {
            ended = window.values(metric, aggregate.functions());
            window = null;
        }
        if (window == null) {
            window = new Window(now);
            state.window = window;
        }
        window.add(number);
        return ended;
    }

    private static final class State {
        private boolean crossed;
        private @Nullable Window window;
        private @Nullable Object lastSent;
        private Duration lastSentAt = Duration.ZERO;

        void sent(Duration now, Object value) {
            lastSent = value;
            lastSentAt = now;
        }

        boolean dueFor(Duration now, Object value, Sampling sampling) {
            Object last = lastSent;
            if (last == null || now.minus(lastSentAt).compareTo(sampling.every()) >= 0) {
                return true;
            }
            return value instanceof Double number && last instanceof Double before
                    ? Math.abs(number - before) > sampling.change()
                    : !value.equals(last);
        }
    }

    private static final class Window {
        private final Duration from;
        private long count;
        private double sum;
        private double min = Double.POSITIVE_INFINITY;
        private double max = Double.NEGATIVE_INFINITY;
        private double last;

        Window(Duration from) {
            this.from = from;
        }

        void add(double value) {
            count++;
            sum += value;
            min = Math.min(min, value);
            max = Math.max(max, value);
            last = value;
        }

        Map<String, Object> values(String metric, List<Function> functions) {
            Map<String, Object> values = new LinkedHashMap<>();
            for (Function function : functions) {
                String name = values.isEmpty()
                        ? metric
                        : metric + "." + function.name().toLowerCase(Locale.ROOT);
                values.put(
                        name,
                        switch (function) {
                            case MEAN -> sum / count;
                            case MIN -> min;
                            case MAX -> max;
                            case LAST -> last;
                        });
            }
            return values;
        }
    }
}
