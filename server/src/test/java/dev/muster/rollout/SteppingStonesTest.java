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
        assertThat(told(asset("1.4.2"))).contains("needs app >= 1.9, runs 1.4.2; bring app@1.10 first");
        assertThat(told(asset("1.3")))
                .as("1.10 is not for it")
                .contains("needs app >= 1.9, runs 1.3; bring app@1.9 first");
    }

    @Test
    void oneThatIsQuarantinedOrRunsAlreadyLeadsNowhere() {
        Release bad = release("1.10", "", false);
        SteppingStones stones = stones(two, List.of(two, bad, oneNine));

        assertThat(stones.told(asset("1.3"))).contains("needs app >= 1.9, runs 1.3; bring app@1.9 first");
        assertThat(stones.told(asset("1.9"))).isEmpty();
    }

    @Test
    void whereNoReleaseLeadsOnNoneIsNamed() {
        assertThat(stones(two, List.of(two, oneEight)).told(asset("1.3"))).contains("needs app >= 1.9, runs 1.3");
    }

    @Test
    void anotherComponentThatMustComeFirstIsNamed() {
        Release os = release("os", "2.0", "asset.software.app.atLeast('1.9')", true);

        assertThat(stones(os, List.of(os, two, oneTen, oneNine, oneEight)).told(asset("1.4")))
                .as("2.0 is not for it")
                .contains("needs app >= 1.9, runs 1.4; bring app@1.10 first");
        assertThat(stones(os, List.of(os, oneEight)).told(asset(Map.of()))).contains("needs app >= 1.9, runs none");
    }

    @Test
    void severalComponentsAreNamedInTheOrderInWhichTheyLeadOn() {
        Release os = release("os", "2.0", "asset.software['lib'] == '5' && asset.software.app.atLeast('1.9')", true);
        Release lib = release("lib", "5", "", true);
        Release app = release("app", "1.9", "asset.software.lib.atLeast('4')", true);
        Release other = release("app", "1.10", "asset.region == 'eu'", true);

        assertThat(stones(os, List.of(os, lib, other, app)).told(asset(Map.of("app", "1.3", "lib", "3"))))
                .contains("needs lib = 5, runs 3, and app >= 1.9, runs 1.3; bring lib@5 and app@1.9 first");
    }

    @Test
    void ofAlternativesTheOneThatCanBeBroughtIsNamedAndNoneIsSaidToBeNeeded() {
        Release os = release("os", "2.0", "asset.software.app.atLeast('1.9') || asset.software.lib.atLeast('5')", true);
        Release lib = release("lib", "5", "", true);

        assertThat(stones(os, List.of(os, lib)).told(asset("1.3"))).contains("bring lib@5 first");
    }

    @Test
    void whatIsNotOfVersionsIsNotMendedByAny() {
        Release os = release("os", "2.0", "asset.region == 'eu' && asset.software.app.atLeast('1.9')", true);

        assertThat(stones(os, List.of(os, oneNine)).told(asset("1.3"))).contains("needs app >= 1.9, runs 1.3");
        assertThat(stones(os, List.of(os, oneNine)).told(asset("1.9"))).isEmpty();
    }

    private Optional<String> told(Asset asset) {
        return stones(two, List.of(two, oneTen, oneNine, oneEight)).told(asset);
    }

    private static SteppingStones stones(Release wanted, List<Release> versions) {
        return new SteppingStones(
                wanted,
                component -> versions.stream()
                        .filter(release -> release.name().component().equals(component))
                        .toList(),
                new ArtifactChoice(new Selectors(new SimpleMeterRegistry())),
                NOW);
    }

    private static Release release(String version, String compatibility, boolean good) {
        return release("app", version, compatibility, good);
    }

    private static Release release(String component, String version, String compatibility, boolean good) {
        TargetFile artifact = new TargetFile(
                component + "/" + version + "/all.tar",
                1,
                "0".repeat(64),
                new TargetFile.Custom(
                        TargetFile.Kind.ARTIFACT, component, version, List.of(), compatibility, Map.of()));
        Release.State state =
                good ? new Release.State.Published(NOW) : new Release.State.Quarantined(NOW, "anna", "bricks");
        return new Release(new ReleaseName(component, version), 7, state, List.of(artifact), Map.of(), NOW, "ci", null);
    }

    private static Asset asset(String runs) {
        return asset(Map.of("app", runs));
    }

    private static Asset asset(Map<String, String> software) {
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
                software,
                null,
                NOW,
                NOW,
                1);
    }
}
