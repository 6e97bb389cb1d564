package dev.muster.alert.incident;

import dev.muster.alert.incident.Entry.Kind;
import dev.muster.alert.incident.Incident.Times;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** What becomes of an incident: given where it stands and what happens, where it stands then and what its timeline says. */
final class IncidentEngine {
    private IncidentEngine() {}

    /** What came of it. */
    sealed interface Answer {
        record Done(Incident incident, List<Entry> entries) implements Answer {}

        /** @param why as a sentence goes on after the incident's name */
        record Refused(String why) implements Answer {}
    }

    /** @param about selector of the assets that the alert is about, none for an empty one */
    static Answer.Done opened(long number, AlertFact alert, String owner, List<String> about, Instant now) {
        Times times = new Times(alert.startsAt(), now, null, null, null, null);
        Incident incident = new Incident(
                number,
                alert.summary(),
                Severity.CRITICAL,
                State.OPEN,
                alert.name(),
                owner,
                Who.SYSTEM.name(),
                times,
                null,
                null,
                null,
                false,
                0,
                about,
                0,
                List.of(),
                now);
        return new Answer.Done(
                incident,
                List.of(
                        system(alert.startsAt(), Kind.EVIDENCE, "the first sign: " + alert.summary()),
                        system(
                                now,
                                Kind.DETECTED,
                                "alert " + alert.name() + " fires, " + seconds(Duration.between(alert.startsAt(), now))
                                        + " after the first sign")));
    }

    static Answer.Done opened(
            long number, String title, Severity severity, String owner, List<String> about, Who who, Instant now) {
        Incident incident = new Incident(
                number,
                title,
                severity,
                State.OPEN,
                Incident.MANUAL,
                owner,
                who.name(),
                new Times(now, now, null, null, null, null),
                null,
                null,
                null,
                who.person(),
                0,
                about,
                0,
                List.of(),
                now);
        return new Answer.Done(
                incident, List.of(new Entry(now, Kind.DETECTED, who.name(), "opened by hand: " + title)));
    }

    /** Another alert of it fires, or one fires again. @param why what ties it to this incident */
    static Answer.Done joined(Incident is, AlertFact alert, boolean again, String why, Instant now) {
        Times times = alert.startsAt().isBefore(is.times().evidence())
                ? is.times().withEvidence(alert.startsAt())
                : is.times();
        // An alert that comes back is proof that it was not mended.
        Incident next = is.at(times, now).by(is.acknowledgedBy(), null, is.resolvedBy(), is.byPerson(), is.reopened());
        if (is.state() == State.MITIGATED) {
            State before = is.acknowledgedBy() == null ? State.OPEN : State.ACKNOWLEDGED;
            next = next.in(before, times.withMitigated(null), now);
        }
        String text = "alert " + alert.name() + (again ? " fires again: " : " joins (" + why + "): ") + alert.summary();
        return new Answer.Done(next, List.of(system(now, Kind.ALERT, text)));
    }

    /** One of its alerts is over. @param firing how many of them still fire */
    static Answer.Done calmed(Incident is, AlertFact alert, int firing, Instant now) {
        List<Entry> entries = new ArrayList<>();
        entries.add(system(
                now,
                Kind.ALERT,
                "alert " + alert.name() + " is over"
                        + (firing == 0 ? "; none fires any more" : "; " + firing + " still fire")));
        if (firing > 0 || !is.isOpen()) {
            return new Answer.Done(is.at(is.times(), now), entries);
        }
        String fixedBy = is.fixedBy();
        if (fixedBy != null) {
            return closed(is, new Who(fixedBy, false), "all alerts are over", entries, now);
        }
        if (is.state() != State.MITIGATED) {
            entries.add(system(
                    now,
                    Kind.MITIGATED,
                    "no alert fires any more; it stays open until somebody, or a runbook, says why"));
            return new Answer.Done(is.in(State.MITIGATED, is.times().withMitigated(now), now), entries);
        }
        return new Answer.Done(is.at(is.times(), now), entries);
    }

    static Answer.Done notified(Incident is, String text, Instant at) {
        Times times = is.times().notified() == null ? is.times().withNotified(at) : is.times();
        return new Answer.Done(is.at(times, at), List.of(system(at, Kind.NOTIFIED, text)));
    }

    static Answer acknowledged(Incident is, Who who, Instant now) {
        return switch (is.state()) {
            case OPEN -> {
                String owner = is.owner().isEmpty() && who.person() ? who.name() : is.owner();
                Incident next = is.of(owner, is.severity(), now)
                        .in(State.ACKNOWLEDGED, is.times().withAcknowledged(now), now)
                        .by(who.name(), is.fixedBy(), is.resolvedBy(), is.byPerson() || who.person(), is.reopened());
                yield new Answer.Done(next, List.of(new Entry(now, Kind.ACKNOWLEDGED, who.name(), "acknowledged")));
            }
            // A runbook may have taken it, or its alerts have ended by themselves: whoever says so now is its owner.
            case ACKNOWLEDGED, MITIGATED ->
                is.owner().isEmpty() && who.person() ? taken(is, who, now) : new Answer.Done(is, List.of());
            case RESOLVED -> new Answer.Refused("is resolved; reopen it first");
        };
    }

