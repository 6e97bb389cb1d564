package dev.muster.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.protocol.AssetId;
import dev.muster.registry.Asset;
import dev.muster.registry.Lifecycle;
import dev.muster.registry.Presence;
import dev.muster.registry.selector.Selectors;
import dev.muster.registry.type.AssetType.UpdatePolicy;
import dev.muster.registry.type.AssetType.UpdatePolicy.Bounds;
import dev.muster.registry.type.AssetType.UpdatePolicy.Space;
import dev.muster.rollout.engine.Clearance.Wait;
import dev.muster.rollout.engine.Reason;
import dev.muster.telemetry.store.TelemetryStore.Value;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SafeNowTest {
    private static final Instant NOW = Instant.parse("2026-11-26T12:00:00Z");
    private static final AssetId ID = new AssetId("cart-1");
    private static final long ARTIFACT = 1_000;

    @Test
    void whereItsTypeAsksForNothingAnAssetIsSafeUnlessItIsInMaintenance() {
        assertThat(waits("", Map.of(), null, Map.of(), Lifecycle.ACTIVE)).isEmpty();
        assertThat(waits("", Map.of(), null, Map.of(), Lifecycle.MAINTENANCE))
                .contains(new Wait(Reason.MAINTENANCE, null, "is in maintenance"));
    }

    @Test
    void whatItsTypeRequiresOfTheAssetIsAskedAtThatMoment() {
        assertThat(waits("asset.labels.parked == 'yes'", Map.of(), null, Map.of(), Lifecycle.ACTIVE))
                .contains(new Wait(
                        Reason.UNSAFE, null, "its type cart allows an update when asset.labels.parked == 'yes'"));
        assertThat(waits("asset.lifecycle == 'maintenance'", Map.of(), null, Map.of(), Lifecycle.MAINTENANCE))
                .isEmpty();
    }

    @Test
    void aMetricMustHaveBeenToldLatelyAndBeWithinItsBounds() {
        Map<String, Bounds> charged = Map.of("battery.level", new Bounds(0.3, null, Duration.ofMinutes(15)));
        String allowed = "its type cart allows an update when battery.level is at least 0.3; ";

        assertThat(waits("", charged, null, told("battery.level", 0.3, 14), Lifecycle.ACTIVE))
                .isEmpty();
        assertThat(waits("", charged, null, told("battery.level", 0.29, 14), Lifecycle.ACTIVE))
                .contains(new Wait(Reason.UNSAFE, null, allowed + "it is 0.29"));
        assertThat(waits("", charged, null, told("battery.level", 0.9, 16), Lifecycle.ACTIVE))
                .contains(new Wait(Reason.UNSAFE, null, allowed + "nothing was told within 15m"));
        assertThat(waits("", charged, null, Map.of(), Lifecycle.ACTIVE))
                .contains(new Wait(Reason.UNSAFE, null, allowed + "nothing was told within 15m"));
        assertThat(waits("", charged, null, told("battery.level", "full", 1), Lifecycle.ACTIVE))
                .contains(new Wait(Reason.UNSAFE, null, allowed + "nothing was told within 15m"));
    }

    @Test
    void thereMustBeRoomForTheArtifactSoManyTimesAndTheReserve() {
        Space twice = new Space("disk.free", 2, 500, Duration.ofHours(1));

        assertThat(waits("", Map.of(), twice, told("disk.free", 2_500.0, 59), Lifecycle.ACTIVE))
                .isEmpty();
        assertThat(waits("", Map.of(), twice, told("disk.free", 2_499.0, 59), Lifecycle.ACTIVE))
                .contains(new Wait(
                        Reason.NO_SPACE, null, "needs 2500 bytes for an artifact of 1000, disk.free: 2499 are free"));
        assertThat(waits("", Map.of(), twice, Map.of(), Lifecycle.ACTIVE))
                .contains(new Wait(
                        Reason.NO_SPACE,
                        null,
                        "needs 2500 bytes for an artifact of 1000, disk.free: nothing was told within 1h"));
    }

    @Test
    void anAssetThatAnOpenIncidentIsAboutWaitsWhateverItsTypeAllows() {
        SafeNow safe = new SafeNow(
                type -> Optional.empty(),
                new Selectors(new SimpleMeterRegistry()),
                (type, assets, metrics) -> Map.of(),
                List.of(assets -> Map.of(ID, "INC-12: the cart does not start")));
        Asset asset = asset(Lifecycle.ACTIVE);

        assertThat(safe.of(List.of(asset), NOW).of(asset, ARTIFACT))
                .contains(new Wait(Reason.INCIDENT, null, "open incident INC-12: the cart does not start"));
    }

    private static Optional<Wait> waits(
            String requires,
            Map<String, Bounds> metrics,
            @Nullable Space space,
            Map<String, Value> told,
            Lifecycle lifecycle) {
        UpdatePolicy policy = new UpdatePolicy(
                UpdatePolicy.Mode.MANUAL, true, Duration.ofMinutes(10), requires, metrics, space, 0, 0, Map.of());
        SafeNow safe = new SafeNow(
                type -> Optional.of(policy),
                new Selectors(new SimpleMeterRegistry()),
                (type, assets, names) -> Map.of(ID, told),
                List.of());
        Asset asset = asset(lifecycle);
        return safe.of(List.of(asset), NOW).of(asset, ARTIFACT);
    }

    private static Map<String, Value> told(String metric, Object value, int minutesAgo) {
        return Map.of(
                metric, new Value(NOW.minus(Duration.ofMinutes(minutesAgo)).toEpochMilli(), value));
    }

    private static Asset asset(Lifecycle lifecycle) {
        return new Asset(
                ID,
                "cart",
                Map.of("parked", "no"),
                "",
                "",
                "",
                "",
                lifecycle,
                Presence.ONLINE,
                NOW,
                null,
                null,
                Map.of(),
                null,
                NOW,
                NOW,
                1);
    }
}
