package dev.muster.alert.rule;

import dev.muster.alert.AlertSettings;
import dev.muster.alert.rule.RuleStatusStore.Evaluation;
import dev.muster.alert.state.Alert;
import dev.muster.alert.state.AlertStore;
import dev.muster.alert.state.Alerts;
import dev.muster.alert.state.Observation;
import dev.muster.identity.Actor;
import dev.muster.platform.config.Settings;
import dev.muster.platform.lease.Lease;
import dev.muster.platform.lease.Leases;
import dev.muster.protocol.AssetId;
import dev.muster.registry.Asset;
import dev.muster.registry.Lifecycle;
import dev.muster.registry.asset.AssetDirectory;
import dev.muster.registry.selector.Selector;
import dev.muster.registry.selector.Selectors;
import dev.muster.telemetry.store.TelemetryStore;
import dev.muster.twin.view.ClockOffsets;
import dev.muster.twin.view.TwinDocuments;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;

/**
 * Evaluates rules that are due: reads the fleet once, in pieces, for all of them. A rule that fails to be evaluated says so in its status;
 * its alerts stay as they are.
 */
@Component
class RuleRound {
    private static final Logger LOG = LoggerFactory.getLogger(RuleRound.class);
    private static final int PIECE = 1_000;
    private static final int COVERED = 200_000;
    /** A large fleet takes longer than the lease lives. */
    private static final Duration KEEP_EVERY = Duration.ofSeconds(5);

    private final AlertRules rules;
    private final RuleStatusStore statuses;
    private final AlertStore store;
    private final Alerts alerts;
    private final AssetDirectory assets;
    private final Selectors selectors;
    private final Readings readings;
    private final Leases leases;
    private final Clock clock;
    private final Duration interval;
    private final TransactionTemplate transaction;
    private final Map<String, Instant> evaluated = new HashMap<>();
    private boolean cleaned;

    RuleRound(
            AlertRules rules,
            RuleStatusStore statuses,
            AlertStore store,
            Alerts alerts,
            AssetDirectory assets,
            Selectors selectors,
            TelemetryStore telemetry,
            ClockOffsets clocks,
            TwinDocuments twins,
            Leases leases,
            Clock clock,
            Settings settings,
            PlatformTransactionManager transactions) {
        this.rules = rules;
        this.statuses = statuses;
        this.store = store;
        this.alerts = alerts;
        this.assets = assets;
        this.selectors = selectors;
        this.readings = new Stored(telemetry, clocks, twins);
        this.leases = leases;
        this.clock = clock;
        this.interval = settings.get(AlertSettings.RULE_INTERVAL);
        this.transaction = new TransactionTemplate(transactions);
    }

    private record Stored(TelemetryStore telemetry, ClockOffsets clocks, TwinDocuments twins) implements Readings {
        @Override
        public Map<AssetId, Map<String, TelemetryStore.Value>> latest(
                String type, Collection<AssetId> assets, Collection<String> metrics) {
            return telemetry.latest(type, assets, metrics);
        }

        @Override
        public Map<AssetId, Double> clockOffsets(Collection<AssetId> assets) {
            return clocks.of(assets);
        }

        @Override
        public Map<AssetId, Optional<JsonNode>> desired(Collection<AssetId> assets) {
            return twins.desired(assets);
        }

        @Override
        public Map<AssetId, Optional<JsonNode>> reported(Collection<AssetId> assets) {
            return twins.reported(assets);
        }
    }

    /** One rule while it is evaluated. */
    private static final class Running {
        final AlertRule rule;
        final @Nullable Selector selector;
        final RuleTally tally;
        final List<Asset> piece = new ArrayList<>();

        @Nullable RuntimeException failure;

        Running(AlertRule rule, @Nullable Selector selector, RuleTally tally) {
            this.rule = rule;
            this.selector = selector;
            this.tally = tally;
        }
    }