    private static Answer taken(Incident is, Who who, Instant now) {
        boolean first = is.acknowledgedBy() == null;
        Times times = is.times().acknowledged() == null ? is.times().withAcknowledged(now) : is.times();
        Incident next = is.of(who.name(), is.severity(), now)
                .at(times, now)
                .by(first ? who.name() : is.acknowledgedBy(), is.fixedBy(), is.resolvedBy(), true, is.reopened());
        return new Answer.Done(
                next, List.of(new Entry(now, Kind.ACKNOWLEDGED, who.name(), "belongs to " + who.name())));
    }

    static Answer mitigated(Incident is, Who who, String reason, Instant now) {
        return switch (is.state()) {
            case OPEN, ACKNOWLEDGED ->
                new Answer.Done(
                        is.in(State.MITIGATED, is.times().withMitigated(now), now)
                                .touchedBy(who.person()),
                        List.of(new Entry(now, Kind.MITIGATED, who.name(), said("mitigated", reason))));
            case MITIGATED -> new Answer.Done(is, List.of());
            case RESOLVED -> new Answer.Refused("is resolved; reopen it first");
        };
    }

    /**
     * Somebody says that it is mended. While alerts fire a runbook has to wait for them, and a person has to insist.
     *
     * @param firing how many of its alerts fire
     * @param insists although alerts fire
     */
    static Answer resolved(Incident is, Who who, String reason, int firing, boolean insists, Instant now) {
        if (!is.isOpen()) {
            return new Answer.Done(is, List.of());
        }
        if (firing == 0 || (insists && who.person())) {
            String text = firing == 0 ? reason : said(reason, firing + " of its alerts still fire");
            return closed(is.touchedBy(who.person()), who, text, new ArrayList<>(), now);
        }
        if (who.person()) {
            return new Answer.Refused("has " + firing + " alerts that still fire; wait for their end, silence them, or"
                    + " resolve it with force");
        }
        List<Entry> entries =
                List.of(new Entry(now, Kind.MITIGATED, who.name(), said("says that it is mended", reason)));
        Incident next = is.in(State.MITIGATED, mitigatedBy(is, now), now)
                .by(is.acknowledgedBy(), who.name(), is.resolvedBy(), is.byPerson(), is.reopened());
        return new Answer.Done(next, entries);
    }

    private static Answer.Done closed(Incident is, Who who, String reason, List<Entry> entries, Instant now) {
        Times times = mitigatedBy(is, now).withResolved(now);
        Incident next = is.in(State.RESOLVED, times, now)
                .by(is.acknowledgedBy(), who.name(), who.name(), is.byPerson(), is.reopened());
        entries.add(new Entry(
                now,
                Kind.RESOLVED,
                who.name(),
                said(
                        "resolved, " + seconds(Duration.between(times.evidence(), now)) + " after the first sign",
                        reason)));
        return new Answer.Done(next, entries);
    }

    private static Times mitigatedBy(Incident is, Instant now) {
        return is.times().mitigated() == null ? is.times().withMitigated(now) : is.times();
    }

    static Answer reopened(Incident is, Who who, String reason, Instant now) {
        if (is.isOpen()) {
            return new Answer.Refused("is " + is.state().wire() + "; only a resolved one can be reopened");
        }
        State next = is.acknowledgedBy() == null ? State.OPEN : State.ACKNOWLEDGED;
        Incident again = is.in(next, is.times().withMitigated(null).withResolved(null), now)
                .by(is.acknowledgedBy(), null, null, is.byPerson() || who.person(), is.reopened() + 1);
        return new Answer.Done(again, List.of(new Entry(now, Kind.REOPENED, who.name(), said("reopened", reason))));
    }

    static Answer.Done assigned(Incident is, Who who, String owner, Severity severity, Instant now) {
        List<Entry> entries = new ArrayList<>();
        if (!owner.equals(is.owner())) {
            entries.add(new Entry(
                    now, Kind.ASSIGNED, who.name(), owner.isEmpty() ? "belongs to nobody" : "belongs to " + owner));
        }
        if (severity != is.severity()) {
            entries.add(new Entry(
                    now,
                    Kind.ASSIGNED,
                    who.name(),
                    "is " + severity.wire() + ", was " + is.severity().wire()));
        }
        return new Answer.Done(is.of(owner, severity, now).touchedBy(who.person() && !entries.isEmpty()), entries);
    }

    private static Entry system(Instant at, Kind kind, String text) {
        return new Entry(at, kind, Who.SYSTEM.name(), text);
    }

    private static String said(String what, String reason) {
        return reason.isBlank() ? what : what + ": " + reason;
    }

    /** {@code 42 s}, {@code 3 min 5 s}, {@code 2 h 10 min}. */
    static String seconds(Duration time) {
        long seconds = Math.max(0, time.toSeconds());
        if (seconds < 60) {
            return seconds + " s";
        }
        if (seconds < 3_600) {
            return seconds / 60 + " min" + (seconds % 60 == 0 ? "" : " " + seconds % 60 + " s");
        }
        return seconds / 3_600 + " h" + (seconds % 3_600 < 60 ? "" : " " + seconds % 3_600 / 60 + " min");
    }
}
