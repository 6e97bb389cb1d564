package dev.muster.alert.incident;

import dev.muster.alert.Signal;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/**
 * To which open incident an alert belongs: to one that has an alert of the same probable cause.
 *
 * <p>The labels that name a cause are asked from the strongest to the weakest. Equal values of one tie two alerts together, unless
 * a stronger one speaks against it: two gateways of one region are two incidents, and a bad release is another one than the
 * outage of the region in which it went out first.
 */
final class Ties {
    private static final List<String> STRONGEST_FIRST = List.of(
            Signal.ROLLOUT, Signal.RELEASE, Signal.GATEWAY, Signal.SITE, Signal.ASSET, Signal.REGION, Signal.HARDWARE);
    /** So many assets have the same hardware that it says something only about the same trouble. */
    private static final List<String> WEAK = List.of(Signal.HARDWARE);

    private Ties() {}

    /** An open incident with the labels of its alerts. */
    record Open(long number, List<SortedMap<String, String>> alerts) {}

    /** @param why such as {@code same release app@1.5.0} */
    record Tie(long number, String why) {}

    /** The newest incident of the strongest tie. */
    static Optional<Tie> of(SortedMap<String, String> alert, Collection<Open> open) {
        for (String label : STRONGEST_FIRST) {
            Optional<Tie> found = open.stream()
                    .sorted((a, b) -> Long.compare(b.number(), a.number()))
                    .filter(incident -> incident.alerts().stream().anyMatch(other -> ties(label, alert, other)))
                    .map(incident -> new Tie(incident.number(), "same " + label + " " + alert.get(label)))
                    .findFirst();
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    private static boolean ties(String label, SortedMap<String, String> a, SortedMap<String, String> b) {
        String value = a.get(label);
        if (value == null || value.isEmpty() || !value.equals(b.get(label))) {
            return false;
        }
        if (WEAK.contains(label) && !a.getOrDefault(Signal.NAME, "").equals(b.get(Signal.NAME))) {
            return false;
        }
        for (String stronger : STRONGEST_FIRST) {
            if (stronger.equals(label)) {
                return true;
            }
            if (speaksAgainst(stronger, a, b)) {
                return false;
            }
        }
        return true;
    }

    /** Both name one, and not the same; single assets of one region do not speak against the region. */
    private static boolean speaksAgainst(String label, SortedMap<String, String> a, SortedMap<String, String> b) {
        String one = a.get(label);
        String other = b.get(label);
        return !label.equals(Signal.ASSET) && one != null && other != null && !one.equals(other);
    }
}
