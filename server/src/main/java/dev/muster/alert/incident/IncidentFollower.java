package dev.muster.alert.incident;

import dev.muster.alert.AlertSettings;
import dev.muster.alert.Signal;
import dev.muster.platform.config.Settings;
import dev.muster.platform.event.LogFollower;
import dev.muster.platform.event.LoggedEvent;
import dev.muster.platform.lease.Lease;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Makes incidents of alerts that page: killed anywhere, no alert is lost and none opens two. */
@Component
class IncidentFollower extends LogFollower {
    private static final Logger LOG = LoggerFactory.getLogger(IncidentFollower.class);
    private static final Duration PAUSE = Duration.ofMillis(500);
    private static final Duration KEEP_CHANGES = Duration.ofDays(7);
    private static final Duration CLEANING = Duration.ofMinutes(10);
    private static final int AT_ONCE = 200;
    private static final Duration CLEANING_ON = Duration.ofSeconds(5);
    private static final int FORGOTTEN_AT_ONCE = 1_000;
    /** Each with up to thousands of lines. */
    private static final int INCIDENTS_AT_ONCE = 20;

    private static final int MAX_TEXT = 300;

    /** What somebody changed, and what may therefore be the cause of something. */
    private static final Set<String> CHANGES = Set.of(
            "rollout.started",
            "rollout.wave_opened",
            "rollout.promoted",
            "rollout.resumed",
            "rollout.rolling_back",
            "release.published",
            "release.withheld",
            "configuration.created",
            "configuration.updated",
            "configuration.deleted",
            "asset_type.updated",
            "runbook.updated",
            "assets.imported",
            "assets.changed");

    private final IncidentStore store;
    private final IncidentService incidents;
    private final Duration keep;
    private final Clock clock;
    private Instant cleaningDue = Instant.MIN;

    IncidentFollower(Ground ground, IncidentStore store, IncidentService incidents, Settings settings, Clock clock) {
        super(ground, "incidents", PAUSE, AT_ONCE);
        this.store = store;
        this.incidents = incidents;
        this.keep = settings.get(AlertSettings.INCIDENT_RETENTION);
        this.clock = clock;
    }

    @Override
    protected void take(LoggedEvent event) {
        switch (event.type()) {
            case "alert.firing" ->
                alert(event).filter(_ -> pages(event)).ifPresent(alert -> incidents.fired(alert, at(event)));
            case "alert.resolved" -> alert(event).ifPresent(alert -> incidents.calmed(alert, at(event)));
            case "alert.acknowledged" -> acknowledged(event);
            case "alert.notified" -> notified(event);
            default -> {
                if (CHANGES.contains(event.type())) {
                    store.addChange(event.position(), change(event));
                }
            }
        }
    }

    /** By the clock of the database, to which the times of incidents are held everywhere. */
    private static Instant at(LoggedEvent event) {
        return event.at();
    }

    private static boolean pages(LoggedEvent event) {
        String severity = event.data()
                .path("severity")
                .asString(event.data().path("labels").path(Signal.SEVERITY).asString(""));
        return severity.equals("page");
    }

    private static Optional<AlertFact> alert(LoggedEvent event) {
        Optional<AlertFact> alert = AlertFact.of(event.data(), event.at());
        if (alert.isEmpty()) {
            LOG.warn(
                    "entry {} of the event log, {}, names no alert and is passed over", event.position(), event.type());
        }
        return alert;
    }

    private void acknowledged(LoggedEvent event) {
        String by = event.data()
                .path("by")
                .asString(event.data().path("acknowledgedBy").asString("somebody"));
        alert(event)
                .flatMap(alert -> incidents.openOf(alert.fingerprint()))
                .ifPresent(is -> incidents.acknowledge(is.number(), new Who(by, true)));
    }

    private void notified(LoggedEvent event) {
        List<String> fingerprints = new ArrayList<>();
        event.data().path("fingerprints").forEach(each -> fingerprints.add(each.asString("")));
        String text = "told " + event.data().path("receiver").asString("somebody") + " by "
                + event.data().path("channel").asString("some way") + ": "
                + event.data().path("outcome").asString("sent");
        incidents.notified(fingerprints, text, at(event));
    }

    private static ProbableCauses.Change change(LoggedEvent event) {
        String what = event.type().substring(event.type().indexOf('.') + 1).replace('_', ' ');
        String reason = event.data().path("reason").asString("");
        String text = event.subject() + " " + what + (reason.isEmpty() ? "" : " (" + reason + ")");
        return new ProbableCauses.Change(
                event.at(), event.type(), event.subject(), text.substring(0, Math.min(text.length(), MAX_TEXT)));
    }

    /** Forgets old ones now and then. */
    @Override
    protected boolean besides(Lease lease) {
        Instant now = clock.instant();
        if (!now.isBefore(cleaningDue)) {
            fenced(lease, () -> {
                int changes = store.forgetChanges(now.minus(KEEP_CHANGES), FORGOTTEN_AT_ONCE);
                int resolved = store.forget(keep, now, INCIDENTS_AT_ONCE);
                boolean more = changes == FORGOTTEN_AT_ONCE || resolved == INCIDENTS_AT_ONCE;
                cleaningDue = now.plus(more ? CLEANING_ON : CLEANING);
            });
        }
        return false;
    }
}
