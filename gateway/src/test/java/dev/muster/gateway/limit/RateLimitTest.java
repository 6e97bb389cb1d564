package dev.muster.gateway.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.gateway.config.DevicePlaneConfig.Rate;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RateLimitTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    @Test
    void anAddressHasItsBurstAndThenItsRate() {
        var limit = new RateLimit(new Rate(60, 3, 10));
        for (int i = 0; i < 3; i++) {
            assertThat(limit.attempt("10.0.0.1", 0)).isZero();
        }
        assertThat(limit.attempt("10.0.0.1", 0)).isEqualTo(1);
        assertThat(limit.attempt("10.0.0.2", 0)).as("another address").isZero();
        assertThat(limit.attempt("10.0.0.1", SECOND)).as("a second later").isZero();
        assertThat(limit.attempt("10.0.0.1", SECOND)).isEqualTo(1);
    }

    @Test
    void theTableIsBounded() {
        var limit = new RateLimit(new Rate(60, 1, 100));
        for (int i = 0; i < 10_000; i++) {
            limit.attempt("10.0." + i / 256 + "." + i % 256, 0);
        }
        assertThat(limit.remembered()).isEqualTo(100);
    }

    @Test
    void addressesOfOneIpv6NetworkCountAsOne() {
        assertThat(RateLimit.network("2001:db8:0:1:2:3:4:5"))
                .isEqualTo(RateLimit.network("2001:db8:0:1:ffff:0:0:1"))
                .isNotEqualTo(RateLimit.network("2001:db8:0:2:2:3:4:5"));
        assertThat(RateLimit.network("10.1.2.3")).isEqualTo("10.1.2.3");
    }
}
