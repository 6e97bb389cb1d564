package dev.muster.alert.rule;

import java.time.Duration;
import java.util.List;
import java.util.Set;

/** What a condition reads, so far as it is kept: whether it can be held against the past. */
public sealed interface Reads {
    /**
     * @param metrics whose values it compares
     * @param back how far before a moment it looks
     * @param presence whether it asks who was there
     * @param asToday fields of assets of which only the present value is known, and is taken for all moments
     */
    record Kept(Set<String> metrics, Duration back, boolean presence, List<String> asToday) implements Reads {
        public Kept {
            metrics = Set.copyOf(metrics);
            asToday = List.copyOf(asToday);
        }
    }

    /** @param why as a sentence goes on after "cannot be replayed: " */
    record NotKept(String why) implements Reads {}
}
