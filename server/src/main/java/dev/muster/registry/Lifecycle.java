package dev.muster.registry;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Where an asset is in its life.
 *
 * <pre>
 * registered → provisioned → active ⇄ maintenance
 *     (any of these three) ⇄ quarantined
 *     (any)                → retired   (and back to registered by a restore alone)
 * </pre>
 */
public enum Lifecycle {
    /** Known by id; has no credential yet. */
    REGISTERED,
    /** Has a credential; not in service. */
    PROVISIONED,
    /** In service. */
    ACTIVE,
    /** Taken out of service for planned work. */
    MAINTENANCE,
    /** Cut off because it is not trusted. */
    QUARANTINED,
    /** Out of the fleet for good; kept for history. */
    RETIRED;

    private static final Map<String, Lifecycle> BY_WIRE =
            Arrays.stream(values()).collect(Collectors.toUnmodifiableMap(Lifecycle::wire, Function.identity()));

    private final String wire = name().toLowerCase(Locale.ROOT);

    /** The states that a change of the asset may bring after this one; a state never follows itself. */
    public Set<Lifecycle> next() {
        return switch (this) {
            case REGISTERED -> EnumSet.of(PROVISIONED, ACTIVE, QUARANTINED, RETIRED);
            case PROVISIONED -> EnumSet.of(ACTIVE, MAINTENANCE, QUARANTINED, RETIRED);
            case ACTIVE -> EnumSet.of(MAINTENANCE, QUARANTINED, RETIRED);
            case MAINTENANCE -> EnumSet.of(ACTIVE, QUARANTINED, RETIRED);
            case QUARANTINED -> EnumSet.of(PROVISIONED, ACTIVE, MAINTENANCE, RETIRED);
            case RETIRED -> EnumSet.noneOf(Lifecycle.class);
        };
    }

    /** Leaving quarantine undoes a safety decision, so it is for administrators. */
    public boolean leavingNeedsAdministrator() {
        return this == QUARANTINED;
    }

    public String wire() {
        return wire;
    }

    public static Optional<Lifecycle> ofWire(String text) {
        return Optional.ofNullable(BY_WIRE.get(text));
    }
}
