package dev.muster.rollout;

import dev.muster.ddi.OrderHours;
import dev.muster.ddi.UnreadOrders;
import dev.muster.protocol.AssetId;
import dev.muster.registry.Asset;
import dev.muster.registry.asset.AssetStore;
import dev.muster.rollout.engine.Target;
import dev.muster.rollout.spec.Timetable;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
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
    private final UnreadOrders unread;

    OrdersInHours(JdbcClient jdbc, RolloutStore rollouts, AssetStore assets, UnreadOrders unread) {
        this.jdbc = jdbc;
        this.rollouts = rollouts;
        this.assets = assets;
        this.unread = unread;
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

    /** Those of the targets whose order is hidden: their window is closed, and they have asked since and not read it. */
    Set<AssetId> hidden(StoredRollout rollout, List<Target> ordered, Instant now) {
        Timetable timetable = rollout.spec().timetable();
        if (ordered.isEmpty() || timetable.isAlways()) {
            return Set.of();
        }
        Set<AssetId> unread = this.unread.among(
                rollout.component(), ordered.stream().map(Target::asset).toList());
        return unread.isEmpty()
                ? Set.of()
                : assets.findAll(unread).stream()
                        .filter(asset -> timetable.opensLater(asset, now).isPresent())
                        .map(Asset::id)
                        .collect(Collectors.toSet());
    }

    /** The rollout whose order to change the asset has; by the index {@code rollout_target_active}, from {@code ordered} to {@code verifying}. */
    private Optional<StoredRollout> changing(AssetId asset, String component) {
        return jdbc.sql("""
                        select rollout from rollout_target
                        where asset = :asset and component = :component and lane & 31 = 2""")
                .param("asset", asset.value())
                .param("component", component)
                .query(Integer.class)
                .optional()
                .flatMap(rollouts::find);
    }
}
