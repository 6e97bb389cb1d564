package dev.muster.console.timeline;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Makes spans out of changes: a state lasts until the next change. */
final class Spells {
    private Spells() {}

    /** Makes the entry of a spell. @param until null when it goes on */
    interface Shape<T> {
        Happening of(T change, @Nullable Instant until);
    }

    /**
     * @param changes oldest first
     * @param end when the newest of them ended; null when it goes on
     * @param isLast whether nothing comes after a state, so that coming to it is a moment
     * @return oldest first
     */
    static <T> List<Happening> of(
            List<T> changes, Function<T, Instant> at, @Nullable Instant end, Predicate<T> isLast, Shape<T> shape) {
        List<Happening> spells = new ArrayList<>(changes.size());
        for (int i = 0; i < changes.size(); i++) {
            T change = changes.get(i);
            Instant next = i + 1 < changes.size() ? at.apply(changes.get(i + 1)) : end;
            spells.add(shape.of(change, next == null && isLast.test(change) ? at.apply(change) : next));
        }
        return spells;
    }
}
