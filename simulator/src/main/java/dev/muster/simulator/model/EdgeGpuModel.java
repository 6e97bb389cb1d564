package dev.muster.simulator.model;

import dev.muster.protocol.Severity;
import dev.muster.protocol.Uplink;
import dev.muster.protocol.Uplink.LogRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/** An edge computer that runs inference: power follows load, temperature follows power, the clock yields to heat. */
final class EdgeGpuModel implements AssetModel {
    private static final double IDLE_WATTS = 9;
    private static final double FULL_WATTS = 60;
    private static final double KELVIN_PER_WATT = 0.95;
    private static final double THROTTLE_CELSIUS = 84;
    private static final double MEMORY_BYTES = 32e9;
    private static final double HEAT_SECONDS = 90;

    private final RandomGenerator random;
    private final double ambientOffset;
    private long last;
    private double load;
    private double temperature;
    private double memory;
    private boolean throttled;

    EdgeGpuModel(RandomGenerator random, long start) {
        this.random = random;
        this.last = start;
        this.ambientOffset = 22 + random.nextDouble() * 10;
        this.load = random.nextDouble() * 0.6;
        this.memory = 0.3 + random.nextDouble() * 0.3;
        this.temperature = ambientOffset + 10;
    }

    @Override
    public List<Uplink> advance(long ts) {
        double seconds = (ts - last) / 1e3;
        last = ts;
        double busy = 0.5 + 0.3 * Series.dailyCycle(ts);
        load = Series.clamp(Series.wander(load, busy, 0.22, seconds, 120, random), 0, 1);
        memory = Series.clamp(Series.wander(memory, 0.25 + 0.5 * load, 0.05, seconds, 300, random), 0.05, 1);
        double effective = throttled ? Math.min(load, 0.7) : load;
        double watts = IDLE_WATTS + (FULL_WATTS - IDLE_WATTS) * effective;
        double ambient = ambientOffset + 3 * Series.dailyCycle(ts);
        temperature = Series.approach(temperature, ambient + KELVIN_PER_WATT * watts, seconds, HEAT_SECONDS);
        List<Uplink> uplinks = new ArrayList<>(2);
        uplinks.add(AssetModel.telemetry(ts, values(effective, watts)));
        boolean hot = throttled ? temperature > THROTTLE_CELSIUS - 6 : temperature > THROTTLE_CELSIUS;
        if (hot != throttled) {
            throttled = hot;
            uplinks.add(new Uplink.Logs(List.of(new LogRecord(
                    ts,
                    hot ? Severity.WARN : Severity.INFO,
                    hot ? "thermal throttling: the clock was lowered" : "thermal throttling ended",
                    Map.of("component", "gpu", "temperature", Series.kelvin(temperature))))));
        }
        return uplinks;
    }

    private Map<String, Object> values(double effective, double watts) {
        Map<String, Object> values = new TreeMap<>();
        values.put("gpu.utilization", Series.rounded(effective, 3));
        values.put("gpu.temperature", Series.kelvin(temperature));
        values.put("gpu.memory.used", (double) Math.round(memory * MEMORY_BYTES));
        values.put("gpu.power", Series.rounded(watts, 1));
        values.put("gpu.throttled", throttled);
        values.put("inference.rate", Series.rounded(effective * 240, 1));
        values.put("cpu.utilization", Series.rounded(0.1 + 0.3 * effective, 3));
        return values;
    }
}
