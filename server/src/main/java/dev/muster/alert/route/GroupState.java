package dev.muster.alert.route;

import java.time.Instant;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Alerts that are told together, and what was told of them.
 *
 * @param due when it is looked at next
 * @param told fingerprints of those that the receiver was told fire
 * @param lastTold when the receiver was told something last
 * @param firstTold when it was told of what fires now for the first time; nobody escalates before
 * @param sequence of the newest notification; with the key it is what a notification is known by
 * @param escalated how many steps of the escalation were taken
 */
public record GroupState(
        String key,
        String route,
        String receiver,
        SortedMap<String, String> labels,
        Instant due,
        TreeSet<String> told,
        @Nullable Instant lastTold,
        @Nullable Instant firstTold,
        long sequence,
        int escalated) {
    public GroupState {
        labels = new TreeMap<>(labels);
        told = new TreeSet<>(told);
    }

    public static GroupState begun(
            String key, String route, String receiver, SortedMap<String, String> labels, Instant due) {
        return new GroupState(key, route, receiver, labels, due, new TreeSet<>(), null, null, 0, 0);
    }
}
