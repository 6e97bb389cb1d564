package dev.muster.alert.route;

import dev.muster.alert.state.Alert;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Which alerts are held back at one moment, and by what. Pure. */
public final class Muting {
    private static final String EXPLAINED_BY = "explainedBy";

    private final List<Silence> silences;
    private final List<Inhibition> inhibitions;
    private final List<Alert> sources;
    private final Map<String, Alert> firing = new HashMap<>();
    private final Instant now;

    /** @param alerts all that fire */
    public Muting(Routing routing, List<Silence> silences, List<Alert> alerts, Instant now) {
        this.silences =
                silences.stream().filter(silence -> silence.isActive(now)).toList();
        this.inhibitions = routing.inhibitions();
        this.now = now;
        alerts.stream().filter(Alert::isFiring).forEach(alert -> firing.put(alert.fingerprint(), alert));
        this.sources = firing.values().stream()
                .filter(alert -> inhibitions.stream()
                        .anyMatch(each -> dev.muster.alert.match.Matcher.all(each.source(), alert.labels())))
                .toList();
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
        for (Alert source : sources) {
            if (!source.fingerprint().equals(alert.fingerprint())
                    && inhibitions.stream().anyMatch(each -> each.holdsBack(source.labels(), alert.labels()))) {
                inhibited.add(source.fingerprint());
            }
        }
        return new Held(silenced, inhibited.stream().distinct().limit(10).toList());
    }
}
