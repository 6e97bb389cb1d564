package dev.muster.twin.reported;

import dev.muster.gateway.journal.EntryKind;
import dev.muster.gateway.journal.JournalEntry;
import dev.muster.platform.event.EventLog;
import dev.muster.protocol.AssetId;
import dev.muster.protocol.Uplink.StateReport;
import dev.muster.registry.asset.AssetStore;
import dev.muster.registry.asset.ReportedUpdate;
import dev.muster.twin.desired.DesiredState;
import dev.muster.twin.desired.DesiredStore;
import dev.muster.twin.desired.Marks;
import dev.muster.twin.desired.ReconcileQueue;
import dev.muster.twin.document.Drift;
import dev.muster.twin.document.ReportOrder;
import dev.muster.twin.document.ReportOrder.Stale;
import dev.muster.twin.reported.ReportedStore.Replaced;
import dev.muster.twin.reported.ReportedStore.Said;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.json.JsonMapper;

/**
 * Takes reports from the journal: keeps the newest of each asset, compares it with the desired state of the same generation,
 * and tells the reconciliation. Called by one thread; the same entries again change nothing.
 */
@Component
public class StateTracker {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int MAX_FIELDS_IN_EVENT = 10;
    private static final String NO_FIELDS = "[]";
    /**
     * Entries of one transaction. Those who act on reports need not wait for the rest of a long batch, and no column of so many is an
     * array that the collector of the heap has to keep apart.
     */
    private static final int AT_ONCE = 2_000;

    private final ReportedStore store;
    private final AssetStore registry;
    private final DesiredStore desired;
    private final ReconcileQueue queue;
    private final Marks marks;
    private final EventLog events;
    private final List<ReportListener> listeners;
    private final MeterRegistry meters;
    private final Counter taken;
    private final Clock clock;
    private final TransactionTemplate transaction;

    private final ReportTexts texts = new ReportTexts();

    StateTracker(
            ReportedStore store,
            AssetStore registry,
            DesiredStore desired,
            ReconcileQueue queue,
            Marks marks,
            EventLog events,
            List<ReportListener> listeners,
            MeterRegistry meters,
            Clock clock,
            PlatformTransactionManager transactions) {
        this.store = store;
        this.registry = registry;
        this.desired = desired;
        this.queue = queue;
        this.marks = marks;
        this.events = events;
        this.listeners = listeners;
        this.meters = meters;
        this.taken = Counter.builder("muster.twin.reports")
                .description("Reports of state that were newer than the known one")
                .register(meters);
        this.clock = clock;
        this.transaction = new TransactionTemplate(transactions);
    }

    /** Durable on return: the log of the last transaction is synced, and with it that of those before. */
    public void accept(List<JournalEntry> batch) {
        List<JournalEntry> mine = batch.stream()
                .filter(entry -> entry.kind() == EntryKind.STATE_REPORTED || entry.kind() == EntryKind.SESSION_OPENED)
                .toList();
        for (int i = 0; i < mine.size(); i += AT_ONCE) {
            List<JournalEntry> some = mine.subList(i, Math.min(i + AT_ONCE, mine.size()));
            boolean more = i + AT_ONCE < mine.size();
            transaction.executeWithoutResult(status -> {
                if (more) {
                    store.commitWithoutSync();
                } else if (mine.size() > AT_ONCE) {
                    store.commitWithSync();
                }
                new Batch().take(some);
            });
        }
    }

    /** An asset of a batch: what was known of it, and what is known of it by now. */
    private static final class Heard {
        private final String asset;
        private @Nullable Observation before;
        private @Nullable Observation now;
        private @Nullable DesiredState wanted;
        private @Nullable Instant opened;

        Heard(String asset) {
            this.asset = asset;
        }

        boolean isChanged() {
            return now != before;
        }

        /** Whether a report was newer than the one that was known. */
        boolean hasReported() {
            return now != null && (before == null || before.report() != now.report());
        }

        Observation known() {
            return Objects.requireNonNull(now);
        }

        Stream<Replaced> replaced() {
            return before == null ? Stream.empty() : Stream.of(new Replaced(before, known()));
        }
    }

    private final class Batch {
        private final List<Said> said = new ArrayList<>();
        private final List<String> inSync = new ArrayList<>();
        private final List<String> pending = new ArrayList<>();
        private final List<String> drifted = new ArrayList<>();
        private final List<String> rejected = new ArrayList<>();
        private final List<String> ahead = new ArrayList<>();
        private final List<EventLog.Entry> told = new ArrayList<>();
        private final Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);

