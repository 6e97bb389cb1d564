package dev.muster.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.console.FleetOverview.Overview;
import dev.muster.console.FleetOverview.Share;
import dev.muster.registry.Lifecycle;
import dev.muster.registry.Presence;
import dev.muster.registry.asset.AssetTally;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FleetOverviewTest {
    private static final Instant NOW = Instant.parse("2026-11-25T12:00:00Z");

    @Test
    void countsByRegionAndTypeWithoutTheRetired() {
        Overview overview = FleetOverview.of(
                NOW,
                List.of(
                        new AssetTally("", "pos", Lifecycle.ACTIVE, Presence.ONLINE, 3),
                        new AssetTally("eu", "pos", Lifecycle.ACTIVE, Presence.ONLINE, 5),
                        new AssetTally("eu", "pos", Lifecycle.MAINTENANCE, Presence.OFFLINE, 2),
                        new AssetTally("eu", "vehicle", Lifecycle.ACTIVE, Presence.STALE, 1),
                        new AssetTally("eu", "vehicle", Lifecycle.RETIRED, Presence.OFFLINE, 40)),
                List.of());

        assertThat(overview)
                .isEqualTo(new Overview(
                        NOW,
                        11,
                        Map.of("online", 8L, "offline", 2L, "stale", 1L),
                        Map.of("active", 9L, "maintenance", 2L, "retired", 40L),
                        List.of(
                                new Share("", 3, Map.of("online", 3L)),
                                new Share("eu", 8, Map.of("online", 5L, "offline", 2L, "stale", 1L))),
                        List.of(
                                new Share("pos", 10, Map.of("online", 8L, "offline", 2L)),
                                new Share("vehicle", 1, Map.of("stale", 1L))),
                        List.of()));
    }

    @Test
    void anEmptyFleetIsNothingAndNoError() {
        assertThat(FleetOverview.of(NOW, List.of(), List.of()))
                .isEqualTo(new Overview(NOW, 0, Map.of(), Map.of(), List.of(), List.of(), List.of()));
    }
}
