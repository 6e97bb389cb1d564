package dev.muster.runbook;

import dev.muster.alert.Signal;
import dev.muster.platform.config.Settings;
import dev.muster.platform.event.LogFollower;
import dev.muster.platform.event.LoggedEvent;
import dev.muster.platform.lease.Lease;
import dev.muster.runbook.RunDriver.Left;
import dev.muster.runbook.RunStarts.Cause;
import dev.muster.runbook.RunbookEngine.Stepped;
import dev.muster.runbook.RunbookStore.Stored;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/**
 * Starts runbooks for alerts and by their schedules, and takes runs further; of all servers the one that holds the lease, which every
 * write asks for. An alert that pages starts its runbooks through its incident, so that the run belongs to it.
 */
@Component
class RunbookWorker extends LogFollower {
    private static final Duration PAUSE = Duration.ofMillis(500);
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);
    private static final Duration SCHEDULES = Duration.ofSeconds(15);
    private static final Duration CRASHES = Duration.ofSeconds(30);
    private static final int FORGOTTEN_AT_ONCE = 100;
    private static final int EVENTS_AT_ONCE = 200;
    private static final int RUNS_AT_ONCE = 100;
    private static final int TURNS_AT_ONCE = 20;

    private final RunbookStore store;
    private final Runbooks runbooks;
    private final RunStarts starts;
    private final Runs runs;
    private final Hands hands;
    private final RolloutAlarms alarms;
    private final CrashLoops crashes;
    private final Duration keep;
    private final Clock clock;
    private Instant schedulesDue = Instant.MIN;
    private Instant crashesDue = Instant.MIN;

    RunbookWorker(
            Ground ground,
            RunbookStore store,
            Runbooks runbooks,
            RunStarts starts,
            Runs runs,
            FleetHands hands,
            RolloutAlarms alarms,
            CrashLoops crashes,
            Settings settings,
            Clock clock) {
        super(ground, "runbooks", PAUSE, EVENTS_AT_ONCE);
        this.store = store;
        this.runbooks = runbooks;
        this.starts = starts;
        this.runs = runs;
        this.hands = hands;
        this.alarms = alarms;
        this.crashes = crashes;
        this.keep = settings.get(RunbookSettings.RETENTION);
        this.clock = clock;
    }

    @Override
    protected boolean besides(Lease lease) {
        schedules(lease);
        crashes(lease);
        return advance(lease);
    }

    @Override
    protected void take(LoggedEvent event) {
        alarms.take(event);
        JsonNode data = event.data();
        switch (event.type()) {
            case "alert.firing" -> {
                store.alertBack(data.path("fingerprint").asString(""));
                String severity = data.path("severity")
                        .asString(data.path("labels").path(Signal.SEVERITY).asString(""));
                if (!severity.equals("page")) {
                    started(data, null);
                }
            }
            case "alert.resolved" -> store.alertOver(data.path("fingerprint").asString(""));
            case "incident.opened", "incident.updated", "incident.reopened" -> {
                if (data.path("alert").isObject()) {
                    started(data.path("alert"), data.path("number").asLong());
                }
            }
            default -> {}
        }
    }

    private void started(JsonNode alert, @Nullable Long incident) {
        Map<String, String> labels = new TreeMap<>();
        alert.path("labels").forEachEntry((name, value) -> labels.put(name, value.asString("")));
        String fingerprint = alert.path("fingerprint").asString("");
        if (labels.isEmpty() || fingerprint.isEmpty()) {
            return;
        }
        for (Stored stored : store.page(null, Runbooks.MOST)) {
            if (runbooks.isStartedBy(stored, labels)) {
                starts.startByItself(
                        stored.name(),
                        new Cause(
                                "alert",
                                "alert " + labels.getOrDefault(Signal.NAME, fingerprint),
                                labels,
                                fingerprint,
                                incident,
                                Map.of(),
                                null,
                                null,
                                0));
            }
        }
    }

    private void schedules(Lease lease) {
        Instant now = clock.instant();
        if (now.isBefore(schedulesDue)) {
            return;
        }
        schedulesDue = now.plus(SCHEDULES);
        fenced(lease, () -> {
            alarms.heardAgain(now);
            int ignored = store.forget(now.minus(keep), FORGOTTEN_AT_ONCE);
        });
        for (Stored stored : store.page(null, Runbooks.MOST)) {
            Duration every = runbooks.every(stored);
            Instant last = stored.scheduledAt() == null ? stored.updated() : stored.scheduledAt();
            if (every != null && !last.plus(every).isAfter(now)) {
                fenced(lease, () -> {
                    store.scheduled(stored.name(), now);
                    starts.startByItself(
                            stored.name(),
                            new Cause("schedule", "its schedule", Map.of(), null, null, Map.of(), null, null, 0));
                });
            }
        }
    }

    private void crashes(Lease lease) {
        Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        if (!now.isBefore(crashesDue)) {
            crashesDue = now.plus(CRASHES);
            List<Signal> found = crashes.look(now);
            if (!found.isEmpty()) {
                fenced(lease, () -> alarms.say(found));
            }
        }
    }

    /** @return whether there is more to do at once */
    private boolean advance(Lease lease) {
        RunDriver driver = new RunDriver(new RunbookEngine(), log(lease), hands, clock);
        for (String id : store.due(clock.instant(), RUNS_AT_ONCE)) {
            for (int turn = 0; turn < TURNS_AT_ONCE; turn++) {
                Left left = driver.turn(id);
                if (left == Left.BREATHES) {
                    return true; // the lease is renewed before the next call outside
                }
                if (left != Left.MORE) {
                    if (left == Left.WAITS) {
                        store.lookAt(id, clock.instant().plus(LOOK_AGAIN));
                    }
                    break;
                }
            }
        }
        return false;
    }

    private RunDriver.Log log(Lease lease) {
        return new RunDriver.Log() {
            @Override
            public Run load(String id) {
                return store.run(id).orElseThrow(() -> new IllegalStateException("run " + id + " is gone"));
            }

            @Override
            public boolean isAsLoaded(Run run) {
                return store.lockRun(run.id()).filter(now -> now.isSaidAs(run)).isPresent();
            }

            @Override
            public void write(Stepped stepped) {
                fenced(lease, () -> runs.write(stepped));
            }

            @Override
            public void together(Runnable work) {
                fenced(lease, work);
            }
        };
    }
}
