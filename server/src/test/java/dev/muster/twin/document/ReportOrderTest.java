package dev.muster.twin.document;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.twin.document.ReportOrder.Place;
import dev.muster.twin.document.ReportOrder.Stale;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ReportOrderTest {
    private static final long NOW = 1_764_000_000_000L;
    private static final Place KNOWN = new Place(10, 7L, NOW - 100, NOW, "b-2");

    private static Optional<Stale> after(
            Place known, @Nullable Long generation, @Nullable Long ts, @Nullable String boot) {
        return ReportOrder.problem(known, List.of("b-1"), new Place(11, generation, ts, NOW + 1_000, boot));
    }

    @Test
    void aReplayOfTheJournalIsARepetition() {
        assertThat(ReportOrder.problem(KNOWN, List.of(), KNOWN)).contains(Stale.REPEATED);
        assertThat(ReportOrder.problem(KNOWN, List.of(), new Place(0, 7L, NOW, NOW + 1_000, "b-2")))
                .as("a report in a journal that begins anew")
                .isEmpty();
    }

    @Test
    void aReportOfTheSameBootIsNewerByGenerationAndThenByTime() {
        assertThat(after(KNOWN, 7L, NOW, "b-2")).isEmpty();
        assertThat(after(KNOWN, 7L, NOW - 101, "b-2")).contains(Stale.OLDER_TIME);
        assertThat(after(KNOWN, 6L, NOW, "b-2")).contains(Stale.OLDER_GENERATION);
        assertThat(after(KNOWN, 8L, NOW - 3_600_000, "b-2")).isEmpty();
        assertThat(after(KNOWN, 7L, null, null)).isEmpty();
        assertThat(after(KNOWN, null, NOW - 101, "b-2")).contains(Stale.OLDER_TIME);
    }

    @Test
    void anotherBootIsNewerUnlessItIsAnEarlierOne() {
        assertThat(after(KNOWN, 3L, NOW - 3_600_000, "b-3")).isEmpty();
        assertThat(after(KNOWN, 9L, NOW, "b-1")).contains(Stale.OLDER_BOOT);
    }

    @Test
    void aClockThatWasAheadAndIsSetRightDoesNotSilenceTheAsset() {
        Place fromTheFuture = new Place(10, 7L, NOW + 7_200_000, NOW, "b-2");

        assertThat(after(fromTheFuture, 7L, NOW + 1_000, "b-2")).isEmpty();
    }
}
