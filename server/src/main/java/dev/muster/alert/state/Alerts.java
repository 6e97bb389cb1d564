package dev.muster.alert.state;

import dev.muster.alert.AlertSettings;
import dev.muster.alert.Fingerprint;
import dev.muster.alert.Signal;
import dev.muster.alert.Signals;
import dev.muster.alert.state.AlertEngine.Change;
import dev.muster.alert.state.AlertEngine.Step;
import dev.muster.audit.AuditLog;
import dev.muster.identity.Actor;
import dev.muster.platform.config.Settings;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.platform.event.EventLog;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Keeps the state of alerts: takes what sources say, and tells of changes in the event log, in one transaction. */
@Component
public class Alerts implements Signals {
    private static final Logger LOG = LoggerFactory.getLogger(Alerts.class);
    private static final int AT_ONCE = 1_000;
    private static final int MAX_NOTE = 500;
    static final int MAX_LABELS = 64;
    static final int MAX_TEXT = 4_096;
    /** What only says the same again is written this often. */
    private static final Duration REWRITE = Duration.ofMinutes(1);

    private final AlertStore store;
    private final EventLog events;
    private final AuditLog audit;
    private final Clock clock;
    private final int maxOpen;
    private final Duration retention;
    private final Counter taken;
    private final Counter refused;
    private final TransactionTemplate transaction;

    public Alerts(
            AlertStore store,
            EventLog events,
            AuditLog audit,
            Clock clock,
            Settings settings,
            MeterRegistry meters,
            PlatformTransactionManager transactions) {
        this.store = store;
        this.events = events;
        this.audit = audit;
        this.clock = clock;
        this.maxOpen = settings.get(AlertSettings.MAX_OPEN);
        this.retention = settings.get(AlertSettings.RETENTION);
        this.taken = Counter.builder("muster.alert.signals")
                .description("What sources said of something that is wrong or was")
                .register(meters);
        this.refused = Counter.builder("muster.alert.refused")
                .description("Alerts that were not taken because alert-max-open are open")
                .register(meters);
        this.transaction = new TransactionTemplate(transactions);
    }

    @Override
    public void take(String source, Collection<Signal> signals) {
        Instant now = now();
        observe(
                source,
                signals.stream().map(signal -> Observation.of(signal, now)).toList());
    }

    /** As {@link #take}, by a source that says how long is long enough and what it looked at. */
    public void observe(String source, List<Observation> observations) {
        taken.increment(observations.size());
        for (int i = 0; i < observations.size(); i += AT_ONCE) {
            List<Observation> part = observations.subList(i, Math.min(observations.size(), i + AT_ONCE));
            transaction.executeWithoutResult(status -> observed(source, part));
        }
    }

    private void observed(String source, List<Observation> observations) {
        Map<String, Observation> byAlert = new TreeMap<>();
        observations.forEach(each -> byAlert.put(Fingerprint.of(each.signal().labels()), bounded(each)));
        Map<String, Alert> before = store.lock(byAlert.keySet());
        Room room = new Room(byAlert.size() == before.size() ? Integer.MAX_VALUE : maxOpen - store.countOpen());
        Map<String, Alert> changed = new LinkedHashMap<>();
        List<String> gone = new ArrayList<>();
        Map<Alert, Change> told = new LinkedHashMap<>();
        byAlert.forEach((fingerprint, observation) -> {
            Alert was = before.get(fingerprint);
            Step step = AlertEngine.observe(was, source, observation);
            if (step.after().isEmpty()) {
                if (was != null) {
                    gone.add(fingerprint);
                }
                return;
            }
            Alert after = step.after().get();
            if (was == null && !room.take()) {
                refused.increment();
                LOG.warn(
                        "alert {} of {} is not taken: {} alerts are open, which alert-max-open allows",
                        after.labels(),
                        source,
                        maxOpen);
                return;
            }
            if (saysMore(was, after, observation)) {
                changed.put(fingerprint, after);
            }
            if (step.change() != null) {
                told.put(after, step.change());
            }
        });
        store.save(changed.values());
        store.delete(gone);
        changed.forEach((fingerprint, alert) -> {
            List<String> assets =
                    Objects.requireNonNull(byAlert.get(fingerprint)).assets();
            if (!assets.isEmpty()) {
                store.setAssets(fingerprint, assets);
            }
        });
        told.forEach(this::tell);
    }

    private static final class Room {
        private long left;

        Room(long left) {
            this.left = left;
        }

        boolean take() {
            return left-- > 0;
        }
    }

