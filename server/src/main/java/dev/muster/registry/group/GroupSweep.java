package dev.muster.registry.group;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/** Works out, again and again, the groups that change by time or presence, and those that an import left behind. */
@Component
public class GroupSweep implements SmartLifecycle {
    static final Duration INTERVAL = Duration.ofSeconds(10);
    private static final Logger LOG = LoggerFactory.getLogger(GroupSweep.class);

    private final GroupStore groups;
    private final Memberships memberships;
    private volatile @Nullable ScheduledExecutorService thread;

    GroupSweep(GroupStore groups, Memberships memberships) {
        this.groups = groups;
        this.memberships = memberships;
    }

    /** One round now, in the caller's thread. */
    public void sweep() {
        for (String name : groups.toRefresh()) {
            memberships.refresh(name);
        }
    }

    /** One round in the background as soon as possible, after an import. */
    public void sweepSoon() {
        ScheduledExecutorService running = thread;
        if (running != null) {
            running.execute(this::sweepUnlessUnreachable);
        }
    }

    @Override
    public void start() {
        ScheduledExecutorService started = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().name("group-sweep").daemon().factory());
        started.scheduleWithFixedDelay(
                this::sweepUnlessUnreachable, INTERVAL.toMillis(), INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
        thread = started;
    }

    @Override
    public void stop() {
        ScheduledExecutorService running = thread;
        thread = null;
        if (running != null) {
            running.close();
        }
    }

    @Override
    public boolean isRunning() {
        return thread != null;
    }

    private void sweepUnlessUnreachable() {
        try {
            sweep();
        } catch (RuntimeException failure) {
            LOG.warn("group membership could not be worked out, next try in {}", INTERVAL, failure);
        }
    }
}
