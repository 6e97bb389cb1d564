package dev.muster.gateway.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.protocol.AssetId;
import dev.muster.protocol.PayloadFormat;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RecentEntriesTest {
    private final RecentEntries recent = new RecentEntries(new JournalConfig.Memory(8, 1_000), 0);

    @Test
    void whatAllHavePassedIsLetGoAndWhatOneHasNotStays() {
        RecentEntries.Reader quick = recent.reader(0);
        RecentEntries.Reader slow = recent.reader(0);
        publish(4);
        assertThat(offsets(quick, 0, 4)).containsExactly(0L, 1L, 2L, 3L);
        assertThat(offsets(slow, 0, 2)).containsExactly(0L, 1L);
        assertThat(isKept(1)).isFalse();
        assertThat(offsets(slow, 2, 4)).containsExactly(2L, 3L);
        assertThat(isKept(3)).isFalse();
    }

    @Test
    void aReaderThatStandsStillHoldsNoMoreThanTheBounds() {
        var _ = recent.reader(0);
        RecentEntries.Reader quick = recent.reader(0);
        publish(20);
        assertThat(isKept(11)).isFalse();
        assertThat(offsets(quick, 12, 100)).hasSize(8).endsWith(19L);
    }

    @Test
    void aReaderThatHasLeftHoldsNothing() {
        RecentEntries.Reader left = recent.reader(0);
        RecentEntries.Reader quick = recent.reader(0);
        publish(4);
        left.close();
        assertThat(offsets(quick, 0, 4)).hasSize(4);
        assertThat(isKept(0)).isFalse();
    }

    @Test
    void oneThatGoesBackIsToldThatItIsNoLongerHereAndIsServedAgainWhenItHasCaughtUp() {
        RecentEntries.Reader reader = recent.reader(0);
        publish(4);
        assertThat(offsets(reader, 0, 4)).hasSize(4);
        assertThat(isKept(0)).isFalse();
        publish(1);
        assertThat(offsets(reader, 4, 4)).containsExactly(4L);
    }

    private void publish(int count) {
        List<Offered> entries = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            entries.add(new Offered(
                    1,
                    new AssetId("truck-1"),
                    EntryKind.HEARTBEAT,
                    new byte[0],
                    PayloadFormat.JSON,
                    new byte[] {1},
                    null,
                    new Acknowledgements()));
        }
        recent.publish(entries, 0, count);
    }

    private boolean isKept(long offset) {
        try (RecentEntries.Reader another = recent.reader(offset)) {
            return another.copy(offset, 1, new ArrayList<>());
        }
    }

    private static List<Long> offsets(RecentEntries.Reader reader, long from, int max) {
        List<JournalEntry> entries = new ArrayList<>();
        assertThat(reader.copy(from, max, entries)).isTrue();
        return entries.stream().map(JournalEntry::offset).toList();
    }
}
