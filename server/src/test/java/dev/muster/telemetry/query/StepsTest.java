package dev.muster.telemetry.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.platform.error.Refusal;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StepsTest {
    @ParameterizedTest
    @CsvSource({
        "PT1H, 500, PT10S",
        "PT1H, 3600, PT1S",
        "PT1H, 10000, PT1S",
        "P1D, 1440, PT1M",
        "P1D, 1439, PT2M",
        "P1D, 300, PT5M",
        "P7D, 200, PT1H",
        "P365D, 400, P1D",
        "P365000D, 2, P364D",
        "PT0S, 1, PT1S"
    })
    void picksTheFinestStepThatIsCoarseEnough(Duration span, int points, Duration step) {
        assertThat(Steps.of(span.toMillis(), points)).isEqualTo(step);
    }

    @ParameterizedTest
    @CsvSource({"0", "-1", "10001"})
    void refusesNumbersOfPointsThatNobodyCanWant(int points) {
        assertThatThrownBy(() -> Steps.of(1_000, points))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("1 to 10000");
    }
}
