package dev.muster.alert.rule;

import dev.muster.alert.state.Alerts;
import dev.muster.platform.id.Ids;
import dev.muster.platform.lease.LeasedWorker;
import dev.muster.platform.lease.Leases;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/** Evaluates rules on one server at a time; another goes on from what is stored. */
@Component
class RuleWorker implements SmartLifecycle {
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final RuleRound round;
    private final Alerts alerts;
    private final Leases leases;
    private final String holder;
    private volatile @Nullable LeasedWorker worker;

    RuleWorker(RuleRound round, Alerts alerts, Leases leases, Ids ids) {
        this.round = round;
        this.alerts = alerts;
        this.leases = leases;
        this.holder = "alert-rules-" + ids.next();
    }

    @Override
    public void start() {
        worker = new LeasedWorker(leases, "alert-rules", holder, PAUSE, lease -> {
            round.run(lease);
            return alerts.lapse();
        });
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
}
