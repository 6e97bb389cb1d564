package dev.muster.slo;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SettlingTest {
    private static final Instant AT = Instant.parse("2026-03-01T00:00:00Z");

    private final Settling settling = new Settling();

    @Test
    void aBucketIsLookedAtLessOftenTheOlderItIs() {
        int inTheFirstHour = 0;
        int inTheSecondDay = 0;
        for (Instant now = AT.plus(Buckets.SIZE);
                now.isBefore(AT.plus(Duration.ofDays(2)));
                now = now.plusSeconds(15)) {
            int looks = settling.due(List.of(AT), now, 24).size();
            inTheFirstHour += now.isBefore(AT.plus(Duration.ofHours(1))) ? looks : 0;
            inTheSecondDay += now.isAfter(AT.plus(Duration.ofDays(1))) ? looks : 0;
        }
        assertThat(inTheFirstHour).isBetween(30, 60);
        assertThat(inTheSecondDay).isBetween(10, 16);
    }

    @Test
    void manyOldOnesDoNotKeepANewOneFromItsTurn() {
        List<Instant> all = IntStream.range(0, 100)
                .mapToObj(bucket -> AT.plus(Buckets.SIZE.multipliedBy(bucket)))
                .toList();
        Instant now = all.getLast().plus(Buckets.SIZE);
        assertThat(settling.due(all, now, 24)).startsWith(all.getLast()).hasSize(24);
        Instant soon = now.plusSeconds(15);
        assertThat(settling.due(all, soon, 200))
                .as("all others, and the newest once more")
                .hasSize(77)
                .contains(all.getFirst(), all.getLast());
    }

    @Test
    void whatHasSettledIsForgotten() {
        Instant now = AT.plus(Duration.ofDays(1));
        assertThat(settling.due(List.of(AT), now, 24)).containsExactly(AT);
        assertThat(settling.due(List.of(AT), now.plusSeconds(15), 24)).isEmpty();
        assertThat(settling.due(List.of(), now.plusSeconds(30), 24)).isEmpty();
        assertThat(settling.due(List.of(AT), now.plusSeconds(45), 24)).containsExactly(AT);
    }
}
