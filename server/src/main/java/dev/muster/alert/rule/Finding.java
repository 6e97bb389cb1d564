package dev.muster.alert.rule;

import java.util.Map;

/** What a condition says of one asset, with what it looked at. */
public sealed interface Finding {
    /**
     * @param says in a few words, for people: {@code coolant_temperature is 104.2, above 95}
     * @param inputs what was compared, kept with the alert: values, thresholds, times
     */
    record Wrong(String says, Map<String, Object> inputs) implements Finding {
        public Wrong {
            inputs = Map.copyOf(inputs);
        }
    }

    record Fine() implements Finding {}

    /** It cannot be told. @param why such as {@code no value of coolant_temperature since 2026-11-26T08:00:00Z} */
    record Unknown(String why) implements Finding {}

    Finding FINE = new Fine();
}
