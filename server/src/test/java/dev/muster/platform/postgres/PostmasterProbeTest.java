package dev.muster.platform.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.platform.postgres.PostmasterProbe.Answer;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PostmasterProbeTest {
    private static final SQLException RECOVERS =
            new SQLException("FATAL: the database system is not yet accepting connections", "57P03");

    private static final Duration SECOND = Duration.ofSeconds(1);

    private @Nullable SQLException failure = RECOVERS;
    private Optional<String> recovery = Optional.empty();
    private long nanos = -5_000_000_000L;
    private final PostmasterProbe probe = new PostmasterProbe(
            () -> {
                if (failure != null) {
                    throw failure;
                }
            },
            () -> recovery,
            () -> nanos);

    @Test
    void isStuckWhenItRefusesAndNothingRecovers() {
        for (int second = 0; second < PostmasterProbe.PATIENCE.toSeconds(); second++) {
            assertThat(askAfter(SECOND)).isEqualTo(Answer.REFUSES);
        }
        assertThat(askAfter(SECOND)).isEqualTo(Answer.STUCK);
        assertThat(probe.said()).hasValueSatisfying(said -> assertThat(said).contains("not yet accepting"));
    }

    @Test
    void isAskedOftenEnoughBeforeItIsCalledSo() {
        assertThat(askAfter(SECOND)).isEqualTo(Answer.REFUSES);
        for (int look = 2; look < PostmasterProbe.LOOKS; look++) {
            assertThat(askAfter(Duration.ofHours(1))).as("look %s", look).isEqualTo(Answer.REFUSES);
        }
        assertThat(askAfter(Duration.ofHours(1))).isEqualTo(Answer.STUCK);
    }

    @Test
    void manyLooksAtOnceAreNoLongTime() {
        for (int look = 0; look < 20 * PostmasterProbe.LOOKS; look++) {
            assertThat(askAfter(Duration.ofMillis(50))).isEqualTo(Answer.REFUSES);
        }
    }

    @Test
    void aLongRecoveryIsWaitedFor() {
        recovery = Optional.of("postgres: startup recovering 000000010000000000000042");
        isAlways(Answer.REFUSES);
        assertThat(probe.said()).hasValueSatisfying(said -> assertThat(said).contains("000000010000000000000042"));
    }

    @Test
    void aMomentBetweenTwoRecoveriesIsNoSignOfBeingStuck() {
        for (int round = 0; round < 5; round++) {
            recovery = Optional.empty();
            for (int second = 0; second < PostmasterProbe.PATIENCE.toSeconds(); second++) {
                assertThat(askAfter(SECOND)).isEqualTo(Answer.REFUSES);
            }
            recovery = Optional.of("postgres: startup");
            assertThat(askAfter(SECOND)).isEqualTo(Answer.REFUSES);
        }
    }

    @Test
    void oneThatIsBeingStoppedIsLeftToIt() {
        failure = new SQLException("FATAL: the database system is shutting down", "57P03");
        isAlways(Answer.REFUSES);
    }

    @Test
    void whoHasNoConnectionLeftIsNotStuck() {
        failure = new SQLException("FATAL: sorry, too many clients already", "53300");
        isAlways(Answer.SILENT);
    }

    @Test
    void whatServedBeginsAnew() {
        for (int second = 0; second < PostmasterProbe.PATIENCE.toSeconds(); second++) {
            assertThat(askAfter(SECOND)).isEqualTo(Answer.REFUSES);
        }
        failure = null;
        assertThat(askAfter(SECOND)).isEqualTo(Answer.SERVES);
        assertThat(probe.said()).isEmpty();
        failure = RECOVERS;
        assertThat(askAfter(SECOND)).isEqualTo(Answer.REFUSES);
    }

    @Test
    void aWrongPasswordIsToldApart() {
        failure = new SQLException("FATAL: password authentication failed", "28P01");
        isAlways(Answer.WRONG_PASSWORD);
    }

    private Answer askAfter(Duration passed) {
        nanos += passed.toNanos();
        return probe.ask();
    }

    private void isAlways(Answer expected) {
        for (int second = 0; second < 5 * PostmasterProbe.PATIENCE.toSeconds(); second++) {
            assertThat(askAfter(SECOND)).isEqualTo(expected);
        }
    }
}
