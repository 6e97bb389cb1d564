package dev.muster.simulator.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.EnumMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FaultTest {
    private static final String ALL = "app@1.5.0: failing=20% bricking=5% slow=10%, silent=2% lying=1% hardware=rev-b";

    @Test
    void isReadAsItIsWritten() {
        assertThat(Fault.parse(ALL))
                .isEqualTo(new Fault(
                        "app",
                        "1.5.0",
                        "rev-b",
                        Map.of(
                                FaultKind.FAILING, Share.parse("20%"),
                                FaultKind.BRICKING, Share.parse("5%"),
                                FaultKind.SLOW, Share.parse("0.1"),
                                FaultKind.SILENT, Share.parse("2%"),
                                FaultKind.LYING, Share.parse("1%"))));
    }

    @Test
    void hitsTheShareOfTheAssetsEachWithOneFault() {
        Fault fault = Fault.parse(ALL);
        Map<FaultKind, Integer> hits = new EnumMap<>(FaultKind.class);
        for (int i = 0; i < 10_000; i++) {
            fault.hitting(new Draw(42, "pump-" + i), "rev-b", "app", "1.5.0")
                    .ifPresent(kind -> hits.merge(kind, 1, Integer::sum));
        }
        // within five standard deviations
        assertThat(hits.get(FaultKind.FAILING)).isBetween(1_800, 2_200);
        assertThat(hits.get(FaultKind.BRICKING)).isBetween(390, 610);
        assertThat(hits.get(FaultKind.SLOW)).isBetween(850, 1_150);
        assertThat(hits.get(FaultKind.SILENT)).isBetween(130, 270);
        assertThat(hits.get(FaultKind.LYING)).isBetween(50, 150);
    }

    @Test
    void hitsTheSameAssetAgain() {
        Fault fault = Fault.parse(ALL);
        for (int i = 0; i < 100; i++) {
            Draw draw = new Draw(42, "pump-" + i);
            assertThat(fault.hitting(draw, "rev-b", "app", "1.5.0"))
                    .isEqualTo(fault.hitting(draw, "rev-b", "app", "1.5.0"));
        }
    }

    @ParameterizedTest
    @CsvSource({"rev-a, app, 1.5.0", "rev-b, os, 1.5.0", "rev-b, app, 1.5.1"})
    void hitsNobodyElse(String hardware, String component, String version) {
        Fault fault = Fault.parse("app@1.5.0: failing=100% hardware=rev-b");
        assertThat(fault.hitting(new Draw(1, "pump-7"), hardware, component, version))
                .isEmpty();
    }

    @Test
    void hitsAnyVersionWhenAsked() {
        assertThat(Fault.parse("app@*: slow=100%").hitting(new Draw(1, "pump-7"), "rev-a", "app", "9.9"))
                .contains(FaultKind.SLOW);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "app: failing=20% | is not a fault; write 'app@1.5.0: failing=20%",
                "app@1.5.0: exploding=20% | \"exploding\" is not a fault; there are failing, bricking, slow, silent, lying, hanging, crashing, and hardware",
                "app@1.5.0: failing=120% | is not between 0% and 100%",
                "app@1.5.0: failing=60% slow=50% | come to 110%",
                "app@1.5.0: failing=lots | \"lots\" is not a share",
                "app@1.5.0: failing | is not of the form name=value"
            })
    void saysWhatIsWrongWithOne(String text, String message) {
        assertThatThrownBy(() -> Fault.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }
}
