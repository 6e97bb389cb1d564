package dev.muster.rollout;

import dev.muster.ddi.OrderHours;
import dev.muster.protocol.AssetId;
import dev.muster.registry.Asset;
import dev.muster.registry.asset.AssetStore;
import dev.muster.rollout.spec.Timetable;
import java.time.Instant;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * An order to change that was given within the window, and that the asset has not read, is not shown to it when the window has closed or a
 * blackout has begun. A rollback waits for neither.
 */
@Component
class OrdersInHours implements OrderHours {
    private final JdbcClient jdbc;
    private final RolloutStore rollouts;
    private final AssetStore assets;

    OrdersInHours(JdbcClient jdbc, RolloutStore rollouts, AssetStore assets) {
        this.jdbc = jdbc;
        this.rollouts = rollouts;
        this.assets = assets;
    }

    @Override
    public Shown shown(AssetId id, String component, Instant now) {
        Timetable timetable =
                changing(id, component).map(each -> each.spec().timetable()).orElse(null);
        if (timetable == null || timetable.isAlways()) {
            return Shown.ALWAYS;
        }
        Asset asset = assets.find(id).orElse(null);
        if (asset == null) {
            return Shown.ALWAYS;
        }
        Optional<Instant> opens = timetable.opensLater(asset, now);
        return opens.isPresent()
                ? new Shown(false, opens.get())
                : new Shown(true, timetable.closes(asset, now).orElse(null));
    }

    /** The rollout whose order to change the asset has; by the index {@code rollout_target_active}, from {@code ordered} to {@code verifying}. */
    private Optional<StoredRollout> changing(AssetId asset, String component) {
        return jdbc.sql("""
                        select rollout from rollout_target
                        where asset = :asset and component = :component and stage between 2 and 7""")
                .param("asset", asset.value())
                .param("component", component)
                .query(Integer.class)
                .optional()
                .flatMap(rollouts::find);
    }
}
