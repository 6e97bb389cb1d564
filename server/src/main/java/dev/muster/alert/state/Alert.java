package dev.muster.alert.state;

import dev.muster.alert.Fingerprint;
import dev.muster.alert.Signal;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one set of labels that was said to be wrong.
 *
 * @param fingerprint of the labels
 * @param source that says so last, such as {@code rule/hot}
 * @param since when it came to its state
 * @param startsAt since when it is wrong, by the source; of the present or the last time
 * @param expiresAt when it is over unless it is said again; null when its source will say so
 * @param lastWrong when it was last said to be wrong
 * @param unknownSince since when its source cannot tell; it fires on
 * @param recentStarts when it began to fire lately, the newest last; see {@link AlertEngine#FLAPPING}
 * @param evidence what its source looked at
 */
public record Alert(
        String fingerprint,
        SortedMap<String, String> labels,
        Map<String, String> annotations,
        String source,
        String origin,
        AlertState state,
        Instant since,
        Instant startsAt,
        @Nullable Instant endsAt,
        @Nullable Instant expiresAt,
        Instant lastWrong,
        @Nullable Instant unknownSince,
        List<Instant> recentStarts,
        @Nullable Acknowledgement acknowledgement,
        @Nullable Cause cause,
        Map<String, Object> evidence) {
    public static final String PAGE = "page";
    public static final String TICKET = "ticket";

    public Alert {
        labels = new TreeMap<>(labels);
        annotations = Map.copyOf(annotations);
        recentStarts = List.copyOf(recentStarts);
        evidence = Map.copyOf(evidence);
    }

    public String name() {
        return labels.getOrDefault(Signal.NAME, "");
    }

    /** {@code page}, {@code ticket} or {@code info}; {@code ticket} when it says nothing. Those of other systems are translated. */
    public String severity() {
        return switch (labels.getOrDefault(Signal.SEVERITY, TICKET)) {
            case PAGE, "critical", "error" -> PAGE;
            case "info", "none" -> "info";
            default -> TICKET;
        };
    }

    public boolean isFiring() {
        return state == AlertState.FIRING;
    }

    public Optional<Acknowledgement> acknowledged() {
        return Optional.ofNullable(acknowledgement);
    }

    /** {@code summary}, or its name. */
    public String summary() {
        return annotations.getOrDefault("summary", name());
    }

    Alert in(AlertState next, Instant at) {
        return new Alert(
                fingerprint,
                labels,
                annotations,
                source,
                origin,
                next,
                at,
                startsAt,
                next == AlertState.RESOLVED ? at : null,
                expiresAt,
                lastWrong,
                null,
                recentStarts,
                next == AlertState.RESOLVED ? null : acknowledgement,
                cause,
                evidence);
    }

    Alert acknowledged(Acknowledgement by) {
        return new Alert(
                fingerprint,
                labels,
                annotations,
                source,
                origin,
                state,
                since,
                startsAt,
                endsAt,
                expiresAt,
                lastWrong,
                unknownSince,
                recentStarts,
                by,
                cause,
                evidence);
    }

    Alert unknown(@Nullable Instant from) {
        return new Alert(
                fingerprint,
                labels,
                annotations,
                source,
                origin,
                state,
                since,
                startsAt,
                endsAt,
                expiresAt,
                lastWrong,
                from,
                recentStarts,
                acknowledgement,
                cause,
                evidence);
    }

    Alert started(Instant at, List<Instant> starts) {
        return new Alert(
                fingerprint,
                labels,
                annotations,
                source,
                origin,
                AlertState.FIRING,
                at,
                startsAt,
                null,
                expiresAt,
                lastWrong,
                null,
                starts,
                null,
                cause,
                evidence);
    }

    /** As its source says it now, in the state that it has. */
    static Alert said(String source, Observation observation, @Nullable Alert before, AlertState state, Instant since) {
        Signal signal = observation.signal();
        Alert open = before == null || before.state() == AlertState.RESOLVED ? null : before;
        return new Alert(
                Fingerprint.of(signal.labels()),
                signal.labels(),
                signal.annotations(),
                source,
                signal.origin(),
                state,
                since,
                open != null && open.startsAt().isBefore(signal.startsAt()) ? open.startsAt() : signal.startsAt(),
                null,
                signal.endsAt().orElse(null),
                observation.at(),
                null,
                before == null ? List.of() : before.recentStarts(),
                open == null ? null : open.acknowledgement(),
                observation.cause(),
                observation.evidence());
    }
}
