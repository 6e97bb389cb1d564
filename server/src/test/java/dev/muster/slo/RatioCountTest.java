package dev.muster.slo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class RatioCountTest {
    private static final int ASSETS = 100;

    private final AtomicInteger goes = new AtomicInteger();

    /** Each asset did as many things as its number says, told one by one; of asset 7 more went wrong than it did. */
    private Map<String, Tally> told(boolean partIsBad, int most) {
        Map<String, Tally> told = new TreeMap<>();
        new RatioCount(
                        each -> {
                            goes.incrementAndGet();
                            for (int round = 0; round < ASSETS; round++) {
                                for (int i = round + 1; i < ASSETS; i++) {
                                    each.accept("a" + i, 1);
                                }
                            }
                        },
                        each -> {
                            each.accept("a7", 10);
                            each.accept("a50", 2);
                            each.accept("a50", 3);
                            each.accept("absent", 5);
                        },
                        partIsBad,
                        most)
                .tell((asset, tally) ->
                        assertThat(told.put(asset, tally)).as(asset).isNull());
        return told;
    }

    @Test
    void aRatioIsThatOfEachAsset() {
        Map<String, Tally> told = told(true, ASSETS);
        assertThat(told)
                .hasSize(ASSETS - 1)
                .containsEntry("a7", new Tally(0, 7, 0, 0))
                .containsEntry("a50", new Tally(45, 5, 0, 0))
                .containsEntry("a99", new Tally(99, 0, 0, 0));
        assertThat(told(false, ASSETS)).containsEntry("a50", new Tally(5, 45, 0, 0));
        assertThat(goes).as("times that each of both was counted").hasValue(2);
    }

    @Test
    void itIsTheSameInSeveralGoes() {
        Map<String, Tally> atOnce = told(true, ASSETS);
        assertThat(told(true, 10)).isEqualTo(atOnce);
        assertThat(goes.get()).isGreaterThan(10);
    }
}
