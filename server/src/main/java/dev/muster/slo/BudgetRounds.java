package dev.muster.slo;

import dev.muster.platform.event.EventLog;
import dev.muster.platform.lease.Lease;
import dev.muster.platform.lease.Leases;
import dev.muster.slo.engine.BurnAlert;
import dev.muster.slo.engine.BurnEngine;
import dev.muster.slo.engine.ErrorBudget;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Looks at every objective: notes, tells and signals which budgets burn too fast and which no longer do. */
@Component
class BudgetRounds {
    static final String BURNING = "slo.burning";
    static final String CALM = "slo.calm";

    private final Slos slos;
    private final Budgets budgets;
    private final SloStore store;
    private final EventLog events;
    private final List<BurnListener> listeners;
    private final Leases leases;
    private final TransactionTemplate transaction;

    BudgetRounds(
            Slos slos,
            Budgets budgets,
            SloStore store,
            EventLog events,
            List<BurnListener> listeners,
            Leases leases,
            PlatformTransactionManager transactions) {
        this.slos = slos;
        this.budgets = budgets;
        this.store = store;
        this.events = events;
        this.listeners = List.copyOf(listeners);
        this.leases = leases;
        this.transaction = new TransactionTemplate(transactions);
    }

    void round(Lease lease, Instant now) {
        Map<String, Map<String, SloStore.Burn>> open = new HashMap<>();
        store.open()
                .forEach(burn -> open.computeIfAbsent(burn.slo(), _ -> new LinkedHashMap<>())
                        .put(burn.alert(), burn));
        for (Slo slo : slos.all()) {
            Map<String, SloStore.Burn> before = open.getOrDefault(slo.name(), Map.of());
            Optional<Budgets.Standing> standing = budgets.standing(slo, now);
            if (standing.isEmpty()) {
                continue; // what burned goes on until something is known
            }
            transaction.executeWithoutResult(_ -> {
                leases.requireHeld(lease);
                judged(slo, standing.get(), before, now);
            });
        }
        for (Map.Entry<String, Map<String, SloStore.Burn>> entry : open.entrySet()) {
            if (slos.find(entry.getKey()).isEmpty()) {
                transaction.executeWithoutResult(_ -> {
                    leases.requireHeld(lease);
                    entry.getValue()
                            .values()
                            .forEach(burn -> end(burn, Optional.empty(), now, "SLO " + burn.slo() + " is deleted"));
                });
            }
        }
    }

    private void judged(Slo slo, Budgets.Standing standing, Map<String, SloStore.Burn> before, Instant now) {
        Optional<Double> remaining = standing.budget().map(ErrorBudget::remaining);
        Map<String, SloStore.Burn> goingOn = new HashMap<>();
        for (SloStore.Burn burn : before.values()) {
            if (standing.alerts().stream().anyMatch(each -> isOf(burn, slo, each.alert()))) {
                goingOn.put(burn.alert(), burn);
            } else {
                end(
                        burn,
                        remaining,
                        now,
                        "SLO " + slo.name() + " no longer has the alert " + burn.alert() + " as it was");
            }
        }
        for (Budgets.Judged each : standing.alerts()) {
            BurnEngine.Verdict verdict = each.verdict();
            String alert = each.alert().name();
            SloStore.Burn was = goingOn.get(alert);
            Burning burning = new Burning(
                    slo.name(),
                    slo.service(),
                    slo.scope(),
                    alert,
                    each.alert().severity(),
                    verdict.burn(),
                    remaining,
                    each.alert().longWindow(),
                    was == null ? now : was.began(),
                    verdict.state() == BurnEngine.State.FIRING ? Optional.empty() : Optional.of(now),
                    "SLO " + slo.name() + " " + verdict.why());
            switch (verdict.state()) {
                case FIRING -> {
                    if (was == null) {
                        store.begin(burning);
                        tell(BURNING, burning);
                    } else {
                        store.goOn(slo.name(), alert, verdict.burn(), verdict.why());
                    }
                    listeners.forEach(listener -> listener.heard(burning));
                }
                case CALM -> {
                    if (was != null) {
                        store.end(slo.name(), alert, now);
                        tell(CALM, burning);
                        listeners.forEach(listener -> listener.heard(burning));
                    }
                }
                case UNKNOWN -> {}
            }
        }
    }

    /** Alerts are known by their labels: under others it is another one, and nobody would end this one. */
    private static boolean isOf(SloStore.Burn burn, Slo slo, BurnAlert alert) {
        return burn.alert().equals(alert.name())
                && burn.severity().equals(alert.severity())
                && burn.service().equals(slo.service())
                && burn.scope().equals(slo.scope());
    }

    private void end(SloStore.Burn burn, Optional<Double> remaining, Instant now, String why) {
        store.end(burn.slo(), burn.alert(), now);
        Burning ended = new Burning(
                burn.slo(),
                burn.service(),
                burn.scope(),
                burn.alert(),
                burn.severity(),
                burn.burn(),
                remaining,
                Duration.ZERO,
                burn.began(),
                Optional.of(now),
                why);
        tell(CALM, ended);
        listeners.forEach(listener -> listener.heard(ended));
    }

    private void tell(String type, Burning burning) {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("slo", burning.slo());
        data.put("scope", burning.scope().wire());
        data.put("selector", burning.scope().selector());
        if (burning.scope() instanceof SliScope.Group(String name)) {
            data.put("group", name);
        }
        data.put("alert", burning.alert());
        data.put("severity", burning.severity());
        data.put("burnRate", burning.burnRate());
        burning.remaining().ifPresent(left -> data.put("budgetRemaining", left));
        data.put("window", burning.window().toString());
        data.put("since", burning.since().toString());
        data.put("why", burning.why());
        events.append(type, "slo/" + burning.slo(), data);
    }
}
