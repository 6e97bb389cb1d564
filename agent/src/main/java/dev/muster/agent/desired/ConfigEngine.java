package dev.muster.agent.desired;

import dev.muster.agent.desired.ConfigState.Phase;
import dev.muster.agent.desired.ConfigState.Trial;
import dev.muster.protocol.Uplink;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Decides which configuration an asset has, from what is wanted, what came of applying it and how the asset is since. Pure;
 * the caller stores the state of a decision, then does its action, then comes back with what came of it.
 *
 * <pre>
 *             wanted                applied           well for long enough
 *   (good) ───────────▶ APPLYING ───────────▶ CONFIRMING ───────────▶ (good := document)
 *                           │ failed              │ unwell       │ no connection
 *                           ▼                     ▼              ▼
 *   (rejected) ◀──────  RETURNING ◀───────────────┘    RETURNING_UNCONNECTED
 *        ▲   returned                                            │ returned
 *        │                       connection came back            ▼
 *        ├───────────────────────────────────────────────── DOUBTING
 *        │ tried too often                                       │ it did not
 *        └── DEFERRED ◀──────────────────────────────────────────┘
 *                │ connection: APPLYING again
 * </pre>
 *
 * <p>The connection is part of an asset's health, for a configuration that cuts it cannot be taken back by the server. A
 * server that is away at that moment must not discredit a configuration, therefore DOUBTING and DEFERRED.
 */
public final class ConfigEngine {
    private ConfigEngine() {}

    /**
     * @param confirm for how long the asset must be well with a new configuration
     * @param patience for how long a lost connection may stay away
     * @param maxStarts of the agent within one trial
     * @param maxTries of a configuration during which the connection stayed away
     */
    public record Bounds(Duration confirm, Duration patience, int maxStarts, int maxTries) {}

    public record Decision(ConfigState state, Action action) {}

    public sealed interface Action {
        /** Put this document's configuration into effect, then say {@link #applied}. */
        record Apply(DesiredDocument document) implements Action {}

        /** Look at the asset from time to time, and say {@link #watched}. */
        record Watch() implements Action {}

        record Nothing() implements Action {}
    }

    /**
     * @param since the last applying
     * @param wasConnected at that moment
     * @param unwell what was well before and is not any more, in words
     * @param settled whether it is known how everything is
     */
    public record Seen(Duration since, boolean wasConnected, boolean connected, List<String> unwell, boolean settled) {}

    /** The agent starts: what it was at is done again, for nobody knows how far it came. */
    public static Decision started(ConfigState state, Bounds bounds) {
        Trial trial = state.trial();
        if (trial == null) {
            return apply(state, null, state.good());
        }
        return switch (trial.phase()) {
            case APPLYING, CONFIRMING -> startedWithin(state, trial, bounds);
            case RETURNING, RETURNING_UNCONNECTED, DEFERRED -> apply(state, trial, state.good());
            case DOUBTING -> apply(state, trial.in(Phase.RETURNING_UNCONNECTED), state.good());
        };
    }

    private static Decision startedWithin(ConfigState state, Trial trial, Bounds bounds) {
        if (trial.starts() >= bounds.maxStarts()) {
            String why = "the agent was started " + trial.starts() + " times while it was tried";
            return apply(state, trial.givenUp(Phase.RETURNING, why), state.good());
        }
        Trial again = new Trial(trial.document(), Phase.APPLYING, trial.starts() + 1, trial.tries(), null);
        return apply(state, again, trial.document());
    }

    /** @param problems why its configuration cannot be applied; empty when it can be */
    public static Decision wanted(ConfigState state, DesiredDocument document, List<String> problems) {
        if (document.generation() <= state.newest()) {
            return unchanged(state);
        }
        if (!problems.isEmpty()) {
            return unusable(state, document.generation(), String.join("; ", problems));
        }
        if (state.trial() == null && document.config().equals(state.good().config())) {
            // Nothing to be tried, yet something on the asset may have changed: the server asks for all of it again.
            return new Decision(new ConfigState(document, null, state.rejected()), new Action.Apply(document));
        }
        return apply(state, new Trial(document, Phase.APPLYING, 0, 1, null), document);
    }

    /** A document that is known by its generation only, and is of no use. */
    public static Decision unusable(ConfigState state, long generation, String reason) {
        if (generation <= state.newest()) {
            return unchanged(state);
        }
        return new Decision(
                new ConfigState(state.good(), state.trial(), rejected(generation, reason)), actionOf(state));
    }

