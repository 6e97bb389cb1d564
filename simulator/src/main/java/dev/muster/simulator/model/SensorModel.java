package dev.muster.simulator.model;

import dev.muster.protocol.Severity;
import dev.muster.protocol.Uplink;
import dev.muster.protocol.Uplink.Event;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/** A battery-powered climate sensor: daily cycle, slow drift, noise, a battery that empties over months. */
final class SensorModel implements AssetModel {
    private static final double DRIFT_PER_DAY = 0.02;
    private static final double LOW_BATTERY = 15;

    private final RandomGenerator random;
    private final double mean;
    private final double swing;
    private final double drift;
    private final long start;
    private long last;
    private double noise;
    private double humidityNoise;
    private double pressure = 1_013;
    private double battery;
    private final double meanSignal;
    private double signal;

    SensorModel(RandomGenerator random, long start) {
        this.random = random;
        this.start = start;
        this.last = start;
        this.mean = 8 + random.nextDouble() * 12;
        this.swing = 2 + random.nextDouble() * 5;
        this.drift = (random.nextDouble() - 0.5) * 2 * DRIFT_PER_DAY;
        this.battery = 20 + random.nextDouble() * 80;
        this.meanSignal = -60 - random.nextDouble() * 40;
        this.signal = meanSignal;
    }

    @Override
    public List<Uplink> advance(long ts) {
        double seconds = (ts - last) / 1e3;
        last = ts;
        noise = Series.wander(noise, 0, 0.3, seconds, 600, random);
        humidityNoise = Series.wander(humidityNoise, 0, 2, seconds, 900, random);
        pressure = Series.wander(pressure, 1_013, 9, seconds, 86_400, random);
        signal = Series.clamp(Series.wander(signal, meanSignal, 2, seconds, 60, random), -120, -40);
        double before = battery;
        battery = Math.max(0, battery - seconds / 86_400 / 3);
        List<Uplink> uplinks = new ArrayList<>(2);
        uplinks.add(AssetModel.telemetry(ts, values(ts)));
        if (before >= LOW_BATTERY && battery < LOW_BATTERY) {
            uplinks.add(new Uplink.Events(List.of(new Event(
                    ts,
                    "battery-low",
                    Severity.WARN,
                    "battery below 15 %",
                    Map.of("level", Series.rounded(battery / 100, 4))))));
        }
        return uplinks;
    }

    private Map<String, Object> values(long ts) {
        double days = (ts - start) / 86_400e3;
        double cycle = Series.dailyCycle(ts);
        Map<String, Object> values = new TreeMap<>();
        values.put("temperature", Series.kelvin(mean + swing * cycle + drift * days + noise));
        values.put("humidity", Series.rounded(Series.clamp(62 - 14 * cycle + humidityNoise, 5, 100) / 100, 3));
        values.put("pressure", Series.rounded(pressure * 100, 0));
        values.put("battery.level", Series.rounded(battery / 100, 4));
        values.put("signal.rssi", Series.rounded(signal, 0));
        return values;
    }
}