    private static boolean saysMore(@Nullable Alert was, Alert after, Observation observation) {
        if (was == null
                || !observation.keepFiring().isZero()
                || Duration.between(was.lastWrong(), after.lastWrong()).compareTo(REWRITE) >= 0) {
            return !after.equals(was);
        }
        Alert aside = new Alert(
                after.fingerprint(),
                after.labels(),
                after.annotations(),
                after.source(),
                after.origin(),
                after.state(),
                after.since(),
                after.startsAt(),
                after.endsAt(),
                after.expiresAt(),
                was.lastWrong(),
                after.unknownSince(),
                after.recentStarts(),
                after.acknowledgement(),
                after.cause(),
                was.evidence());
        return !aside.equals(was);
    }

    /** What others send has bounds. */
    private static Observation bounded(Observation observation) {
        Map<String, String> labels = observation.signal().labels();
        boolean small = labels.size() <= MAX_LABELS
                && labels.entrySet().stream()
                        .allMatch(each -> each.getKey().length() <= MAX_TEXT
                                && each.getValue().length() <= MAX_TEXT)
                && observation.signal().annotations().size() <= MAX_LABELS
                && observation.signal().annotations().entrySet().stream()
                        .allMatch(each -> each.getKey().length() <= MAX_TEXT
                                && each.getValue().length() <= MAX_TEXT);
        if (!small) {
            throw new Refusal(
                    ErrorCode.TOO_LARGE,
                    "alert " + observation.signal().name() + " has more than " + MAX_LABELS
                            + " labels or annotations, or one of more than " + MAX_TEXT + " characters");
        }
        return observation;
    }

    /** Of alerts that were to be said again and were not; and forgets old ones. @return whether there is more */
    public boolean lapse() {
        Instant now = now();
        Boolean more = transaction.execute(status -> {
            List<String> due = store.lapsed(now, AT_ONCE);
            List<Alert> changed = new ArrayList<>();
            List<String> gone = new ArrayList<>();
            store.lock(due).forEach((fingerprint, alert) -> {
                Step step = AlertEngine.lapse(alert, now);
                step.after().ifPresentOrElse(changed::add, () -> gone.add(fingerprint));
                if (step.change() != null) {
                    tell(step.after().orElse(alert), step.change());
                }
            });
            store.save(changed);
            store.delete(gone);
            return due.size() == AT_ONCE;
        });
        store.forget(now.minus(retention));
        return Boolean.TRUE.equals(more);
    }

    /** Somebody looks after it. @throws Refusal when there is no such alert or it does not fire */
    public Alert acknowledge(Actor actor, String fingerprint, String note) {
        if (note.length() > MAX_NOTE) {
            throw new Refusal(
                    ErrorCode.INVALID, "a note has at most " + MAX_NOTE + " characters, found " + note.length());
        }
        Alert result = transaction.execute(status -> {
            Alert before = store.lock(List.of(fingerprint)).get(fingerprint);
            if (before == null) {
                throw notFound(fingerprint);
            }
            if (!before.isFiring()) {
                throw new Refusal(
                        ErrorCode.CONFLICT,
                        "alert " + fingerprint + " (" + before.name() + ") is "
                                + before.state().wire() + "; only one that fires is acknowledged");
            }
            Step step = AlertEngine.acknowledge(before, new Acknowledgement(now(), actor.id(), note));
            Alert after = step.after().orElseThrow();
            if (step.change() != null) {
                store.save(List.of(after));
                audit.record(actor, "alert.acknowledge", "alert", fingerprint, null, Map.of("note", note));
                tell(after, step.change());
            }
            return after;
        });
        return java.util.Objects.requireNonNull(result);
    }

    public static Refusal notFound(String fingerprint) {
        return new Refusal(
                ErrorCode.NOT_FOUND,
                "alert " + (Fingerprint.isOne(fingerprint) ? fingerprint : "of that fingerprint")
                        + " does not exist, is about an asset outside of your scope, or was resolved long ago;"
                        + " GET /api/v1/alerts lists them");
    }

    private void tell(Alert alert, Change change) {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("fingerprint", alert.fingerprint());
        data.put("labels", alert.labels());
        data.put("annotations", alert.annotations());
        data.put("startsAt", alert.startsAt());
        if (alert.endsAt() != null) {
            data.put("endsAt", alert.endsAt());
        }
        data.put("severity", alert.severity());
        data.put("source", alert.source());
        data.put("state", alert.state().wire());
        Cause cause = alert.cause();
        if (cause != null) {
            data.put("cause", Map.of("label", cause.label(), "value", cause.value(), "alerts", cause.alerts()));
        }
        alert.acknowledged().ifPresent(by -> data.put("acknowledgement", by));
        events.append(
                "alert." + change.name().toLowerCase(java.util.Locale.ROOT), "alert/" + alert.fingerprint(), data);
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }
}
