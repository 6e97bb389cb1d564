package dev.muster.twin.reconcile;

import dev.muster.command.Nudges;
import dev.muster.platform.event.EventLog;
import dev.muster.platform.id.Ids;
import dev.muster.platform.lease.Lease;
import dev.muster.platform.lease.LeasedRounds;
import dev.muster.platform.lease.Leases;
import dev.muster.protocol.AssetId;
import dev.muster.twin.configuration.ConfigurationService;
import dev.muster.twin.desired.Marks;
import dev.muster.twin.desired.ReconcileQueue;
import dev.muster.twin.document.DesiredMerge.Accepted;
import dev.muster.twin.reconcile.ReconcileStore.Decided;
import dev.muster.twin.reconcile.ReconcileStore.Outcome;
import dev.muster.twin.reconcile.Situation.Fault;
import io.micrometer.core.instrument.MeterRegistry;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Asks the engine about each asset that is due and carries out what it decides: one transaction for a batch, under a lease. */
@Component
public class ReconcileWorker extends LeasedRounds {
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final Duration CLEANING = Duration.ofHours(1);
    private static final int BATCH = 500;
    private static final JsonMapper JSON = JsonMapper.shared();

    private final ReconcileStore store;
    private final ReconcileEngine engine;
    private final Policies policies;
    private final List<Unconfigured> unconfigured;
    private final ConfigurationService configurations;
    private final Marks marks;
    private final Nudges nudges;
    private final EventLog events;
    private final Leases leases;
    private final MeterRegistry meters;
    private final Clock clock;
    private final TransactionTemplate transaction;
    private Instant nextCleaning = Instant.MIN;

    ReconcileWorker(
            ReconcileStore store,
            ReconcileQueue queue,
            Policies policies,
            List<Unconfigured> unconfigured,
            ConfigurationService configurations,
            Marks marks,
            Nudges nudges,
            EventLog events,
            Leases leases,
            Ids ids,
            MeterRegistry meters,
            Clock clock,
            PlatformTransactionManager transactions) {
        super(leases, ids, "twin.reconcile", PAUSE);
        this.store = store;
        this.engine = new ReconcileEngine(queue.resendAfter(), new SecureRandom());
        this.policies = policies;
        this.unconfigured = List.copyOf(unconfigured);
        this.configurations = configurations;
        this.marks = marks;
        this.nudges = nudges;
        this.events = events;
        this.leases = leases;
        this.meters = meters;
        this.clock = clock;
        this.transaction = new TransactionTemplate(transactions);
    }

    @Override
    protected boolean round(Lease lease) {
        Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        Integer done = transaction.execute(status -> {
            leases.requireHeld(lease);
            List<Situation> due = store.due(now, BATCH, policies::of);
            new Batch(now).carryOut(due);
            return due.size();
        });
        if (!now.isBefore(nextCleaning)) {
            store.forgetDecisionsBefore(now.minus(ReconcileStore.DECISIONS));
            nextCleaning = now.plus(CLEANING);
        }
        return done != null && done == BATCH;
    }

    private final class Batch {
        private final Instant now;
        private final List<Outcome> outcomes = new ArrayList<>();
        private final List<Decided> decided = new ArrayList<>();
        private final List<AssetId> nudged = new ArrayList<>();
        private final List<String> reapplied = new ArrayList<>();

        Batch(Instant now) {
            this.now = now;
        }

        void carryOut(List<Situation> due) {
            Set<AssetId> passive = passive(due);
            due.forEach(asset -> carryOut(
                    asset,
                    passive.contains(new AssetId(asset.asset()))
                            ? ReconcileEngine.leave(asset)
                            : engine.decide(asset, now)));
            store.save(outcomes, now);
            store.record(decided);
            nudges.againAfterCommit(nudged);
            marks.reapply(reapplied, "drift is enforced");
        }

        private Set<AssetId> passive(List<Situation> due) {
            List<AssetId> ids =
                    due.stream().map(asset -> new AssetId(asset.asset())).toList();
            Set<AssetId> passive = new HashSet<>();
            if (!ids.isEmpty()) {
                unconfigured.forEach(each -> passive.addAll(each.among(ids)));
            }
            return passive;
        }

