package dev.muster.alert.notify;

import dev.muster.platform.id.Ids;
import dev.muster.platform.lease.LeasedWorker;
import dev.muster.platform.lease.Leases;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/** Decides on one server at a time, and sends on one at a time: a slow receiver keeps nobody from deciding. */
@Component
class NotifyWorkers implements SmartLifecycle {
    private static final Duration PAUSE = Duration.ofMillis(500);

    private final DispatchRound round;
    private final Sender sender;
    private final Leases leases;
    private final String holder;
    private volatile @Nullable LeasedWorker deciding;
    private volatile @Nullable LeasedWorker sending;

    NotifyWorkers(DispatchRound round, Sender sender, Leases leases, Ids ids) {
        this.round = round;
        this.sender = sender;
        this.leases = leases;
        this.holder = "notify-" + ids.next();
    }

    @Override
    public void start() {
        LeasedWorker outgoing = new LeasedWorker(leases, "alert-outbox", holder, PAUSE, sender::run);
        sending = outgoing;
        deciding = new LeasedWorker(leases, "alert-dispatch", holder, PAUSE, lease -> {
            if (round.run(lease)) {
                outgoing.wake();
            }
            return false;
        });
    }

    @Override
    public void stop() {
        LeasedWorker first = deciding;
        LeasedWorker second = sending;
        deciding = null;
        sending = null;
        if (first != null) {
            first.close();
        }
        if (second != null) {
            second.close();
        }
    }

    @Override
    public boolean isRunning() {
        return deciding != null;
    }
}
