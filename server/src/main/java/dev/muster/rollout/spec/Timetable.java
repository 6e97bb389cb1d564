package dev.muster.rollout.spec;

import dev.muster.registry.Asset;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * When orders to change may go out: in the window and in no blackout.
 *
 * @param window null for any time
 */
public record Timetable(@Nullable WindowSpec window, List<Blackout> blackouts) {
    public Timetable {
        blackouts =
                blackouts.stream().sorted(Comparator.comparing(Blackout::from)).toList();
    }

    /** Nothing ever closes it. */
    public boolean isAlways() {
        return window == null && blackouts.isEmpty();
    }

    /** When it opens for an asset; empty when it is open. */
    public Optional<Instant> opensLater(Asset asset, Instant now) {
        Instant opens = opens(
                now, at -> window == null ? at : window.opensLater(asset, at).orElse(at));
        return opens.isAfter(now) ? Optional.of(opens) : Optional.empty();
    }

    /** When it closes for an asset to which it is open; empty when it never does. */
    public Optional<Instant> closes(Asset asset, Instant now) {
        Optional<Instant> window = Optional.ofNullable(this.window).map(each -> each.closes(asset, now));
        Optional<Instant> blackout = blackouts.stream()
                .map(Blackout::from)
                .filter(from -> from.isAfter(now))
                .findFirst();
        return Stream.of(window, blackout).flatMap(Optional::stream).min(Comparator.naturalOrder());
    }

    /** By the clock of the zone of assets that name none. */
    public Hours hours() {
        return hours(window == null ? ZoneOffset.UTC : window.zone());
    }

    /** By the clock of a zone. */
    public Hours hours(ZoneId zone) {
        Hours usual = window == null ? Hours.ALWAYS : window.hours(zone);
        return new Hours() {
            @Override
            public Instant opens(Instant at) {
                return Timetable.this.opens(at, usual::opens);
            }

            @Override
            public Instant closes(Instant at) {
                return blackouts.stream()
                        .map(Blackout::from)
                        .filter(from -> from.isAfter(at))
                        .findFirst()
                        .filter(from -> from.isBefore(usual.closes(at)))
                        .orElseGet(() -> usual.closes(at));
            }
        };
    }

    /** A blackout ends in a closed window, a window opens in a blackout: each pushes it further, and blackouts are few. */
    private Instant opens(Instant now, UnaryOperator<Instant> window) {
        Instant opens = now;
        for (int i = 0; i <= blackouts.size(); i++) {
            Instant at = window.apply(opens);
            for (Blackout blackout : blackouts) {
                at = blackout.covers(at) ? blackout.to() : at;
            }
            if (at.equals(opens)) {
                return at;
            }
            opens = at;
        }
        return window.apply(opens);
    }
}
