package dev.muster.alert.route;

import dev.muster.alert.match.Matcher;
import dev.muster.alert.state.Alert;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.stream.Collectors;

/** Which alerts are held back at one moment, and by what. Pure. */
public final class Muting {
    private static final String EXPLAINED_BY = "explainedBy";

    private final List<Silence> silences;
    private final List<Inhibition> inhibitions;
    private final Map<String, SortedMap<String, String>> firing;
    /** Of these, what holds others back. */
    private final Map<String, SortedMap<String, String>> sources = new HashMap<>();

    private final Instant now;

    /** @param firing labels of all that fire, by fingerprint */
    public Muting(Routing routing, List<Silence> silences, Map<String, SortedMap<String, String>> firing, Instant now) {
        this.silences =
                silences.stream().filter(silence -> silence.isActive(now)).toList();
        this.inhibitions = routing.inhibitions();
        this.firing = firing;
        this.now = now;
        firing.forEach((fingerprint, labels) -> {
            if (inhibitions.stream().anyMatch(each -> Matcher.all(each.source(), labels))) {
                sources.put(fingerprint, labels);
            }
        });
    }

    /** @param alerts all that there are */
    public static Muting among(Routing routing, List<Silence> silences, Collection<Alert> alerts, Instant now) {
        return new Muting(
                routing,
                silences,
                alerts.stream().filter(Alert::isFiring).collect(Collectors.toMap(Alert::fingerprint, Alert::labels)),
                now);
    }

    /** @param silencedBy ids of silences @param inhibitedBy fingerprints of alerts */
    public record Held(List<String> silencedBy, List<String> inhibitedBy) {
        public boolean isHeld() {
            return !silencedBy.isEmpty() || !inhibitedBy.isEmpty();
        }

        public String why() {
            List<String> parts = new ArrayList<>();
            if (!silencedBy.isEmpty()) {
                parts.add("silenced by " + String.join(", ", silencedBy));
            }
            if (!inhibitedBy.isEmpty()) {
                parts.add("held back while " + String.join(", ", inhibitedBy) + " fires");
            }
            return String.join("; ", parts);
        }
    }

    public Held of(Alert alert) {
        List<String> silenced = silences.stream()
                .filter(silence -> silence.hides(alert.labels(), now))
                .map(Silence::id)
                .toList();
        List<String> inhibited = new ArrayList<>();
        if (alert.evidence().get(EXPLAINED_BY) instanceof String cause && firing.containsKey(cause)) {
            inhibited.add(cause);
        }
        sources.forEach((fingerprint, labels) -> {
            if (!fingerprint.equals(alert.fingerprint())
                    && inhibitions.stream().anyMatch(each -> each.holdsBack(labels, alert.labels()))) {
                inhibited.add(fingerprint);
            }
        });
        return new Held(silenced, inhibited.stream().distinct().limit(10).toList());
    }
}