        void take(List<JournalEntry> entries) {
            Map<String, Heard> all = HashMap.newHashMap(entries.size());
            entries.forEach(entry -> all.computeIfAbsent(entry.asset().value(), Heard::new));
            read(all);
            for (JournalEntry entry : entries) {
                Heard heard = all.get(entry.asset().value());
                if (heard == null) {
                    continue;
                }
                if (entry.kind() == EntryKind.SESSION_OPENED) {
                    opened(heard, Instant.ofEpochMilli(entry.receivedAt()));
                } else if (entry.requireUplink() instanceof StateReport report) {
                    reported(heard, report, entry);
                }
            }
            List<Heard> changed = all.values().stream()
                    .filter(Heard::isChanged)
                    .sorted(Comparator.comparing(heard -> heard.asset))
                    .toList();
            store.add(changed.stream()
                    .filter(heard -> heard.before == null)
                    .map(Heard::known)
                    .toList());
            store.replace(changed.stream().flatMap(Heard::replaced).toList());
            store.remember(said);
            registry.updateReported(changed.stream()
                    .filter(heard -> !isSameForSelectors(heard.before, heard.known()))
                    .map(heard -> forSelectors(heard.known()))
                    .toList());
            changed.forEach(this::tellOfRestart);
            changed.forEach(this::settle);
            events.append(told);
            queue.observed(inSync, pending, drifted, rejected, now);
            queue.sessionsOpened(
                    all.values().stream()
                            .filter(heard -> heard.opened != null)
                            .map(heard -> heard.asset)
                            .toList(),
                    now);
            tellOfReports(changed);
            marks.reapply(ahead, "the asset reports a generation that was never given");
        }

        /** What is known, without those that are no assets. */
        private void read(Map<String, Heard> all) {
            Map<String, Observation> known = store.lock(all.keySet());
            // What is known of an asset goes with it: who has reported before need not be looked up.
            Set<String> fresh = new HashSet<>();
            all.values().forEach(heard -> {
                heard.before = known.get(heard.asset);
                heard.now = heard.before;
                if (heard.before == null) {
                    fresh.add(heard.asset);
                }
            });
            if (!fresh.isEmpty()) {
                fresh.removeAll(store.existing(fresh));
                all.keySet().removeAll(fresh);
            }
            desired.find(all.keySet())
                    .forEach((asset, wanted) -> Objects.requireNonNull(all.get(asset)).wanted = wanted);
        }

        private ReportedUpdate forSelectors(Observation observation) {
            return new ReportedUpdate(
                    new AssetId(observation.asset()),
                    texts.flat(observation.report().software()),
                    drift(observation));
        }

        private static @Nullable Integer drift(Observation observation) {
            return observation.compared() == null ? null : observation.driftCount();
        }

        /** Reports of it are forgotten after some more of them, and a restart should be found later. */
        private void tellOfRestart(Heard heard) {
            Observation old = heard.before;
            String boot = heard.known().report().place().bootId();
            String last = old == null ? null : old.report().place().bootId();
            if (boot != null && last != null && !boot.equals(last)) {
                append("asset.restarted", heard.known(), Map.of("bootId", boot, "before", last));
            }
        }

        private void tellOfReports(List<Heard> changed) {
            List<AssetId> heardOf = changed.stream()
                    .filter(Heard::hasReported)
                    .map(heard -> new AssetId(heard.asset))
                    .toList();
            if (!heardOf.isEmpty()) {
                listeners.forEach(listener -> listener.reported(heardOf));
            }
        }

        /** What the registry has of the one before is what it would get: both were stored together. */
        private boolean isSameForSelectors(@Nullable Observation old, Observation observation) {
            return old != null
                    && Objects.equals(drift(old), drift(observation))
                    && texts.flat(old.report().software())
                            .equals(texts.flat(observation.report().software()));
        }

        private void opened(Heard heard, Instant at) {
            heard.opened = heard.opened == null || at.isAfter(heard.opened) ? at : heard.opened;
            heard.now = heard.now == null ? null : heard.now.sessionOpened(at);
        }