        private void carryOut(Situation asset, Decision decision) {
            switch (decision) {
                case Decision.Idle idle -> outcome(asset, null, null, asset.attempts(), null);
                case Decision.Park park -> outcome(asset, null, "parked", asset.attempts(), null);
                case Decision.Wait wait -> outcome(asset, wait.until(), null, asset.attempts(), null);
                case Decision.Note note -> {
                    outcome(asset, null, ReconcileEngine.NOTED, asset.attempts(), null);
                    decided(
                            asset,
                            "report",
                            note.faults(),
                            "recorded; the policy of these fields is to leave them alone");
                }
                case Decision.Resend resend -> {
                    outcome(asset, resend.next(), "resend", resend.attempt(), null);
                    nudged.add(new AssetId(asset.asset()));
                    decided(
                            asset,
                            "resend",
                            List.of(),
                            "attempt " + resend.attempt() + ", the next not before " + resend.next());
                }
                case Decision.Reapply reapply -> {
                    outcome(asset, reapply.next(), "reapply", reapply.attempt(), null);
                    reapplied.add(asset.asset());
                    decided(
                            asset,
                            "reapply",
                            reapply.faults(),
                            "attempt " + reapply.attempt() + ": a new generation with the same content");
                    event(
                            "twin.enforced",
                            asset,
                            Map.of("attempt", reapply.attempt(), "fields", names(reapply.faults())));
                }
                case Decision.Accept accept -> {
                    outcome(asset, now.plus(PAUSE), "accept", asset.attempts(), null);
                    configurations.accept(
                            asset.asset(),
                            accept.faults().stream().map(Batch::accepted).toList());
                    decided(asset, "accept", accept.faults(), "the values of the asset are desired from now on");
                    event("twin.accepted", asset, Map.of("fields", names(accept.faults())));
                }
                case Decision.Stall stall -> {
                    outcome(asset, null, "stall", asset.attempts(), stall.reason());
                    decided(asset, "stall", asset.faults(), stall.reason());
                    event("twin.stalled", asset, Map.of("reason", stall.reason()));
                }
            }
        }

        private static Accepted accepted(Fault fault) {
            return new Accepted(fault.field().substring("/config".length()), fault.reported(), fault.desired());
        }

        private void outcome(
                Situation asset,
                @Nullable Instant due,
                @Nullable String action,
                int attempts,
                @Nullable String stalled) {
            outcomes.add(new Outcome(asset.asset(), due, action, attempts, stalled));
        }

        private void decided(Situation asset, String action, List<Fault> faults, String outcome) {
            meters.counter("muster.twin.decisions", "action", action).increment();
            Map<String, Object> inputs = new TreeMap<>();
            inputs.put("state", asset.state().wire());
            inputs.put("generationSince", asset.changed().toString());
            inputs.put("attempts", asset.attempts());
            if (asset.reportedGeneration() != null) {
                inputs.put("reportedGeneration", asset.reportedGeneration());
            }
            if (asset.reported() != null) {
                inputs.put("reported", asset.reported().toString());
            }
            if (!faults.isEmpty()) {
                inputs.put("fields", faults.stream().map(Batch::shown).toList());
            }
            JsonNode json = JSON.valueToTree(inputs);
            decided.add(new Decided(asset.asset(), now, action, asset.generation(), json, outcome));
        }

        private static Map<String, Object> shown(Fault fault) {
            Map<String, Object> shown = new TreeMap<>();
            shown.put("field", fault.field());
            shown.put("desired", fault.desired());
            if (fault.reported() != null) {
                shown.put("reported", fault.reported());
            }
            shown.put("origin", fault.origin());
            shown.put("policy", fault.policy().wire());
            return shown;
        }

        private static List<String> names(List<Fault> faults) {
            return faults.stream().map(Fault::field).limit(10).toList();
        }

        private void event(String type, Situation asset, Map<String, Object> more) {
            Map<String, Object> data = new TreeMap<>(more);
            data.put("asset", asset.asset());
            data.put("generation", asset.generation());
            events.append(type, "asset/" + asset.asset(), data);
        }
    }
}
