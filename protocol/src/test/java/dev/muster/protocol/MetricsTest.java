package dev.muster.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MetricsTest {

    @Test
    void isTheMapThatItIsMadeOf() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        for (int round = 0; round < 2_000; round++) {
            Map<String, Object> map = new LinkedHashMap<>();
            for (int i = random.nextInt(80); i > 0; i--) {
                map.put(
                        "m" + random.nextInt(100),
                        switch (random.nextInt(4)) {
                            case 0 -> "text " + i;
                            case 1 -> random.nextBoolean();
                            default -> random.nextDouble();
                        });
            }
            Metrics metrics = Metrics.of(map);
            assertThat(metrics).isEqualTo(map).hasSameHashCodeAs(map).hasSize(map.size());
            assertThat(metrics.keySet()).containsExactlyElementsOf(map.keySet());
            assertThat(metrics.get("m7")).isEqualTo(map.get("m7"));
            assertThat(metrics.containsKey("m7")).isEqualTo(map.containsKey("m7"));
            assertThat(metrics.names()).isEqualTo(Metrics.of(map).names());
        }
    }

    @Test
    void equalNamesOfTwoMessagesAreOneObject() throws MalformedPayloadException {
        assertThat(names("{\"speed\":1,\"gear\":2}")).isSameAs(names("{\"speed\":3.5,\"gear\":\"R\"}"));
        assertThat(names("{\"speed\":1,\"gear\":2}")).isNotEqualTo(names("{\"gear\":2,\"speed\":1}"));
    }

    /** Names that share a place in the table of known names push each other out, and are told apart. */
    @Test
    void moreNamesThanAreRememberedAreToldApart() throws MalformedPayloadException {
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < 5_000; i++) {
                MetricNames names = names("{\"a%d\":1,\"b%d\":2}".formatted(i, i % 7));
                assertThat(names.name(0)).isEqualTo("a" + i);
                assertThat(names.name(1)).isEqualTo("b" + i % 7);
                assertThat(names.size()).isEqualTo(2);
            }
        }
    }

    private static MetricNames names(String payload) throws MalformedPayloadException {
        Uplink.Telemetry telemetry = (Uplink.Telemetry) UplinkCodec.decode(
                UplinkKind.TELEMETRY, "", PayloadFormat.JSON, payload.getBytes(StandardCharsets.UTF_8));
        return telemetry.readings().getFirst().values().names();
    }
}
