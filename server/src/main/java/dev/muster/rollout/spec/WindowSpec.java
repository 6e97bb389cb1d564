package dev.muster.rollout.spec;

import dev.muster.registry.Asset;
import dev.muster.window.MaintenanceWindow;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * When targets may be ordered to change.
 *
 * @param zone of those that name none
 * @param zoneLabel the label in which an asset names its own zone; null when all go by {@code zone}
 */
public record WindowSpec(
        MaintenanceWindow window, ZoneId zone, @Nullable String zoneLabel) {

    public ZoneId zoneOf(Asset asset) {
        String own = zoneLabel == null ? null : asset.labels().get(zoneLabel);
        return own == null ? zone : zone(own).orElse(zone);
    }

    /** When it opens for an asset; empty when it is open. */
    public Optional<Instant> opensLater(Asset asset, Instant now) {
        Instant opens = window.opens(now, zoneOf(asset));
        return opens.isAfter(now) ? Optional.of(opens) : Optional.empty();
    }

    /** When it closes for an asset to which it is open. */
    public Instant closes(Asset asset, Instant now) {
        return window.closes(now, zoneOf(asset));
    }

    /** By the clock of a zone. */
    Hours hours(ZoneId zone) {
        return new Hours() {
            @Override
            public Instant opens(Instant at) {
                return window.opens(at, zone);
            }

            @Override
            public Instant closes(Instant at) {
                return window.closes(at, zone);
            }
        };
    }

    static Optional<ZoneId> zone(String name) {
        try {
            return Optional.of(ZoneId.of(name));
        } catch (DateTimeException unknown) {
            return Optional.empty();
        }
    }
}
