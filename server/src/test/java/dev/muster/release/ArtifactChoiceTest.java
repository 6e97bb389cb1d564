package dev.muster.release;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.protocol.AssetId;
import dev.muster.protocol.tuf.TargetFile;
import dev.muster.registry.Asset;
import dev.muster.registry.Lifecycle;
import dev.muster.registry.Presence;
import dev.muster.registry.selector.Selectors;
import dev.muster.release.ArtifactChoice.Choice;
import dev.muster.release.ArtifactChoice.Why;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ArtifactChoiceTest {
    private static final Instant NOW = Instant.parse("2026-11-25T12:00:00Z");

    private final ArtifactChoice choice = new ArtifactChoice(new Selectors(new SimpleMeterRegistry()));

    @Test
    void anArtifactForTheHardwareComesBeforeOneForAny() {
        TargetFile any = artifact("any.tar", "", "");
        TargetFile pi = artifact("pi.tar", "rpi4", "");

        assertThat(choose(release(any, pi), "rpi4")).isEqualTo(new Choice.Chosen(pi));
        assertThat(choose(release(any, pi), "imx8")).isEqualTo(new Choice.Chosen(any));
    }

    @Test
    void saysWhichHardwareItIsFor() {
        Release release = release(artifact("pi.tar", "rpi4", ""), artifact("imx.tar", "imx8", ""));

        assertThat(choose(release, "x86"))
                .isEqualTo(
                        new Choice.Incompatible(
                                Why.HARDWARE,
                                "app@1.5.0 has no artifact for asset truck-1: its hardware is x86, artifacts are for imx8, rpi4"));
        assertThat(choose(release, ""))
                .isEqualTo(
                        new Choice.Incompatible(
                                Why.HARDWARE,
                                "app@1.5.0 has no artifact for asset truck-1: its hardware is not set, artifacts are for imx8, rpi4"));
    }

    @Test
    void compatibilityDecidesAndWhatCannotBeDecidedIsNo() {
        TargetFile eu = artifact("eu.tar", "", "asset.region == 'eu'");

        assertThat(choose(release(eu), "rpi4")).isEqualTo(new Choice.Chosen(eu));
        assertThat(choose(release(artifact("us.tar", "", "asset.region == 'us'")), "rpi4"))
                .isEqualTo(new Choice.Incompatible(
                        Why.COMPATIBILITY,
                        "app@1.5.0 is not compatible with asset truck-1: app/1.5.0/us.tar is for assets where"
                                + " asset.region == 'us'"));
        assertThat(choose(release(artifact("b.tar", "", "asset.labels.board == 'b'")), "rpi4"))
                .isEqualTo(new Choice.Incompatible(
                        Why.COMPATIBILITY,
                        "app@1.5.0 is not compatible with asset truck-1: app/1.5.0/b.tar is for assets where"
                                + " asset.labels.board == 'b', which cannot be decided for this one"));
    }

    @Test
    void severalThatFitEquallyAreNotGuessedBetween() {
        assertThat(choose(release(artifact("a.tar", "", ""), artifact("b.tar", "", "")), "rpi4"))
                .isEqualTo(new Choice.Incompatible(
                        Why.AMBIGUOUS,
                        "app@1.5.0 has several artifacts for asset truck-1: app/1.5.0/a.tar, app/1.5.0/b.tar; their"
                                + " hardware or compatibility must tell them apart"));
    }

    @Test
    void aQuarantinedOrPrunedReleaseIsForNobody() {
        Release.State quarantined = new Release.State.Quarantined(NOW, "anna", "bricks the pump");

        assertThat(choose(release(quarantined, null, Map.of(), artifact("a.tar", "", "")), "rpi4"))
                .isEqualTo(new Choice.Incompatible(
                        Why.QUARANTINED, "app@1.5.0 is quarantined since 2026-11-25T12:00:00Z: bricks the pump"));
        assertThat(choose(release(new Release.State.Published(NOW), NOW, Map.of(), artifact("a.tar", "", "")), "rpi4"))
                .isEqualTo(new Choice.Incompatible(
                        Why.PRUNED, "the artifacts of app@1.5.0 were removed at 2026-11-25T12:00:00Z"));
    }

    @Test
    void aSetIsChosenComponentByComponent() {
        assertThat(choose(
                        release(new Release.State.Published(NOW), null, Map.of("os", "3"), artifact("a.tar", "", "")),
                        ""))
                .isEqualTo(
                        new Choice.Incompatible(Why.IS_A_SET, "app@1.5.0 is a set; choose for each of its components"));
    }

    private Choice choose(Release release, String hardware) {
        Asset asset = new Asset(
                new AssetId("truck-1"),
                "vehicle",
                Map.of(),
                "",
                "eu",
                "",
                hardware,
                Lifecycle.ACTIVE,
                Presence.NEVER_SEEN,
                NOW,
                null,
                null,
                Map.of(),
                null,
                NOW,
                NOW,
                1);
        return choice.choose(release, asset, NOW);
    }

    private static Release release(TargetFile... files) {
        return release(new Release.State.Published(NOW), null, Map.of(), files);
    }

    private static Release release(
            Release.State state, @Nullable Instant pruned, Map<String, String> components, TargetFile... files) {
        return new Release(new ReleaseName("app", "1.5.0"), 7, state, List.of(files), components, NOW, "ci", pruned);
    }

    private static TargetFile artifact(String name, String hardware, String compatibility) {
        return new TargetFile(
                "app/1.5.0/" + name,
                1,
                "0".repeat(64),
                new TargetFile.Custom(
                        TargetFile.Kind.ARTIFACT,
                        "app",
                        "1.5.0",
                        hardware.isEmpty() ? List.of() : List.of(hardware),
                        compatibility,
                        Map.of()));
    }
}
