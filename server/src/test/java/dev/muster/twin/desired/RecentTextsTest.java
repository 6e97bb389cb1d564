package dev.muster.twin.desired;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RecentTextsTest {
    private static final int THIRD = (4 << 20) / 3;

    private final RecentTexts texts = new RecentTexts();
    private final List<Long> read = new ArrayList<>();

    @Test
    void whatIsKnownIsNotReadAgainAndWhatDoesNotExistIsLeftOut() {
        assertThat(of(10, 1L, 2L, 1L, -1L)).containsOnly(Map.entry(1L, "1".repeat(10)), Map.entry(2L, "2".repeat(10)));
        assertThat(of(10, 2L, 3L)).containsOnlyKeys(2L, 3L);
        assertThat(read).containsExactly(1L, 2L, -1L, 3L);
    }

    @Test
    void thoseThatWereAskedForLongestAgoAreForgottenFirst() {
        of(THIRD, 1L);
        of(THIRD, 2L);
        of(THIRD, 1L);
        of(THIRD, 3L);
        of(THIRD, 4L);
        read.clear();
        of(THIRD, 1L, 3L, 4L);
        assertThat(read).isEmpty();
        of(THIRD, 2L);
        assertThat(read).containsExactly(2L);
    }

    private Map<Long, String> of(int length, Long... ids) {
        return texts.of(Stream.of(ids), unknown -> read(unknown, length));
    }

    private Map<Long, String> read(Collection<Long> ids, int length) {
        read.addAll(ids);
        return ids.stream()
                .filter(id -> id > 0)
                .collect(Collectors.toMap(id -> id, id -> String.valueOf(id).repeat(length)));
    }
}