    void run(Lease lease) {
        Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        List<AlertRule> inForce = rules.inForce();
        List<AlertRule> due = inForce.stream().filter(rule -> isDue(rule, now)).toList();
        endOfThoseGone(lease, inForce, now);
        if (due.isEmpty()) {
            return;
        }
        List<Running> running = due.stream().map(rule -> begin(rule, now)).toList();
        long began = System.nanoTime();
        Keeping keeping = new Keeping(lease);
        assets.forEach(Actor.SYSTEM, null, asset -> {
            if (asset.lifecycle() != Lifecycle.RETIRED) {
                running.forEach(each -> offer(each, asset, now));
                keeping.keep();
            }
        });
        long millis = (System.nanoTime() - began) / 1_000_000;
        for (Running each : running) {
            judge(each, now);
            keeping.keep();
            evaluated.put(each.rule.name(), now);
            finish(lease, each, now, millis);
        }
    }

    /** Prolongs the lease now and then. */
    private final class Keeping {
        private final Lease lease;
        private long keptAt = System.nanoTime();

        Keeping(Lease lease) {
            this.lease = lease;
        }

        void keep() {
            if (System.nanoTime() - keptAt >= KEEP_EVERY.toNanos()) {
                leases.keep(lease);
                keptAt = System.nanoTime();
            }
        }
    }

    private boolean isDue(AlertRule rule, Instant now) {
        Duration every = rule.every() == null ? interval : rule.every();
        Instant last = evaluated.computeIfAbsent(
                rule.name(), name -> statuses.evaluated(name).orElse(Instant.EPOCH));
        return !now.isBefore(last.plus(every)) || now.isBefore(last);
    }

    private Running begin(AlertRule rule, Instant now) {
        List<Alert> open = store.openOf(rule.source());
        Set<String> covered = new HashSet<>();
        open.stream()
                .filter(alert -> alert.isFiring() && alert.cause() != null)
                .forEach(alert -> covered.addAll(store.assets(alert.fingerprint(), null, COVERED)));
        Selector selector = rule.selector().isEmpty() ? null : selectors.compile(rule.selector());
        return new Running(rule, selector, new RuleTally(rule, open, covered, now));
    }

    private void offer(Running each, Asset asset, Instant now) {
        if (each.failure == null && (each.selector == null || each.selector.matches(asset, now))) {
            each.piece.add(asset);
            if (each.piece.size() == PIECE) {
                judge(each, now);
            }
        }
    }

    private void judge(Running each, Instant now) {
        if (each.failure != null || each.piece.isEmpty()) {
            return;
        }
        try {
            List<Subject> subjects = each.piece.stream()
                    .map(asset -> new Subject(asset, each.tally.firesFor(asset)))
                    .toList();
            List<Finding> findings = each.rule.condition().judge(subjects, new Moment(each.rule.name(), now, readings));
            for (int i = 0; i < subjects.size(); i++) {
                each.tally.add(each.piece.get(i), findings.get(i));
            }
        } catch (RuntimeException failure) {
            LOG.error("alert rule {} cannot be evaluated; its alerts stay as they are", each.rule.name(), failure);
            each.failure = failure;
        }
        each.piece.clear();
    }

    private void finish(Lease lease, Running each, Instant now, long millis) {
        RuntimeException failure = each.failure;
        transaction.executeWithoutResult(status -> {
            leases.requireHeld(lease);
            if (failure != null) {
                statuses.save(
                        each.rule.name(),
                        new Evaluation(
                                now,
                                millis,
                                new RuleTally.Status(0, 0, 0, 0, List.of(), Map.of()),
                                String.valueOf(failure.getMessage())));
                return;
            }
            RuleTally.Outcome outcome = each.tally.finish();
            alerts.observe(each.rule.source(), outcome.observations());
            statuses.save(each.rule.name(), new Evaluation(now, millis, outcome.status(), ""));
        });
    }

    /** Alerts of a rule that was deleted or paused are over. */
    private void endOfThoseGone(Lease lease, List<AlertRule> inForce, Instant now) {
        Set<String> names = new HashSet<>();
        inForce.forEach(rule -> names.add(rule.source()));
        evaluated.keySet().removeIf(name -> !names.contains("rule/" + name));
        List<String> gone = store.openSources("rule/").stream()
                .filter(source -> !names.contains(source))
                .toList();
        for (String source : gone) {
            transaction.executeWithoutResult(status -> {
                leases.requireHeld(lease);
                alerts.observe(
                        source,
                        store.openOf(source).stream()
                                .map(alert -> Observation.over(alert, now))
                                .toList());
            });
        }
        if (!gone.isEmpty() || !cleaned) {
            cleaned = true;
            statuses.clean();
        }
    }
}
