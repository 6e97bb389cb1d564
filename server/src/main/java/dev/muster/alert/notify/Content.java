package dev.muster.alert.notify;

import dev.muster.alert.route.GroupEngine.Notice;
import dev.muster.alert.route.GroupState;
import dev.muster.alert.state.Alert;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a receiver is told, as it was when it was decided; every attempt tells the same.
 *
 * @param key of the group
 * @param truncated how many more alerts there are than {@code alerts} holds
 */
record Content(
        String receiver,
        String why,
        String status,
        String key,
        SortedMap<String, String> groupLabels,
        List<Item> alerts,
        int truncated,
        Instant at) {
    static final int MOST = 100;

    record Item(
            String status,
            SortedMap<String, String> labels,
            Map<String, String> annotations,
            Instant startsAt,
            @Nullable Instant endsAt,
            String fingerprint,
            String severity,
            String origin) {
        static Item of(Alert alert) {
            return new Item(
                    alert.isFiring() ? "firing" : "resolved",
                    alert.labels(),
                    alert.annotations(),
                    alert.startsAt(),
                    alert.endsAt(),
                    alert.fingerprint(),
                    alert.severity(),
                    alert.origin());
        }

        String summary() {
            return annotations.getOrDefault("summary", labels.getOrDefault("alertname", ""));
        }
    }

    static Content of(GroupState group, Notice notice, Instant now) {
        List<Item> items = notice.alerts().stream().limit(MOST).map(Item::of).toList();
        return new Content(
                notice.receiver(),
                notice.why(),
                notice.isResolved() ? "resolved" : "firing",
                group.key(),
                group.labels(),
                items,
                notice.alerts().size() - items.size(),
                now);
    }

    long firing() {
        return alerts.stream().filter(alert -> alert.status().equals("firing")).count();
    }

    boolean isPage() {
        return alerts.stream().anyMatch(alert -> alert.severity().equals(Alert.PAGE));
    }

    /** One line: what, how many, of what. */
    String title() {
        String name = groupLabels.getOrDefault(
                "alertname", alerts.isEmpty() ? "" : alerts.getFirst().labels().getOrDefault("alertname", ""));
        String head = status.equals("firing") ? "[FIRING:" + firing() + "] " : "[RESOLVED] ";
        return head
                + (alerts.size() + truncated == 1
                        ? alerts.getFirst().summary()
                        : name + ": " + alerts.getFirst().summary());
    }

    /** The labels, or annotations, that all alerts have alike. */
    static SortedMap<String, String> common(List<? extends Map<String, String>> all) {
        SortedMap<String, String> common = new TreeMap<>();
        if (!all.isEmpty()) {
            all.getFirst().forEach((name, value) -> {
                if (all.stream().allMatch(each -> value.equals(each.get(name)))) {
                    common.put(name, value);
                }
            });
        }
        return common;
    }
}
