package dev.muster.alert.incident;

import dev.muster.alert.Signal;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/**
 * An alert as an incident knows it.
 *
 * @param summary one line for people
 * @param startsAt the first sign, by whoever saw it
 */
public record AlertFact(String fingerprint, SortedMap<String, String> labels, String summary, Instant startsAt) {
    private static final int MAX_SUMMARY = 500;

    public AlertFact {
        labels = new TreeMap<>(labels);
        summary = summary.length() <= MAX_SUMMARY ? summary : summary.substring(0, MAX_SUMMARY - 1) + "…";
    }

    public String name() {
        return labels.getOrDefault(Signal.NAME, "alert");
    }

    /** Of an event {@code alert.firing}; empty when it lacks what makes it one. */
    static Optional<AlertFact> of(JsonNode data, Instant at) {
        String fingerprint = data.path("fingerprint").asString("");
        SortedMap<String, String> labels = new TreeMap<>();
        data.path("labels").forEachEntry((name, value) -> labels.put(name, value.asString("")));
        if (fingerprint.isEmpty() || !labels.containsKey(Signal.NAME)) {
            return Optional.empty();
        }
        JsonNode annotations = data.path("annotations");
        String summary = annotations
                .path("summary")
                .asString(annotations.path("description").asString(""));
        return Optional.of(new AlertFact(
                fingerprint,
                labels,
                summary.isEmpty() ? labels.toString() : summary,
                instant(data.path("startsAt").asString(""), at)));
    }

    /** Nobody sees a sign after he has told of it: a source whose clock is ahead is held back. */
    private static Instant instant(String text, Instant at) {
        try {
            Instant read = Instant.parse(text);
            return read.isAfter(at) ? at : read;
        } catch (DateTimeException unreadable) {
            return at;
        }
    }
}
