package dev.muster.gateway.download;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.gateway.config.DevicePlaneConfig;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** How many bytes of downloads go out in a time that the test gives. */
class DownloadRateTest {
    private static final int MIB = 1 << 20;
    private long now = 42;

    @Test
    void allTogetherGetWhatIsAllowedAndEachAnEvenShare() {
        DownloadRate rate = rate(100, MIB, 0);
        long[] sent = run(rate, 30, "a", "b", "c", "d");
        long sum = sent[0] + sent[1] + sent[2] + sent[3];
        assertThat(sum).isBetween(29L * MIB, 31L * MIB + 4 * DownloadRate.CHUNK);
        for (long one : sent) {
            assertThat(one).isBetween(sum / 4 - 2 * DownloadRate.CHUNK, sum / 4 + 2 * DownloadRate.CHUNK);
        }
    }

    @Test
    void aSiteGetsWhatIsAllowedAndNotAtTheCostOfOthers() {
        DownloadRate rate = rate(100, 0, MIB);
        long[] sent = run(rate, 30, "crowded", "crowded", "crowded", "alone");
        assertThat(sent[0] + sent[1] + sent[2]).isBetween(29L * MIB, 31L * MIB + 3 * DownloadRate.CHUNK);
        assertThat(sent[3]).isBetween(29L * MIB, 31L * MIB + DownloadRate.CHUNK);
    }

    @Test
    void noMoreAreLetInThanGetEnoughToStayAlive() {
        DownloadRate rate = rate(100, 64 * 1024, 32 * 1024);
        assertThat(rate.tryBegin("a")).isTrue();
        assertThat(rate.tryBegin("a")).isTrue();
        assertThat(rate.tryBegin("a")).as("of one site").isFalse();
        assertThat(rate.tryBegin("b")).isTrue();
        assertThat(rate.tryBegin("c")).isTrue();
        assertThat(rate.tryBegin("d")).as("of all").isFalse();
        rate.end("a");
        assertThat(rate.tryBegin("d")).isTrue();
        assertThat(rate.going()).isEqualTo(4);
    }

    @Test
    void withoutALimitNobodyWaits() {
        DownloadRate rate = rate(2, 0, 0);
        assertThat(rate.isLimited()).isFalse();
        assertThat(rate.take("a", Integer.MAX_VALUE)).isZero();
        assertThat(rate.ofSite()).isZero();
        assertThat(rate.tryBegin("a") && rate.tryBegin("b")).isTrue();
        assertThat(rate.tryBegin("c")).isFalse();
    }

    private DownloadRate rate(int max, long all, long site) {
        return new DownloadRate(new DevicePlaneConfig.Downloads(max, all, site), () -> now);
    }

    /** Each sends a chunk whenever it may. */
    private long[] run(DownloadRate rate, int seconds, String... sites) {
        long[] sent = new long[sites.length];
        long[] due = new long[sites.length];
        boolean[] taken = new boolean[sites.length];
        long end = now + TimeUnit.SECONDS.toNanos(seconds);
        for (; now < end; now += TimeUnit.MILLISECONDS.toNanos(1)) {
            for (int i = 0; i < sites.length; i++) {
                if (taken[i] && due[i] <= now) {
                    sent[i] += DownloadRate.CHUNK;
                    taken[i] = false;
                }
                if (!taken[i]) {
                    due[i] = now + rate.take(sites[i], DownloadRate.CHUNK);
                    taken[i] = true;
                }
            }
        }
        return sent;
    }
}
