package dev.muster.simulator.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.protocol.PayloadFormat;
import dev.muster.protocol.Uplink;
import dev.muster.protocol.UplinkCodec;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class ModelTest {
    /** Monday 2026-11-23 06:00 UTC. */
    private static final long START = 1_795_413_600_000L;

    static final List<String> TYPES = AssetModel.TYPES;

    @ParameterizedTest
    @FieldSource("TYPES")
    void saysTheSameForTheSameSeed(String type) {
        assertThat(series(type, 42, 3, 2_000)).isEqualTo(series(type, 42, 3, 2_000));
    }

    @ParameterizedTest
    @FieldSource("TYPES")
    void saysSomethingElseForAnotherSeedOrAsset(String type) {
        List<String> one = series(type, 42, 3, 50);
        assertThat(series(type, 43, 3, 50)).isNotEqualTo(one);
        assertThat(series(type, 42, 4, 50)).isNotEqualTo(one);
    }

    @ParameterizedTest
    @FieldSource("TYPES")
    void carriesTheTimeInEveryPart(String type) {
        AssetModel model = AssetModel.of(type, 1, 0, START);
        for (long ts = START + 1_000; ts < START + 600_000; ts += 1_000) {
            long expected = ts;
            for (Uplink uplink : model.advance(ts)) {
                assertThat(timesOf(uplink)).isNotEmpty().allMatch(time -> time == expected);
            }
        }
    }

    @ParameterizedTest
    @FieldSource("TYPES")
    void staysWithinPhysicalBoundsForAWeek(String type) {
        for (int index = 0; index < 4; index++) {
            AssetModel model = AssetModel.of(type, 99, index, START);
            for (long ts = START + 60_000; ts < START + 7 * 86_400_000L; ts += 60_000) {
                for (Uplink uplink : model.advance(ts)) {
                    if (uplink instanceof Uplink.Telemetry telemetry) {
                        telemetry.readings().getFirst().values().forEach(ModelTest::checkBounds);
                    }
                }
            }
        }
    }

    private static void checkBounds(String metric, Object value) {
        if (!(value instanceof Double number)) {
            assertThat(value).isInstanceOf(Boolean.class);
            return;
        }
        double low = metric.equals("signal.rssi") ? -150 : 0;
        assertThat(number).as(metric).isFinite().isGreaterThanOrEqualTo(low);
        if (metric.contains("temperature")) {
            assertThat(number).as(metric).isBetween(243.0, 393.0);
        } else if (Set.of("fuel.level", "humidity", "battery.level", "printer.paper")
                        .contains(metric)
                || metric.endsWith("utilization")) {
            assertThat(number).as(metric).isBetween(0.0, 1.0);
        } else if (metric.equals("pressure")) {
            assertThat(number).as(metric).isBetween(90_000.0, 110_000.0);
        }
    }

    @Test
    void warmsTheEngineAndBurnsFuelWhileDriving() {
        AssetModel model = AssetModel.of("vehicle", 5, 1, START);
        List<Map<String, Object>> readings = new ArrayList<>();
        for (long ts = START + 1_000; ts < START + 1_800_000; ts += 1_000) {
            for (Uplink uplink : model.advance(ts)) {
                if (uplink instanceof Uplink.Telemetry telemetry) {
                    readings.add(telemetry.readings().getFirst().values());
                }
            }
        }
        Map<String, Object> first = readings.getFirst();
        Map<String, Object> last = readings.getLast();
        assertThat(number(last, "fuel.level")).isLessThan(number(first, "fuel.level"));
        assertThat(number(last, "odometer")).isGreaterThan(number(first, "odometer"));
        double hottest = readings.stream()
                .mapToDouble(reading -> number(reading, "motor.temperature"))
                .max()
                .orElseThrow();
        assertThat(hottest).isBetween(340.0, 365.0);
    }

    @Test
    void sellsNothingWhileTheShopIsClosed() {
        AssetModel model = AssetModel.of("pos", 5, 1, START);
        Set<Integer> hoursWithSales = new HashSet<>();
        double before = 0;
        for (long ts = START + 60_000; ts < START + 86_400_000; ts += 60_000) {
            for (Uplink uplink : model.advance(ts)) {
                if (uplink instanceof Uplink.Telemetry telemetry) {
                    double now = number(telemetry.readings().getFirst().values(), "transactions");
                    if (now > before) {
                        hoursWithSales.add((int) Series.hourOfDay(ts));
                    }
                    before = now;
                }
            }
        }
        assertThat(hoursWithSales).isNotEmpty().allMatch(hour -> hour >= 7 && hour <= 21);
    }

    @Test
    void namesTheTypesItKnowsWhenAskedForAnother() {
        assertThatThrownBy(() -> AssetModel.of("toaster", 1, 0, START))
                .hasMessage("cannot simulate an asset of type \"toaster\": known are"
                        + " vehicle, pos, sensor, edge-gpu, linux-device");
    }

    private static double number(Map<String, Object> values, String metric) {
        return (Double) Objects.requireNonNull(values.get(metric), metric);
    }

    private static List<Long> timesOf(Uplink uplink) {
        return switch (uplink) {
            case Uplink.Telemetry telemetry ->
                telemetry.readings().stream()
                        .map(reading -> Objects.requireNonNull(reading.ts()))
                        .toList();
            case Uplink.Positions positions ->
                positions.fixes().stream()
                        .map(fix -> Objects.requireNonNull(fix.ts()))
                        .toList();
            case Uplink.Events events ->
                events.events().stream()
                        .map(event -> Objects.requireNonNull(event.ts()))
                        .toList();
            case Uplink.Logs logs ->
                logs.records().stream()
                        .map(record -> Objects.requireNonNull(record.ts()))
                        .toList();
            default -> throw new AssertionError("a model gave " + uplink);
        };
    }

    private static List<String> series(String type, long seed, int index, int seconds) {
        AssetModel model = AssetModel.of(type, seed, index, START);
        List<String> series = new ArrayList<>();
        for (int second = 1; second <= seconds; second++) {
            for (Uplink uplink : model.advance(START + second * 1_000L)) {
                series.add(new String(UplinkCodec.encode(uplink, PayloadFormat.JSON), StandardCharsets.UTF_8));
            }
        }
        return series;
    }
}
