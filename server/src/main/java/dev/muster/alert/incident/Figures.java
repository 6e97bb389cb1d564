package dev.muster.alert.incident;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * How incidents of a time went: mean times from the first sign (M5 is the one to the close), and how many closed without a person.
 *
 * @param opened those that are open now
 * @param meanSecondsToClose null when none was closed, as are the others
 * @param withoutPerson share of the closed ones, 0 to 1
 */
record Figures(
        int opened,
        int closed,
        @Nullable Long meanSecondsToDetect,
        @Nullable Long meanSecondsToMitigate,
        @Nullable Long meanSecondsToClose,
        @Nullable Double withoutPerson,
        List<OfClass> classes) {

    /** @param name of the alert that opened them */
    record OfClass(String name, int closed, int withoutPerson, double share, long meanSecondsToClose) {}

    static Figures of(int open, List<Incident> closed) {
        Map<String, List<Incident>> byClass = new TreeMap<>();
        closed.forEach(
                is -> byClass.computeIfAbsent(is.type(), _ -> new ArrayList<>()).add(is));
        List<OfClass> classes = byClass.entrySet().stream()
                .map(each -> new OfClass(
                        each.getKey(),
                        each.getValue().size(),
                        alone(each.getValue()),
                        (double) alone(each.getValue()) / each.getValue().size(),
                        orZero(mean(each.getValue(), is -> is.times().resolved()))))
                .toList();
        return new Figures(
                open,
                closed.size(),
                mean(closed, is -> is.times().detected()),
                mean(closed, is -> is.times().mitigated()),
                mean(closed, is -> is.times().resolved()),
                closed.isEmpty() ? null : (double) alone(closed) / closed.size(),
                classes);
    }

    private static int alone(List<Incident> closed) {
        return (int) closed.stream().filter(is -> !is.byPerson()).count();
    }

    private static long orZero(@Nullable Long value) {
        return value == null ? 0 : value;
    }

    private static @Nullable Long mean(List<Incident> closed, Function<Incident, @Nullable Instant> until) {
        long sum = 0;
        int count = 0;
        for (Incident is : closed) {
            Instant at = until.apply(is);
            if (at != null) {
                sum += Duration.between(is.times().evidence(), at).toSeconds();
                count++;
            }
        }
        return count == 0 ? null : sum / count;
    }
}
