package dev.muster.alert.state;

import dev.muster.alert.Signal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a source says of one set of labels at one moment.
 *
 * @param says wrong, fine, or that it cannot tell
 * @param lasting how long it must have been wrong until somebody is told
 * @param keepFiring for how long it fires on after it was last wrong
 * @param cause what many assets have in common that this stands for
 * @param assets those that this stands for; empty for one
 * @param evidence what was looked at
 */
public record Observation(
        Signal signal,
        Instant at,
        Says says,
        Duration lasting,
        Duration keepFiring,
        @Nullable Cause cause,
        List<String> assets,
        Map<String, Object> evidence) {
    public enum Says {
        WRONG,
        FINE,
        UNKNOWN
    }

    public Observation {
        assets = List.copyOf(assets);
        evidence = Map.copyOf(evidence);
    }

    /** Of a source that is no more. */
    public static Observation over(Alert alert, Instant now) {
        Signal signal = new Signal(
                alert.labels(), alert.annotations(), alert.startsAt(), java.util.Optional.of(now), alert.origin());
        return of(signal, now);
    }

    /** Of a source that decides by itself how long is long enough. */
    static Observation of(Signal signal, Instant now) {
        boolean over = signal.endsAt().isPresent() && !signal.endsAt().get().isAfter(now);
        return new Observation(
                signal, now, over ? Says.FINE : Says.WRONG, Duration.ZERO, Duration.ZERO, null, List.of(), Map.of());
    }
}
