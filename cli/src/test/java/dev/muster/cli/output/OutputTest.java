package dev.muster.cli.output;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OutputTest {

    @ParameterizedTest
    @CsvSource({"5, 5s", "119, 119s", "120, 2m", "7199, 119m", "7200, 2h", "172800, 2d", "-90, in 90s"})
    void tellsAgesInTheUnitThatFits(long seconds, String text) {
        assertThat(Column.distance(Duration.ofSeconds(seconds))).isEqualTo(text);
    }

    @Test
    void drawsASeriesWithItsGaps() {
        assertThat(Sparkline.of(Arrays.asList(0.0, 1.0, 2.0, null, 7.0), 10)).isEqualTo("▁▂▃ █");
        assertThat(Sparkline.of(List.of(5.0, 5.0), 10)).isEqualTo("▅▅");
        assertThat(Sparkline.of(List.of(0.0, 0.0, 8.0, 8.0), 2)).isEqualTo("▁█");
        assertThat(Sparkline.of(List.of(), 10)).isEmpty();
    }
}