    /** @param failure what went wrong in applying; empty when nothing did */
    public static Decision applied(ConfigState state, Optional<String> failure) {
        Trial trial = state.trial();
        if (trial == null) {
            return unchanged(state);
        }
        return switch (trial.phase()) {
            case APPLYING ->
                failure.isPresent()
                        ? apply(state, trial.givenUp(Phase.RETURNING, failure.get()), state.good())
                        : watch(state, trial.in(Phase.CONFIRMING));
            case RETURNING ->
                rejected(
                        state,
                        trial,
                        why(trial) + failure.map(ConfigEngine::notBack).orElse(""));
            case RETURNING_UNCONNECTED ->
                failure.isPresent()
                        ? rejected(state, trial, why(trial) + notBack(failure.get()))
                        : watch(state, trial.in(Phase.DOUBTING));
            case CONFIRMING, DOUBTING, DEFERRED -> watch(state, trial);
        };
    }

    public static Decision watched(ConfigState state, Seen seen, Bounds bounds) {
        Trial trial = state.trial();
        if (trial == null) {
            return unchanged(state);
        }
        return switch (trial.phase()) {
            case CONFIRMING -> confirming(state, trial, seen, bounds);
            case DOUBTING -> doubting(state, trial, seen, bounds);
            case DEFERRED -> deferred(state, trial, seen, bounds);
            case APPLYING, RETURNING, RETURNING_UNCONNECTED -> unchanged(state);
        };
    }

    private static Decision confirming(ConfigState state, Trial trial, Seen seen, Bounds bounds) {
        if (!seen.unwell().isEmpty()) {
            String why = String.join("; ", seen.unwell());
            return apply(state, trial.givenUp(Phase.RETURNING, why), state.good());
        }
        if (seen.since().compareTo(bounds.confirm()) < 0 || !seen.settled()) {
            return watch(state, trial);
        }
        if (seen.connected() || !seen.wasConnected()) {
            return new Decision(new ConfigState(trial.document(), null, state.rejected()), new Action.Nothing());
        }
        if (seen.since().compareTo(bounds.patience()) < 0) {
            return watch(state, trial);
        }
        String why = "the connection to the server was lost and did not come back within "
                + bounds.patience().toSeconds() + " s";
        return apply(state, trial.givenUp(Phase.RETURNING_UNCONNECTED, why), state.good());
    }

    private static Decision doubting(ConfigState state, Trial trial, Seen seen, Bounds bounds) {
        if (seen.connected()) {
            return rejected(state, trial, why(trial) + ", and came back with the last good configuration");
        }
        return watch(state, seen.since().compareTo(bounds.patience()) < 0 ? trial : trial.in(Phase.DEFERRED));
    }

    private static Decision deferred(ConfigState state, Trial trial, Seen seen, Bounds bounds) {
        if (!seen.connected()) {
            return watch(state, trial);
        }
        if (trial.tries() >= bounds.maxTries()) {
            return rejected(state, trial, why(trial) + ", " + trial.tries() + " times");
        }
        Trial again = new Trial(trial.document(), Phase.APPLYING, 0, trial.tries() + 1, null);
        return apply(state, again, trial.document());
    }

    private static Decision apply(ConfigState state, @Nullable Trial trial, DesiredDocument document) {
        return new Decision(new ConfigState(state.good(), trial, state.rejected()), new Action.Apply(document));
    }

    private static Decision watch(ConfigState state, Trial trial) {
        return new Decision(new ConfigState(state.good(), trial, state.rejected()), new Action.Watch());
    }

    private static Decision rejected(ConfigState state, Trial trial, String reason) {
        Uplink.Rejected mine = rejected(trial.document().generation(), reason);
        Uplink.Rejected newer = state.rejected();
        boolean older = newer != null && newer.generation() > mine.generation();
        return new Decision(new ConfigState(state.good(), null, older ? newer : mine), new Action.Nothing());
    }

    private static Decision unchanged(ConfigState state) {
        return new Decision(state, actionOf(state));
    }

    private static Action actionOf(ConfigState state) {
        Trial trial = state.trial();
        if (trial == null) {
            return new Action.Nothing();
        }
        return switch (trial.phase()) {
            case APPLYING -> new Action.Apply(trial.document());
            case RETURNING, RETURNING_UNCONNECTED -> new Action.Apply(state.good());
            case CONFIRMING, DOUBTING, DEFERRED -> new Action.Watch();
        };
    }

    private static Uplink.Rejected rejected(long generation, String reason) {
        return new Uplink.Rejected(generation, reason.length() <= 2000 ? reason : reason.substring(0, 1999) + "…");
    }

    private static String notBack(String failure) {
        return "; going back to the last good configuration failed too: " + failure;
    }

    private static String why(Trial trial) {
        String reason = trial.reason();
        if (reason == null) {
            throw new IllegalStateException(
                    "generation " + trial.document().generation() + " is given up without a reason");
        }
        return reason;
    }
}
