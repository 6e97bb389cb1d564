package dev.muster.alert.incident;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Something wrong that is looked after from its first sign to its end.
 *
 * @param type name of the alert that opened it, {@value #MANUAL} when a person did
 * @param owner empty when nobody
 * @param fixedBy who says that it is mended, perhaps while alerts still fire
 * @param byPerson whether a person had a hand in it
 * @param about selectors of the assets that it is about
 * @param assets how many those selected when it was last looked at
 * @param causes the most probable first
 */
public record Incident(
        long number,
        String title,
        Severity severity,
        State state,
        String type,
        String owner,
        String openedBy,
        Times times,
        @Nullable String acknowledgedBy,
        @Nullable String fixedBy,
        @Nullable String resolvedBy,
        boolean byPerson,
        int reopened,
        List<String> about,
        int assets,
        List<Cause> causes,
        Instant updated) {
    public static final String MANUAL = "manual";

    public Incident {
        about = List.copyOf(about);
        causes = List.copyOf(causes);
    }

    /**
     * When what happened.
     *
     * @param evidence the first sign
     * @param detected when Muster knew
     */
    public record Times(
            Instant evidence,
            Instant detected,
            @Nullable Instant notified,
            @Nullable Instant acknowledged,
            @Nullable Instant mitigated,
            @Nullable Instant resolved) {

        Times withEvidence(Instant at) {
            return new Times(at, detected, notified, acknowledged, mitigated, resolved);
        }

        Times withNotified(Instant at) {
            return new Times(evidence, detected, at, acknowledged, mitigated, resolved);
        }

        Times withAcknowledged(Instant at) {
            return new Times(evidence, detected, notified, at, mitigated, resolved);
        }

        Times withMitigated(@Nullable Instant at) {
            return new Times(evidence, detected, notified, acknowledged, at, resolved);
        }

        Times withResolved(@Nullable Instant at) {
            return new Times(evidence, detected, notified, acknowledged, mitigated, at);
        }
    }

    /** {@code INC-12}. */
    public String name() {
        return "INC-" + number;
    }

    public boolean isOpen() {
        return state != State.RESOLVED;
    }

    Incident in(State next, Times at, Instant now) {
        return new Incident(
                number,
                title,
                severity,
                next,
                type,
                owner,
                openedBy,
                at,
                acknowledgedBy,
                fixedBy,
                resolvedBy,
                byPerson,
                reopened,
                about,
                assets,
                causes,
                now);
    }

    Incident at(Times other, Instant now) {
        return in(state, other, now);
    }

    Incident by(
            @Nullable String acknowledged,
            @Nullable String fixed,
            @Nullable String resolved,
            boolean person,
            int again) {
        return new Incident(
                number,
                title,
                severity,
                state,
                type,
                owner,
                openedBy,
                times,
                acknowledged,
                fixed,
                resolved,
                person,
                again,
                about,
                assets,
                causes,
                updated);
    }

    Incident touchedBy(boolean person) {
        return by(acknowledgedBy, fixedBy, resolvedBy, byPerson || person, reopened);
    }

    Incident of(String newOwner, Severity newSeverity, Instant now) {
        return new Incident(
                number,
                title,
                newSeverity,
                state,
                type,
                newOwner,
                openedBy,
                times,
                acknowledgedBy,
                fixedBy,
                resolvedBy,
                byPerson,
                reopened,
                about,
                assets,
                causes,
                now);
    }

    Incident about(List<String> selectors, int selected, List<Cause> ranked) {
        return new Incident(
                number,
                title,
                severity,
                state,
                type,
                owner,
                openedBy,
                times,
                acknowledgedBy,
                fixedBy,
                resolvedBy,
                byPerson,
                reopened,
                selectors,
                selected,
                ranked,
                updated);
    }
}
