package dev.muster.alert.incident;

import dev.muster.alert.AlertSettings;
import dev.muster.alert.Signal;
import dev.muster.platform.config.Settings;
import dev.muster.platform.event.EventLog;
import dev.muster.platform.event.LoggedEvent;
import dev.muster.platform.id.Ids;
import dev.muster.platform.lease.Lease;
import dev.muster.platform.lease.LeasedWorker;
import dev.muster.platform.lease.Leases;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Follows the event log, and makes incidents of alerts that page. What it read and what came of it are one transaction: killed
 * anywhere, no alert is lost and none opens two incidents.
 */
@Component
class IncidentFollower implements SmartLifecycle {
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
            "assets.imported");

    private final EventLog events;
    private final IncidentStore store;
    private final IncidentService incidents;
    private final Leases leases;
    private final String holder;
    private final Duration keep;
    private final Clock clock;
    private final TransactionTemplate transaction;
    private volatile @Nullable LeasedWorker worker;
    private Instant cleaningDue = Instant.MIN;

    IncidentFollower(
            EventLog events,
            IncidentStore store,
            IncidentService incidents,
            Leases leases,
            Ids ids,
            Settings settings,
            Clock clock,
            PlatformTransactionManager transactions) {
        this.events = events;
        this.store = store;
        this.incidents = incidents;
        this.leases = leases;
        this.holder = "incidents-" + ids.next();
        this.keep = settings.get(AlertSettings.INCIDENT_RETENTION);
        this.clock = clock;
        this.transaction = new TransactionTemplate(transactions);
    }

    @Override
    public void start() {
        worker = new LeasedWorker(leases, "incidents", holder, PAUSE, this::round);
    }

    @Override
    public void stop() {
        LeasedWorker running = worker;
        worker = null;
        if (running != null) {
            running.close();
        }
    }

    @Override
    public boolean isRunning() {
        return worker != null;
    }

    private boolean round(Lease lease) {
        clean(lease);
        return follow(lease) == AT_ONCE;
    }

    /** @return how many entries were read */
    int follow(Lease lease) {
        Integer read = transaction.execute(status -> {
            leases.requireHeld(lease);
            List<LoggedEvent> found = events.after(store.position(), AT_ONCE);
            found.forEach(this::take);
            if (!found.isEmpty()) {
                store.position(found.getLast().position());
            }
            return found.size();
        });
        return read == null ? 0 : read;
    }

    private void take(LoggedEvent event) {
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

    private static Causes.Change change(LoggedEvent event) {
        String what = event.type().substring(event.type().indexOf('.') + 1).replace('_', ' ');
        String reason = event.data().path("reason").asString("");
        String text = event.subject() + " " + what + (reason.isEmpty() ? "" : " (" + reason + ")");
        return new Causes.Change(
                event.at(), event.type(), event.subject(), text.substring(0, Math.min(text.length(), MAX_TEXT)));
    }

    void clean(Lease lease) {
        Instant now = clock.instant();
        if (now.isBefore(cleaningDue)) {
            return;
        }
        transaction.executeWithoutResult(status -> {
            leases.requireHeld(lease);
            int changes = store.forgetChanges(now.minus(KEEP_CHANGES), FORGOTTEN_AT_ONCE);
            int resolved = store.forget(keep, now, INCIDENTS_AT_ONCE);
            boolean more = changes == FORGOTTEN_AT_ONCE || resolved == INCIDENTS_AT_ONCE;
            cleaningDue = now.plus(more ? CLEANING_ON : CLEANING);
        });
    }
}
