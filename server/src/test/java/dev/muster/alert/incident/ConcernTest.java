package dev.muster.alert.incident;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class ConcernTest {
    @Test
    void aReleaseIsAboutThoseThatRunIt() {
        assertThat(Concern.of(Map.of("release", "app@1.6.0", "type", "pos")))
                .contains("asset.type == 'pos' && asset.software['app'] == '1.6.0'");
    }

    @Test
    void anAlertThatNamesAnAssetIsAboutItEvenWhereItDoesNotRunTheRelease() {
        assertThat(Concern.of(Map.of("asset", "pi-1", "rollout", "bad", "release", "app@1.5.0", "site", "hall")))
                .contains("asset.id == 'pi-1'");
    }

    @Test
    void aConfigurationIsNoSoftwareOfAnAsset() {
        assertThat(Concern.of(Map.of("release", "configuration/wifi@3", "rollout", "wifi-3")))
                .isEmpty();
        assertThat(Concern.of(Map.of("release", "configuration/wifi@3", "site", "hall 'B'")))
                .contains("asset.site == 'hall \\'B\\''");
    }
}
