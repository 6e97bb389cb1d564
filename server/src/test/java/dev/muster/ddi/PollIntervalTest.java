package dev.muster.ddi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.protocol.AssetId;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PollIntervalTest {
    @Test
    void anAssetPollsTwiceBeforeItSeemsSilentAndNeverMoreOftenThanEveryHalfMinute() {
        PollInterval interval = new PollInterval(Duration.ofMinutes(5), 0);
        AssetId asset = new AssetId("pump");
        assertThat(interval.of(asset, Duration.ofHours(1))).isEqualTo(Duration.ofMinutes(5));
        assertThat(interval.of(asset, Duration.ofSeconds(90))).isEqualTo(Duration.ofSeconds(45));
        assertThat(interval.of(asset, Duration.ofSeconds(20))).isEqualTo(Duration.ofSeconds(30));
        assertThat(new PollInterval(Duration.ofSeconds(2), 0).of(asset, Duration.ofHours(1)))
                .isEqualTo(Duration.ofSeconds(2));
    }

    @Test
    void assetsSleepMoreOrLessByTheirOwnShare() {
        PollInterval interval = new PollInterval(Duration.ofMinutes(5), 10);
        Set<Duration> sleeps = new HashSet<>();
        for (int i = 0; i < 1_000; i++) {
            Duration sleep = interval.of(new AssetId("pump-" + i), Duration.ofHours(1));
            assertThat(sleep).isBetween(Duration.ofSeconds(270), Duration.ofSeconds(330));
            assertThat(sleep).isEqualTo(interval.of(new AssetId("pump-" + i), Duration.ofHours(1)));
            sleeps.add(sleep);
        }
        assertThat(sleeps).hasSizeGreaterThan(900);
    }
}
