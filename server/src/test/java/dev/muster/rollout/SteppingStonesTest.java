package dev.muster.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.protocol.AssetId;
import dev.muster.protocol.tuf.TargetFile;
import dev.muster.registry.Asset;
import dev.muster.registry.Lifecycle;
import dev.muster.registry.Presence;
import dev.muster.registry.selector.Selectors;
import dev.muster.release.ArtifactChoice;
import dev.muster.release.Release;
import dev.muster.release.ReleaseName;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SteppingStonesTest {
    private static final Instant NOW = Instant.parse("2026-11-26T12:00:00Z");

    private final Release two = release("2.0", "asset.software.app.atLeast('1.9')", true);
    private final Release oneTen = release("1.10", "asset.software.app.atLeast('1.4')", true);
    private final Release oneNine = release("1.9", "", true);
    private final Release oneEight = release("1.8", "", true);

    @Test
    void theNewestReleaseThatIsForTheAssetAndLeadsOnIsNamed() {
        assertThat(before(asset("1.4.2"))).contains("app@1.10");
        assertThat(before(asset("1.3"))).as("1.10 is not for it").contains("app@1.9");
    }

    @Test
    void oneThatIsQuarantinedOrRunsAlreadyLeadsNowhere() {
        Release bad = release("1.10", "", false);
        SteppingStones stones = stones(List.of(two, bad, oneNine));

        assertThat(stones.before(asset("1.3")).map(found -> found.name().toString()))
                .contains("app@1.9");
        assertThat(stones.before(asset("1.9"))).isEmpty();
    }

    @Test
    void whereNoReleaseLeadsOnNoneIsNamed() {
        assertThat(stones(List.of(two, oneEight)).before(asset("1.3"))).isEmpty();
    }

    private Optional<String> before(Asset asset) {
        return stones(List.of(two, oneTen, oneNine, oneEight))
                .before(asset)
                .map(release -> release.name().toString());
    }

    private SteppingStones stones(List<Release> versions) {
        ArtifactChoice choice = new ArtifactChoice(new Selectors(new SimpleMeterRegistry()));
        return new SteppingStones(two, versions, choice, NOW);
    }

    private static Release release(String version, String compatibility, boolean good) {
        TargetFile artifact = new TargetFile(
                "app/" + version + "/app.tar",
                1,
                "0".repeat(64),
                new TargetFile.Custom(TargetFile.Kind.ARTIFACT, "app", version, List.of(), compatibility, Map.of()));
        Release.State state =
                good ? new Release.State.Published(NOW) : new Release.State.Quarantined(NOW, "anna", "bricks");
        return new Release(new ReleaseName("app", version), 7, state, List.of(artifact), Map.of(), NOW, "ci", null);
    }

    private static Asset asset(String runs) {
        return new Asset(
                new AssetId("cart-1"),
                "cart",
                Map.of(),
                "",
                "",
                "",
                "",
                Lifecycle.ACTIVE,
                Presence.ONLINE,
                NOW,
                null,
                null,
                Map.of("app", runs),
                null,
                NOW,
                NOW,
                1);
    }
}
