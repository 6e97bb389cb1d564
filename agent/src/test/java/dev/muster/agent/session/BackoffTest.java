package dev.muster.agent.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.agent.session.SessionEnd.Kind;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BackoffTest {
    private static final SessionEnd LOST = new SessionEnd(Kind.LOST, "");
    private final long seed = System.nanoTime();
    private final Backoff backoff = new Backoff(new Random(seed));

    @Test
    void waitsLongerAndLongerAndNeverBeyondTheCap() {
        Duration longest = Duration.ZERO;
        for (int i = 0; i < 200; i++) {
            Duration ceiling = Duration.ofSeconds(i < 9 ? 1L << i : 300).compareTo(Backoff.CAP) > 0
                    ? Backoff.CAP
                    : Duration.ofSeconds(i < 9 ? 1L << i : 300);
            Duration wait = backoff.after(LOST, Duration.ofSeconds(3));
            assertThat(wait).as("seed %s, attempt %s", seed, i).isBetween(Duration.ZERO, ceiling);
            longest = wait.compareTo(longest) > 0 ? wait : longest;
        }
        assertThat(longest).as("seed %s", seed).isGreaterThan(Duration.ofMinutes(4));
    }

    @Test
    void aSessionThatHeldStartsTheWaitFromTheBase() {
        for (int i = 0; i < 20; i++) {
            backoff.after(LOST, Duration.ZERO);
        }
        assertThat(backoff.after(LOST, Backoff.STABLE)).isLessThanOrEqualTo(Backoff.BASE);
    }

    @Test
    void aRefusalIsNoHotLoop() {
        for (int i = 0; i < 50; i++) {
            assertThat(backoff.after(SessionEnd.ofCode("CONNACK", 0x87, "", 0), Duration.ZERO))
                    .isBetween(Backoff.REFUSED, Backoff.REFUSED.multipliedBy(2));
        }
    }

    @Test
    void anExpiredCertificateIsLookedAtAgainWithinMinutesForTheClockMayHaveBeenWrong() {
        for (int i = 0; i < 50; i++) {
            assertThat(backoff.after(new SessionEnd(Kind.EXPIRED, ""), Duration.ZERO))
                    .isBetween(Duration.ZERO, Backoff.CAP);
        }
    }

    @Test
    void reasonCodesMeanWhatTheProtocolSays() {
        assertThat(SessionEnd.ofCode("DISCONNECT", 0x98, "", 0).kind()).isEqualTo(Kind.REFUSED);
        assertThat(SessionEnd.ofCode("DISCONNECT", 0x8E, "", 0).kind()).isEqualTo(Kind.TAKEN_OVER);
        assertThat(SessionEnd.ofCode("DISCONNECT", 0x8B, "", 0).kind()).isEqualTo(Kind.LOST);
        assertThat(SessionEnd.ofCode("DISCONNECT", 0x98, "asset retired", 0).reason())
                .isEqualTo("the server sent DISCONNECT 0x98 (ended by an operator), asset retired");
    }

    @Test
    void whatTheServerAsksForWinsAndIsBounded() {
        for (int i = 0; i < 50; i++) {
            assertThat(backoff.after(SessionEnd.ofCode("CONNACK", 0x89, "", 40), Duration.ZERO))
                    .as("seed %s", seed)
                    .isBetween(Duration.ofSeconds(40), Duration.ofSeconds(41));
        }
        assertThat(backoff.after(SessionEnd.ofCode("DISCONNECT", 0x8B, "", 999_999), Duration.ZERO))
                .isLessThanOrEqualTo(Backoff.LONGEST_ASKED.plusSeconds(1));
        assertThat(backoff.after(LOST, Duration.ZERO)).as("the next time").isLessThanOrEqualTo(Backoff.BASE);
    }

    @Test
    void aNewCertificateComesBackAtOnce() {
        assertThat(backoff.after(new SessionEnd(Kind.RENEWED, ""), Duration.ZERO))
                .isZero();
    }
}
