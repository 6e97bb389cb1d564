package dev.muster.agent.rules;

import dev.muster.protocol.Severity;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What is done with one metric before it is sent. The threshold looks at every measurement; aggregate and sampling say which
 * values are sent otherwise, and exclude each other.
 */
public record Rule(Optional<Aggregate> aggregate, Optional<Threshold> threshold, Optional<Sampling> sampling) {
    /** Every measurement is sent. */
    public static final Rule NONE = new Rule(Optional.empty(), Optional.empty(), Optional.empty());

    public Rule {
        if (aggregate.isPresent() && sampling.isPresent()) {
            throw new IllegalArgumentException("a rule has an aggregate or a sampling, not both");
        }
    }

    /**
     * One value for many measurements.
     *
     * @param functions the first is sent under the metric's own name, the others under {@code metric.function}
     */
    public record Aggregate(Duration window, List<Function> functions) {
        public Aggregate {
            functions = List.copyOf(functions);
            if (functions.isEmpty()) {
                throw new IllegalArgumentException("an aggregate has a function or more");
            }
        }
    }

    public enum Function {
        MEAN,
        MIN,
        MAX,
        LAST
    }

    /**
     * Crossed when a value is beyond the limit, cleared when one is back behind {@code clear}; between the two nothing changes.
     *
     * @param above whether beyond means above, else below
     */
    public record Threshold(boolean above, double limit, double clear, Severity severity) {
        public Threshold {
            if (above ? clear > limit : clear < limit) {
                throw new IllegalArgumentException(
                        "a threshold " + (above ? "above " : "below ") + limit + " cannot be cleared at " + clear);
            }
        }

        boolean beyond(double value) {
            return above ? value > limit : value < limit;
        }

        boolean back(double value) {
            return above ? value <= clear : value >= clear;
        }
    }

    /** Sent when it differs from what was sent last by more than {@code change}, and at least once in {@code every}. */
    public record Sampling(double change, Duration every) {}
}
