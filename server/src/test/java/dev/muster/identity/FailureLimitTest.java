package dev.muster.identity;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class FailureLimitTest {
    private static final int BURST = 20;
    private static final int MAX_ADDRESSES = 1_000;
    private static final Instant NOW = Instant.parse("2026-11-23T10:00:00Z");

    private final FailureLimit limit = new FailureLimit(BURST, MAX_ADDRESSES);

    @Test
    void allowsABurstAndThenOneASecond() {
        fail("10.0.0.1", BURST - 1);
        assertThat(limit.wait("10.0.0.1", NOW)).isEmpty();

        fail("10.0.0.1", 1);
        assertThat(limit.wait("10.0.0.1", NOW)).contains(Duration.ofSeconds(1));
        assertThat(limit.wait("10.0.0.1", NOW.plusSeconds(1))).isEmpty();

        limit.count("10.0.0.1", NOW.plusSeconds(1));
        assertThat(limit.wait("10.0.0.1", NOW.plusSeconds(1))).contains(Duration.ofSeconds(1));
    }

    @Test
    void forgivesEverythingAfterAQuietWhile() {
        fail("10.0.0.1", BURST);
        Instant later = NOW.plusSeconds(BURST);
        for (int i = 0; i < BURST - 1; i++) {
            limit.count("10.0.0.1", later);
        }
        assertThat(limit.wait("10.0.0.1", later)).isEmpty();
    }

    @Test
    void countsAddressesApart() {
        fail("10.0.0.1", BURST);
        assertThat(limit.wait("10.0.0.2", NOW)).isEmpty();
    }

    @Test
    void countsTheAddressesOfOneIpv6NetworkTogether() {
        fail("2001:db8:1:2::1", BURST / 2);
        fail("2001:db8:1:2:ffff::9", BURST - BURST / 2);
        assertThat(limit.wait("2001:db8:1:2:3:4:5:6", NOW)).isPresent();
        assertThat(limit.wait("2001:db8:1:3::1", NOW)).isEmpty();
    }

    @Test
    void remembersABoundedNumberOfAddressesAndForgetsTheLongestAgo() {
        fail("10.0.0.1", BURST);
        for (int i = 0; i < MAX_ADDRESSES; i++) {
            limit.count("192.168." + i / 250 + "." + i % 250, NOW);
        }
        assertThat(limit.addresses()).isEqualTo(MAX_ADDRESSES);
        assertThat(limit.wait("10.0.0.1", NOW)).isEmpty();
    }

    private void fail(String address, int times) {
        for (int i = 0; i < times; i++) {
            limit.count(address, NOW);
        }
    }
}
