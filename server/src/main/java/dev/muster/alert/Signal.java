package dev.muster.alert;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What one source says about one thing that is, or was, wrong. Two signals with the same labels are about the same alert.
 *
 * @param labels tell what it is about, {@value #NAME} always among them; see the constants for those with a meaning of their own
 * @param annotations text for people: {@code summary}, {@code description}, {@code runbook_url}; not part of the identity
 * @param startsAt since when, by the source
 * @param endsAt when it was over; empty while it goes on
 * @param origin path or URL of what says so: a rule, an SLO, the page of a Prometheus
 */
public record Signal(
        SortedMap<String, String> labels,
        Map<String, String> annotations,
        Instant startsAt,
        Optional<Instant> endsAt,
        String origin) {
    public static final String NAME = "alertname";
    /** {@code page}, {@code ticket} or {@code info}. */
    public static final String SEVERITY = "severity";

    public static final String ASSET = "asset";
    public static final String TYPE = "type";
    public static final String REGION = "region";
    public static final String SITE = "site";
    public static final String HARDWARE = "hardware";
    public static final String GATEWAY = "gateway";
    public static final String OWNER = "owner";
    public static final String RELEASE = "release";
    public static final String ROLLOUT = "rollout";
    public static final String SLO = "slo";

    public Signal {
        labels = new TreeMap<>(labels);
        annotations = Map.copyOf(annotations);
        String name = labels.get(NAME);
        if (name == null || name.isBlank()) {
            throw new IllegalArgumentException("a signal without the label '" + NAME + "': " + labels);
        }
    }

    public String name() {
        return labels.getOrDefault(NAME, "");
    }
}
