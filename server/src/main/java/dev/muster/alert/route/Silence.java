package dev.muster.alert.route;

import dev.muster.alert.match.Matcher;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Nobody is told of what matches, for a time. @param updated by a person, or when it was ended early */
public record Silence(
        String id,
        List<Matcher> matchers,
        Instant startsAt,
        Instant endsAt,
        String createdBy,
        String comment,
        Instant updated) {
    public boolean isActive(Instant now) {
        return !now.isBefore(startsAt) && now.isBefore(endsAt);
    }

    public boolean hides(Map<String, String> labels, Instant now) {
        return isActive(now) && Matcher.all(matchers, labels);
    }

    /** In Alertmanager's words. */
    public String state(Instant now) {
        return now.isBefore(startsAt) ? "pending" : now.isBefore(endsAt) ? "active" : "expired";
    }
}
