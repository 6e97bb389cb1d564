package dev.muster.alert.rule;

import dev.muster.registry.document.FieldReader;

/** A kind of condition; each bean of this type is one more key that {@code spec.condition} of an alert rule may have. */
public interface ConditionKind {
    /** The key: {@code threshold}, {@code absence}, … */
    String key();

    /**
     * Reads what stands under the key. What is wrong is reported to the reader; the condition is used only if nothing was.
     * {@link FieldReader#finish} is called by the caller.
     */
    Condition read(FieldReader reader);
}
