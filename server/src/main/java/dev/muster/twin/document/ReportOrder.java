package dev.muster.twin.document;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a report is newer than the known one. Reports arrive again, late from a backlog, and with clocks that are
 * wrong; the order of the journal alone does not say which the asset sent last.
 */
public final class ReportOrder {
    /** How far a clock may be ahead before its times are not believed. */
    public static final long CLOCK_TOLERANCE_MILLIS = 5 * 60_000;
    /** Boots that are remembered, so that a late report of one of them is known as late. */
    public static final int MAX_PAST_BOOTS = 8;

    private ReportOrder() {}

    /**
     * A report's place.
     *
     * @param offset in the journal
     * @param ts by the asset's clock, milliseconds since the epoch
     * @param received by ours
     */
    public record Place(
            long offset,
            @Nullable Long generation,
            @Nullable Long ts,
            long received,
            @Nullable String bootId) {}

    /** Why a report is not taken, {@code repeated} is one that was taken before. */
    public enum Stale {
        REPEATED,
        OLDER_BOOT,
        OLDER_GENERATION,
        OLDER_TIME
    }

    /** Why {@code next} is not newer than {@code known}; empty when it is. */
    public static Optional<Stale> problem(Place known, List<String> pastBoots, Place next) {
        // A journal that was lost begins at 0 again: what is received later is no replay.
        if (next.offset() <= known.offset() && next.received() <= known.received()) {
            return Optional.of(Stale.REPEATED);
        }
        String boot = next.bootId();
        if (boot != null && known.bootId() != null && !boot.equals(known.bootId())) {
            return pastBoots.contains(boot) ? Optional.of(Stale.OLDER_BOOT) : Optional.empty();
        }
        if (next.generation() != null && known.generation() != null) {
            int order = Long.compare(next.generation(), known.generation());
            if (order != 0) {
                return order < 0 ? Optional.of(Stale.OLDER_GENERATION) : Optional.empty();
            }
        }
        if (next.ts() == null || known.ts() == null || next.ts() >= known.ts()) {
            return Optional.empty();
        }
        // A clock that was ahead and has been set right would keep the asset silent until it catches up.
        boolean knownFromTheFuture = known.ts() > known.received() + CLOCK_TOLERANCE_MILLIS;
        return knownFromTheFuture ? Optional.empty() : Optional.of(Stale.OLDER_TIME);
    }
}
