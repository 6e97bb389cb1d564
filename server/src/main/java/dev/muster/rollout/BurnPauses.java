package dev.muster.rollout;

import dev.muster.platform.event.EventLog;
import dev.muster.platform.event.LoggedEvent;
import dev.muster.platform.id.Ids;
import dev.muster.platform.lease.Lease;
import dev.muster.platform.lease.LeasedWorker;
import dev.muster.platform.lease.Leases;
import dev.muster.registry.selector.SqlCondition;
import dev.muster.slo.SliScope;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;

/**
 * Follows the event log and pauses rollouts over assets whose error budget burns faster than twice the allowed rate. How far it has
 * followed is stored with the pauses: whoever resumes one is not overruled by the same event.
 */
@Component
class BurnPauses implements SmartLifecycle {
    private static final Duration PAUSE = Duration.ofSeconds(2);
    private static final int AT_ONCE = 500;

    private final EventLog events;
    private final RolloutService rollouts;
    private final JdbcClient jdbc;
    private final Leases leases;
    private final String holder;
    private final TransactionTemplate transaction;
    private volatile @Nullable LeasedWorker worker;

    BurnPauses(
            EventLog events,
            RolloutService rollouts,
            JdbcClient jdbc,
            Leases leases,
            Ids ids,
            PlatformTransactionManager transactions) {
        this.events = events;
        this.rollouts = rollouts;
        this.jdbc = jdbc;
        this.leases = leases;
        this.holder = "rollout-burn-" + ids.next();
        this.transaction = new TransactionTemplate(transactions);
    }

    private boolean round(Lease lease) {
        Optional<Long> position = jdbc.sql("select position from rollout_burn_progress")
                .query(Long.class)
                .optional();
        if (position.isEmpty()) {
            long last = events.lastPosition();
            transaction.executeWithoutResult(_ -> {
                leases.requireHeld(lease);
                follow(last);
            });
            return false;
        }
        List<LoggedEvent> found = events.after(position.get(), AT_ONCE);
        if (found.isEmpty()) {
            return false;
        }
        transaction.executeWithoutResult(_ -> {
            leases.requireHeld(lease);
            found.stream().filter(BurnPauses::burnsFast).forEach(this::pause);
            follow(found.getLast().position());
        });
        return found.size() == AT_ONCE;
    }

    private static boolean burnsFast(LoggedEvent event) {
        return event.type().equals("slo.burning")
                && event.data().path("alert").asString("").equals("fast-burn");
    }

    private void pause(LoggedEvent event) {
        JsonNode data = event.data();
        SliScope scope = SliScope.parse(data.path("scope").asString("")).orElse(SliScope.FLEET);
        rollouts.pauseBurning(
                condition(scope),
                "the error budget of SLO %s burns at %.1f times the allowed rate over %s (event %d)"
                        .formatted(
                                data.path("slo").asString(""),
                                data.path("burnRate").asDouble(0),
                                data.path("window")
                                        .asString("")
                                        .replace("PT", "")
                                        .toLowerCase(Locale.ROOT),
                                event.position()));
    }

    static SqlCondition condition(SliScope scope) {
        return switch (scope) {
            case SliScope.Fleet _ -> SqlCondition.TRUE;
            case SliScope.Type(String name) -> SqlCondition.of("type = ?", name);
            case SliScope.Region(String name) -> SqlCondition.of("region = ?", name);
            case SliScope.Group(String name) ->
                SqlCondition.of(
                        "id in (select asset_id from group_membership where group_name = ? and left_at is null)", name);
            case SliScope.One(var asset) -> SqlCondition.of("id = ?", asset.value());
        };
    }

    private void follow(long position) {
        jdbc.sql("""
                        insert into rollout_burn_progress (position) values (:position)
                        on conflict (only_one) do update set position = excluded.position""").param("position", position).update();
    }

    @Override
    public void start() {
        worker = new LeasedWorker(leases, "rollout-burn", holder, PAUSE, this::round);
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
