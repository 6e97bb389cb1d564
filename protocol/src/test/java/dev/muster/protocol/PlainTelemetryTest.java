package dev.muster.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlainTelemetryTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"speed\":61.2}",
                "{\"ts\":1785000000123,\"values\":{\"speed\":61.2,\"rpm\":0,\"depth\":-12.50}}",
                " { \"ts\" : 1785000000123 ,\r\n \"speed\" : 0.1 , \"on\" : true , \"off\" : false , \"gear\" : \"D 4\" } ",
                "[{\"ts\":1785000000123,\"speed\":1},\n{\"ts\":1785000000124,\"values\":{\"speed\":2}}]",
                "{\"long\":61.20000000000000284217094304040074348449707031,\"big\":9007199254740993,\"huge\":12345678901234567890123}",
                "{\"values\":{\"ts\":5,\"values\":6}}",
            })
    void readsWhatIsPlainAsItIsReadOtherwise(String payload) throws MalformedPayloadException {
        Uplink otherwise = decodeAny(payload.getBytes(UTF_8));
        assertThat(PlainTelemetry.read(payload.getBytes(UTF_8))).isEqualTo(otherwise);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{}",
                "[]",
                "{\"values\":{}}",
                "{\"plain\":1} x",
                "{\"plain\":1",
                "{\"plain\":1,}",
                "{\"plain\":01}",
                "{\"plain\":1.}",
                "{\"plain\":-}",
                "{\"plain\":-0}",
                "{\"plain\":1e3}",
                "{\"plain\":nul}",
                "{\"plain\":null}",
                "{\"plain\":tru}",
                "{\"plain\":1,\"plain\":2}",
                "{\"plain\":\"a\\n\"}",
                "{\"plain\":\"\u00e9\"}",
                "{\"pl\\u0061in\":1}",
                "{\"plain\":1,\"values\":{\"plain\":1}}",
                "{\"values\":{\"plain\":1},\"plain\":1}",
                "{\"ts\":1785000000123,\"ts\":1785000000123,\"plain\":1}",
                "{\"ts\":1785000000,\"plain\":1}",
                "{\"ts\":1785000000123.0,\"plain\":1}",
                "{\"ts\":1785000000123}",
                "{\"plain\":1}{\"plain\":1}",
                "[{\"plain\":1}",
                "[{\"plain\":1}}",
                "{\"never seen before\":1}",
            })
    void leavesTheRestToTheOther(String payload) throws MalformedPayloadException {
        decodeAny("{\"plain\":1}".getBytes(UTF_8)); // so that it is not the name that is not plain
        assertThat(PlainTelemetry.read(payload.getBytes(UTF_8))).isNull();
    }

    @Test
    void namesAreReadPlainlyFromTheSecondTimeOn() throws MalformedPayloadException {
        byte[] payload = "{\"seldom_%d\":1}".formatted(System.nanoTime()).getBytes(UTF_8);
        assertThat(PlainTelemetry.read(payload)).isNull();
        Uplink first = UplinkCodec.decode(UplinkKind.TELEMETRY, "", PayloadFormat.JSON, payload);
        assertThat(PlainTelemetry.read(payload)).isEqualTo(first);
    }

    @Test
    void agreesOnWhateverComes() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        var some = new RandomUplinks(seed);
        int plain = 0;
        for (int round = 0; round < 30_000; round++) {
            byte[] payload = telemetry(random).getBytes(UTF_8);
            if (random.nextInt(3) == 0) {
                payload = some.damage(payload);
            }
            plain += UplinkFuzz.compare(payload) ? 1 : 0;
        }
        assertThat(plain).as("how many were plain").isBetween(9_000, 29_000);
    }

    private static String telemetry(Random random) {
        if (random.nextInt(4) > 0) {
            return reading(random);
        }
        var several = new StringBuilder("[").append(reading(random));
        for (int i = random.nextInt(3); i > 0; i--) {
            several.append(space(random)).append(',').append(reading(random));
        }
        return several.append(']').toString();
    }

    private static String reading(Random random) {
        String ts = random.nextBoolean() ? "\"ts\":" + random.nextLong(999_999_999_000L, 4_102_444_801_000L) + "," : "";
        String metrics = "";
        for (int i = 0, count = 1 + random.nextInt(4); i < count; i++) {
            metrics += (i == 0 ? "" : ",") + space(random) + "\"m" + i + "\"" + space(random) + ":" + value(random);
        }
        return random.nextBoolean()
                ? "{" + ts + metrics + "}"
                : "{" + ts + "\"values\":{" + metrics + "}" + space(random) + "}";
    }

    private static String space(Random random) {
        return random.nextInt(8) == 0 ? " \t\r\n".substring(random.nextInt(4)) : "";
    }

    private static String value(Random random) {
        return switch (random.nextInt(12)) {
            case 0 -> "true";
            case 1 -> "false";
            case 2 -> "\"text " + random.nextInt(9) + "\"";
            case 3 -> Double.toString(random.nextGaussian() * 1000);
            case 4 -> Long.toString(random.nextLong());
            case 5 -> random.nextLong() + "." + random.nextLong(Long.MAX_VALUE);
            case 6 -> "0." + "0".repeat(random.nextInt(30)) + random.nextInt(9);
            case 7 ->
                new String[] {"null", "-0", "-0.0", "1e5", "\"\\u0041\"", "\"\u00fc\"", "[]", "{}"}[random.nextInt(8)];
            default -> random.nextInt(-500, 500) + "." + random.nextInt(1000);
        };
    }

    private static Uplink decodeAny(byte[] payload) throws MalformedPayloadException {
        return UplinkCodec.decodeAny(UplinkKind.TELEMETRY, "", PayloadFormat.JSON, payload);
    }
}
