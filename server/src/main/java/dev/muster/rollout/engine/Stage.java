package dev.muster.rollout.engine;

import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Where a target stands. The order of the constants is the number by which they are stored: add at the end only. */
public enum Stage {
    PENDING,
    /** Its turn has come and something is in the way: a window, another change. */
    WAITING,
    /** The order is out; the asset has not answered it. */
    ORDERED,
    NOTIFIED,
    DOWNLOADING,
    INSTALLED,
    REBOOTING,
    /** Runs the new version after its restart; the soak is under way. */
    VERIFYING,
    SUCCEEDED,
    FAILED,
    /** Was not heard of between its order and the deadline: neither failed nor healthy. */
    UNREACHABLE,
    /** What it runs cannot be told. */
    INDETERMINATE,
    ROLLING_BACK,
    /** Runs its previous version again; the soak of that is under way. */
    CONFIRMING_BACK,
    ROLLED_BACK,
    ROLLBACK_FAILED,
    EXCLUDED,
    /** Has failed, and is on its way back to what it ran before, while the rollout goes on. */
    RETURNING,
    /** Has failed, and was not seen to run again what it ran before. */
    STRANDED,
    /** Has failed and was not heard of since it restarted, or in its soak: told to recover, by itself or by its recovery image. */
    RECOVERING,
    /** Was not heard of any more, and did not recover: it may be bricked. */
    BRICKED;

    public static final int COUNT = values().length;

    public static final Set<Stage> UNTOUCHED = setOf(PENDING, WAITING);
    public static final Set<Stage> IN_FLIGHT = setOf(ORDERED, NOTIFIED, DOWNLOADING, INSTALLED, REBOOTING, VERIFYING);
    public static final Set<Stage> FORWARD_ENDED =
            setOf(SUCCEEDED, FAILED, STRANDED, BRICKED, UNREACHABLE, INDETERMINATE);
    /** Those that a gate counts as failed, wherever they are on their way back. */
    public static final Set<Stage> FAILURES = setOf(FAILED, RETURNING, STRANDED, RECOVERING, BRICKED);
    /** Failed, and on the way back while the rollout goes on. */
    public static final Set<Stage> RETURNS = setOf(RETURNING, RECOVERING);

    public static final Set<Stage> GOING_BACK = setOf(ROLLING_BACK, CONFIRMING_BACK);
    /** A change is under way: of a component of an asset there is one such target only. */
    public static final Set<Stage> ACTIVE = union(union(IN_FLIGHT, GOING_BACK), RETURNS);

    public static final Set<Stage> TERMINAL = union(FORWARD_ENDED, setOf(ROLLED_BACK, ROLLBACK_FAILED, EXCLUDED));

    /** All of them, as they are shown: what a person has to look after comes first. */
    public static final List<Stage> TROUBLE_FIRST = Stream.concat(
                    Stream.of(ROLLBACK_FAILED, BRICKED, STRANDED, FAILED),
                    Stream.of(values())
                            .filter(stage -> !Set.of(ROLLBACK_FAILED, BRICKED, STRANDED, FAILED)
                                    .contains(stage)))
            .toList();

    private static final Stage[] BY_CODE = values();

    public int code() {
        return ordinal();
    }

    /**
     * By which stored targets are found: the stages from {@code ordered} to {@code verifying} are one lane of their rollout, so that what
     * comes between them changes no index. As the column {@code lane} of {@code rollout_target} is generated.
     */
    public long lane(int rollout) {
        return rollout * 32L + (inFlight() ? ORDERED.code() : code());
    }

    public static Stage ofCode(int code) {
        return BY_CODE[code];
    }

    public String wire() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Optional<Stage> parse(String wire) {
        for (Stage stage : BY_CODE) {
            if (stage.wire().equals(wire)) {
                return Optional.of(stage);
            }
        }
        return Optional.empty();
    }

    public boolean inFlight() {
        return IN_FLIGHT.contains(this);
    }

    public boolean terminal() {
        return TERMINAL.contains(this);
    }

    private static Set<Stage> setOf(Stage first, Stage... rest) {
        return Collections.unmodifiableSet(EnumSet.of(first, rest));
    }

    private static Set<Stage> union(Set<Stage> some, Set<Stage> others) {
        EnumSet<Stage> all = EnumSet.copyOf(some);
        all.addAll(others);
        return Collections.unmodifiableSet(all);
    }
}
