package dev.muster.rollout.plan;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The combinations of values that the assets of a rollout have in the attributes by which it is mixed, in the order in which they came. */
public final class Strata {
    /** More than these are no mixture but a list. */
    public static final int MAX = 1_000;

    private final Map<List<String>, Integer> numbers = new HashMap<>();
    private final List<List<String>> values = new ArrayList<>();

    /** The number of a stratum, a new one when it is met for the first time. */
    public int of(List<String> stratum) {
        Integer known = numbers.get(stratum);
        if (known != null) {
            return known;
        }
        List<String> kept = List.copyOf(stratum);
        numbers.put(kept, values.size());
        values.add(kept);
        return values.size() - 1;
    }

    /** By number, in the order of the attributes. */
    public List<List<String>> values() {
        return List.copyOf(values);
    }

    public int size() {
        return values.size();
    }
}