        private void reported(Heard heard, StateReport uplink, JournalEntry entry) {
            Report report = texts.of(uplink, entry.offset(), entry.receivedAt());
            Observation last = heard.now;
            Optional<Stale> stale = last == null
                    ? Optional.empty()
                    : ReportOrder.problem(last.report().place(), last.pastBoots(), report.place());
            if (stale.isPresent() && last != null) {
                ignored(heard, last, stale.get());
                return;
            }
            taken.increment();
            Drift.Outcome outcome = compared(uplink, report, heard.wanted);
            boolean current = outcome != null;
            String fields = outcome == null || outcome.fields().isEmpty()
                    ? NO_FIELDS
                    : JSON.writeValueAsString(outcome.fields());
            int count = outcome == null ? 0 : outcome.count();
            int underWay = outcome == null ? 0 : outcome.underWay().size();
            Instant at = Instant.ofEpochMilli(entry.receivedAt());
            boolean same = last != null
                    && (last.compared() != null) == current
                    && (last.driftCount() > 0) == (count > 0)
                    && Objects.equals(last.report().rejectedGeneration(), report.rejectedGeneration());
            heard.now = new Observation(
                    heard.asset,
                    report,
                    pastBoots(last, report),
                    last == null ? heard.opened : last.sessionAt(),
                    fields,
                    count,
                    underWay,
                    current ? report.place().generation() : null,
                    same && last != null ? last.since() : at,
                    last == null ? 0 : last.ignored(),
                    last == null ? null : last.ignoredReason());
            if (last == null || !last.report().hash().equals(report.hash())) {
                said.add(new Said(heard.asset, report, count));
            }
        }

        private void ignored(Heard heard, Observation last, Stale stale) {
            if (stale == Stale.REPEATED) {
                return;
            }
            String reason = stale.name().toLowerCase(Locale.ROOT);
            meters.counter("muster.twin.reports.ignored", "reason", reason).increment();
            heard.now = last.ignoring(reason);
        }

        /** @return null unless the report is of the current generation */
        private Drift.@Nullable Outcome compared(StateReport uplink, Report report, @Nullable DesiredState wanted) {
            Long generation = report.place().generation();
            if (wanted == null || generation == null || generation != wanted.generation()) {
                return null;
            }
            return Drift.between(
                    texts.tree(wanted.body()),
                    texts.flat(wanted.origins()),
                    texts.configuration(report.config()),
                    uplink.software(),
                    uplink.updates());
        }

        /** What the newest report of an asset means for those who act on it. */
        private void settle(Heard heard) {
            Observation old = heard.before;
            Observation observation = heard.known();
            DesiredState wanted = heard.wanted;
            if (wanted == null || !heard.hasReported()) {
                return;
            }
            String asset = observation.asset();
            Long generation = observation.report().place().generation();
            Long refused = observation.report().rejectedGeneration();
            if (refused != null && refused == wanted.generation()) {
                rejected.add(asset);
                if (old == null || !refused.equals(old.report().rejectedGeneration())) {
                    append(
                            "twin.rejected",
                            observation,
                            Map.of("reason", String.valueOf(observation.report().rejectedReason())));
                }
            } else if (observation.compared() == null) {
                pending.add(asset);
                if (generation != null && generation > wanted.generation() && generation < 1L << 53) {
                    ahead.add(asset);
                }
            } else if (observation.driftCount() > 0) {
                drifted.add(asset);
                if (old == null || !old.drift().equals(observation.drift())) {
                    append(
                            "twin.drifted",
                            observation,
                            Map.of("count", observation.driftCount(), "fields", names(observation.drift())));
                }
            } else {
                (observation.underWay() > 0 ? pending : inSync).add(asset);
                if (old != null && old.driftCount() > 0) {
                    append("twin.drift_resolved", observation, Map.of());
                }
            }
        }

        private void append(String type, Observation observation, Map<String, Object> more) {
            Map<String, Object> data = new TreeMap<>(more);
            data.put("asset", observation.asset());
            Long generation = observation.report().place().generation();
            if (generation != null) {
                data.put("generation", generation);
            }
            told.add(new EventLog.Entry(type, "asset/" + observation.asset(), data));
        }
    }

    private static List<String> names(String drift) {
        return JSON.readTree(drift)
                .valueStream()
                .limit(MAX_FIELDS_IN_EVENT)
                .map(field -> field.path("field").asString(""))
                .toList();
    }

    private static List<String> pastBoots(@Nullable Observation last, Report report) {
        String old = last == null ? null : last.report().place().bootId();
        if (last == null || old == null || old.equals(report.place().bootId())) {
            return last == null ? List.of() : last.pastBoots();
        }
        List<String> boots = new ArrayList<>(List.of(old));
        boots.addAll(last.pastBoots());
        return List.copyOf(boots.subList(0, Math.min(boots.size(), ReportOrder.MAX_PAST_BOOTS)));
    }
}
