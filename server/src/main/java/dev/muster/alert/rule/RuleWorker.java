package dev.muster.alert.rule;

import dev.muster.alert.state.Alerts;
import dev.muster.platform.id.Ids;
import dev.muster.platform.lease.Lease;
import dev.muster.platform.lease.LeasedRounds;
import dev.muster.platform.lease.Leases;
import java.time.Duration;
import org.springframework.stereotype.Component;

/** Evaluates rules on one server at a time; another goes on from what is stored. */
@Component
class RuleWorker extends LeasedRounds {
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final RuleRound round;
    private final Alerts alerts;

    RuleWorker(RuleRound round, Alerts alerts, Leases leases, Ids ids) {
        super(leases, ids, "alert-rules", PAUSE);
        this.round = round;
        this.alerts = alerts;
    }

    @Override
    protected boolean round(Lease lease) {
        round.run(lease);
        return alerts.lapse();
    }
}
