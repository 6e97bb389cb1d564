package dev.muster.alert.rule;

import java.util.List;

/**
 * What a rule calls wrong with one asset. An instance is made when its rule is declared or this server begins to evaluate it, and lives
 * until the rule is changed; one thread at a time asks it, so it may remember what it saw.
 */
public interface Condition {
    /**
     * Judges a batch of assets of the rule's selection.
     *
     * @return one finding for each subject, in their order. Without data that is fresh enough the finding is {@link Finding.Unknown},
     *     never fine and never wrong
     */
    List<Finding> judge(List<Subject> subjects, Moment moment);

    /** In one line, for people: {@code coolant_temperature > 95}. */
    String text();

    /** What it reads of what is kept. */
    default Reads reads() {
        return new Reads.NotKept("what it had learned at each moment is not kept");
    }
}
