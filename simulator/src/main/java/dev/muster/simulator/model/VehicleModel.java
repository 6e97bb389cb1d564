package dev.muster.simulator.model;

import dev.muster.protocol.Severity;
import dev.muster.protocol.Uplink;
import dev.muster.protocol.Uplink.Event;
import dev.muster.protocol.Uplink.Fix;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/** A delivery vehicle in a city; its messages are telemetry and positions by turns. */
final class VehicleModel implements AssetModel {
    private static final double TANK_LITRES = 70;
    private static final double LITRES_PER_METRE = 0.000_11;
    private static final double IDLE_LITRES_PER_SECOND = 0.000_22;
    private static final double WARM_ENGINE = 90;
    private static final double WARM_UP_SECONDS = 280;
    private static final double PARKED_SECONDS = 60;
    /** A longer gap is a night in the garage, not a drive. */
    private static final double LONGEST_DRIVE = 3_600;

    private final RandomGenerator random;
    private final Track track;
    private final double firstOdometer;
    private long last;
    private double litres;
    private double engineTemperature;
    private double voltage = 12.6;
    private boolean parked;
    private boolean positionNext;

    VehicleModel(RandomGenerator random, City city, long start) {
        this.random = random;
        this.track = new Track(random, city);
        this.firstOdometer = 1e6 + random.nextDouble() * 2e8;
        this.last = start;
        this.litres = TANK_LITRES * (0.3 + 0.7 * random.nextDouble());
        this.engineTemperature = ambient(start) + random.nextDouble() * 60;
        this.parked = track.waiting() > PARKED_SECONDS;
    }

    @Override
    public List<Uplink> advance(long ts) {
        double seconds = Math.min((ts - last) / 1e3, LONGEST_DRIVE);
        last = ts;
        double before = track.travelled();
        track.advance(seconds);
        boolean running = track.waiting() <= PARKED_SECONDS;
        burn(track.travelled() - before, running ? seconds : 0);
        engineTemperature = Series.approach(
                engineTemperature, running ? WARM_ENGINE : ambient(ts), seconds, running ? WARM_UP_SECONDS : 2_400);
        voltage = Series.wander(voltage, running ? 14.1 : 12.5, 0.06, seconds, 20, random);
        List<Uplink> uplinks = new ArrayList<>(2);
        uplinks.add(positionNext ? position(ts) : AssetModel.telemetry(ts, values(running)));
        positionNext = !positionNext;
        if (parked == running) {
            parked = !running;
            uplinks.add(ignition(ts, running));
        }
        return uplinks;
    }

    private void burn(double metres, double engineSeconds) {
        litres -= metres * LITRES_PER_METRE + engineSeconds * IDLE_LITRES_PER_SECOND;
        if (litres < 0.08 * TANK_LITRES && track.speed() == 0) {
            litres = TANK_LITRES * 0.98;
        }
        litres = Math.max(0.5, litres);
    }

    private Map<String, Object> values(boolean running) {
        double gear = track.speed() < 4 ? 190 : track.speed() < 9 ? 130 : 105;
        double rpm = running ? Math.max(800, 700 + track.speed() * gear) : 0;
        Map<String, Object> values = new TreeMap<>();
        values.put("speed", Series.rounded(track.speed(), 2));
        values.put("odometer", Series.rounded(firstOdometer + track.travelled(), 1));
        values.put("fuel.level", Series.rounded(litres / TANK_LITRES, 4));
        values.put("motor.temperature", Series.kelvin(engineTemperature));
        values.put("motor.rpm", Series.rounded(rpm, 0));
        values.put("aux.voltage", Series.rounded(voltage, 2));
        values.put("ambient.temperature", Series.kelvin(ambient(last)));
        values.put("ignition", running);
        return values;
    }

    private Uplink position(long ts) {
        return new Uplink.Positions(List.of(new Fix(
                ts,
                Series.rounded(track.lat(), 6),
                Series.rounded(track.lon(), 6),
                null,
                Series.rounded(track.speed(), 2),
                Series.rounded(track.heading(), 1),
                Series.rounded(3 + random.nextDouble() * 4, 1),
                "3d")));
    }

    private static Uplink ignition(long ts, boolean on) {
        return new Uplink.Events(List.of(new Event(
                ts,
                on ? "ignition-on" : "ignition-off",
                Severity.INFO,
                on ? "engine started" : "engine stopped",
                Map.of())));
    }

    private static double ambient(long ts) {
        return 12 + 6 * Series.dailyCycle(ts);
    }
}
