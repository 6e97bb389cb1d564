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
import dev.muster.twin.reported.ReportedStore.Said;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * Takes reports from the journal: keeps the newest of each asset, compares it with the desired state of the same generation,
 * and tells the reconciliation. Called by one thread; the same entries again change nothing.
 */
@Component
public class StateTracker {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int MAX_FIELDS_IN_EVENT = 10;
    private static final int CACHED = 256;
    private static final int MAX_CACHED_CHARACTERS = 64 * 1024;

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

    /** Many assets share a document: parsed once, the one used longest ago goes. */
    private final Map<String, JsonNode> parsed = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, JsonNode> eldest) {
            return size() > CACHED;
        }
    };

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

    /** Durable on return. */
    public void accept(List<JournalEntry> batch) {
        List<JournalEntry> mine = batch.stream()
                .filter(entry -> entry.kind() == EntryKind.STATE_REPORTED || entry.kind() == EntryKind.SESSION_OPENED)
                .toList();
        if (!mine.isEmpty()) {
            transaction.executeWithoutResult(status -> new Batch().take(mine));
        }
    }

    private final class Batch {
        private final Map<String, Observation> changed = new TreeMap<>();
        private final Map<String, Observation> before = new HashMap<>();
        private final Map<String, Instant> opened = new HashMap<>();
        private final List<Said> said = new ArrayList<>();
        private final List<String> inSync = new ArrayList<>();
        private final List<String> pending = new ArrayList<>();
        private final List<String> drifted = new ArrayList<>();
        private final List<String> rejected = new ArrayList<>();
        private final List<String> ahead = new ArrayList<>();
        private final Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);

        void take(List<JournalEntry> entries) {
            Set<String> assets = new HashSet<>();
            entries.forEach(entry -> assets.add(entry.asset().value()));
            Map<String, Observation> known = store.lock(assets);
            // What is known of an asset goes with it: who has reported before need not be looked up.
            Set<String> fresh = new HashSet<>(assets);
            fresh.removeAll(known.keySet());
            assets.retainAll(union(known.keySet(), fresh.isEmpty() ? Set.of() : store.existing(fresh)));
            before.putAll(known);
            Map<String, DesiredState> wanted = desired.find(assets);
            for (JournalEntry entry : entries) {
                String asset = entry.asset().value();
                if (!assets.contains(asset)) {
                    continue;
                }
                if (entry.kind() == EntryKind.SESSION_OPENED) {
                    opened(known, asset, Instant.ofEpochMilli(entry.receivedAt()));
                } else if (entry.requireUplink() instanceof StateReport report) {
                    reported(known, asset, report, entry, wanted.get(asset));
                }
            }
            store.save(List.copyOf(changed.values()));
            store.remember(said);
            registry.updateReported(changed.values().stream()
                    .filter(observation -> !isSameForSelectors(before.get(observation.asset()), observation))
                    .map(Batch::forSelectors)
                    .toList());
            changed.values().forEach(this::tellOfRestart);
            changed.forEach((asset, observation) -> settle(observation, wanted.get(asset)));
            queue.observed(inSync, pending, drifted, rejected, now);
            queue.sessionsOpened(opened.keySet(), now);
            tellOfReports();
            marks.reapply(ahead, "the asset reports a generation that was never given");
        }

        private static ReportedUpdate forSelectors(Observation observation) {
            Map<String, String> software = new HashMap<>();
            observation
                    .report()
                    .software()
                    .forEachEntry((component, version) -> software.put(component, version.asString()));
            Integer drift = observation.compared() == null ? null : observation.driftCount();
            return new ReportedUpdate(new AssetId(observation.asset()), software, drift);
        }

        /** Reports of it are forgotten after some more of them, and a restart should be found later. */
        private void tellOfRestart(Observation observation) {
            Observation old = before.get(observation.asset());
            String boot = observation.report().place().bootId();
            String last = old == null ? null : old.report().place().bootId();
            if (boot != null && last != null && !boot.equals(last)) {
                append("asset.restarted", observation, Map.of("bootId", boot, "before", last));
            }
        }

        private void tellOfReports() {
            List<AssetId> heardOf = changed.values().stream()
                    .filter(observation -> !isSame(before.get(observation.asset()), observation))
                    .map(observation -> new AssetId(observation.asset()))
                    .toList();
            if (!heardOf.isEmpty()) {
                listeners.forEach(listener -> listener.reported(heardOf));
            }
        }

        private static boolean isSame(@Nullable Observation old, Observation observation) {
            return old != null && old.report() == observation.report();
        }

        /** What the registry has of the one before is what it would get: both were stored together. */
        private static boolean isSameForSelectors(@Nullable Observation old, Observation observation) {
            return old != null && forSelectors(old).equals(forSelectors(observation));
        }

        private void opened(Map<String, Observation> known, String asset, Instant at) {
            opened.merge(asset, at, (one, other) -> one.isAfter(other) ? one : other);
            known.computeIfPresent(asset, (same, observation) -> {
                Observation next = observation.sessionOpened(at);
                if (next != observation) {
                    changed.put(asset, next);
                }
                return next;
            });
        }

        private void reported(
                Map<String, Observation> known,
                String asset,
                StateReport uplink,
                JournalEntry entry,
                @Nullable DesiredState wanted) {
            Report report = Report.of(uplink, entry.offset(), entry.receivedAt());
            Observation last = known.get(asset);
            Optional<Stale> stale = last == null
                    ? Optional.empty()
                    : ReportOrder.problem(last.report().place(), last.pastBoots(), report.place());
            if (stale.isPresent() && last != null) {
                ignored(known, last, stale.get());
                return;
            }
            taken.increment();
            Drift.Outcome outcome = compared(uplink, report, wanted);
            boolean current = outcome != null;
            JsonNode fields =
                    outcome == null ? JsonNodeFactory.instance.arrayNode() : JSON.valueToTree(outcome.fields());
            int count = outcome == null ? 0 : outcome.count();
            int underWay = outcome == null ? 0 : outcome.underWay().size();
            Instant at = Instant.ofEpochMilli(entry.receivedAt());
            boolean same = last != null
                    && (last.compared() != null) == current
                    && (last.driftCount() > 0) == (count > 0)
                    && java.util.Objects.equals(last.report().rejectedGeneration(), report.rejectedGeneration());
            Observation next = new Observation(
                    asset,
                    report,
                    pastBoots(last, report),
                    last == null ? opened.get(asset) : last.sessionAt(),
                    fields,
                    count,
                    underWay,
                    current ? report.place().generation() : null,
                    same && last != null ? last.since() : at,
                    last == null ? 0 : last.ignored(),
                    last == null ? null : last.ignoredReason());
            known.put(asset, next);
            changed.put(asset, next);
            if (last == null || !last.report().hash().equals(report.hash())) {
                said.add(new Said(asset, report, count));
            }
        }

        private void ignored(Map<String, Observation> known, Observation last, Stale stale) {
            if (stale == Stale.REPEATED) {
                return;
            }
            String reason = stale.name().toLowerCase(Locale.ROOT);
            meters.counter("muster.twin.reports.ignored", "reason", reason).increment();
            Observation next = last.ignoring(reason);
            known.put(last.asset(), next);
            changed.put(last.asset(), next);
        }

        /** @return null unless the report is of the current generation */
        private Drift.@Nullable Outcome compared(StateReport uplink, Report report, @Nullable DesiredState wanted) {
            Long generation = report.place().generation();
            if (wanted == null || generation == null || generation != wanted.generation()) {
                return null;
            }
            return Drift.between(
                    parsed(wanted.body()), origins(wanted), report.config(), uplink.software(), uplink.updates());
        }

        /** What the newest report of an asset means for those who act on it. */
        private void settle(Observation observation, @Nullable DesiredState wanted) {
            Observation old = before.get(observation.asset());
            boolean heard = old == null || old.report() != observation.report();
            if (wanted == null || !heard) {
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
            events.append(type, "asset/" + observation.asset(), data);
        }
    }

    private static Set<String> union(Set<String> some, Set<String> others) {
        Set<String> all = new HashSet<>(some);
        all.addAll(others);
        return all;
    }

    private static List<String> names(JsonNode drift) {
        return drift.valueStream()
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

    private SortedMap<String, String> origins(DesiredState wanted) {
        SortedMap<String, String> origins = new TreeMap<>();
        parsed(wanted.origins()).forEachEntry((field, origin) -> origins.put(field, origin.asString()));
        return origins;
    }

    private JsonNode parsed(String body) {
        return body.length() > MAX_CACHED_CHARACTERS
                ? JSON.readTree(body)
                : parsed.computeIfAbsent(body, JSON::readTree);
    }
}
