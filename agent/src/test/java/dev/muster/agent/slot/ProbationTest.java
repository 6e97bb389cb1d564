package dev.muster.agent.slot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.agent.slot.AppDefinition.Health;
import dev.muster.agent.slot.AppDefinition.Probe;
import dev.muster.agent.slot.Probation.Verdict;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ProbationTest {
    private static final Health HEALTH =
            new Health(new Probe.Alive(), Duration.ofSeconds(1), Duration.ofSeconds(10), Duration.ofSeconds(60));
    private static final Optional<Verdict> UNDECIDED = Optional.empty();
    private static final Optional<Verdict> HEALTHY = Optional.of(new Verdict(Optional.empty()));

    private final Probation probation = new Probation(HEALTH, seconds(100));

    @Test
    void isHealthyAfterTenSecondsWithoutABreak() {
        assertThat(look(100, "starting")).isEqualTo(UNDECIDED);
        assertThat(look(105, "")).isEqualTo(UNDECIDED);
        assertThat(look(114, "")).isEqualTo(UNDECIDED);
        assertThat(look(115, "")).isEqualTo(HEALTHY);
    }

    @Test
    void aBreakBeginsAnew() {
        assertThat(look(100, "")).isEqualTo(UNDECIDED);
        assertThat(look(109, "hiccup")).isEqualTo(UNDECIDED);
        assertThat(look(111, "")).isEqualTo(UNDECIDED);
        assertThat(look(120, "")).isEqualTo(UNDECIDED);
        assertThat(look(121, "")).isEqualTo(HEALTHY);
    }

    @Test
    void oneThatEndsIsNotWaitedFor() {
        assertThat(look(100, "")).isEqualTo(UNDECIDED);
        assertThat(probation.seen(seconds(101), Optional.of("it ended with 1"), Optional.empty()))
                .contains(new Verdict(Optional.of("it ended with 1")));
    }

    @Test
    void timeIsOverWhenItIsIllAfterAMinute() {
        assertThat(look(159, "starting")).isEqualTo(UNDECIDED);
        assertThat(look(160, "starting"))
                .contains(new Verdict(Optional.of("it was not healthy for 10 s within 60 s: starting")));
    }

    @Test
    void oneThatBecameHealthyInTheLastMomentGetsItsTenSeconds() {
        assertThat(look(159, "")).isEqualTo(UNDECIDED);
        assertThat(look(165, "")).isEqualTo(UNDECIDED);
        assertThat(look(169, "")).isEqualTo(HEALTHY);
    }

    private Optional<Verdict> look(long second, String problem) {
        return probation.seen(
                seconds(second), Optional.empty(), Optional.of(problem).filter(text -> !text.isEmpty()));
    }

    private static long seconds(long seconds) {
        return seconds * 1_000_000_000L;
    }
}
