package dev.muster.simulator.model;

import dev.muster.protocol.Uplink;
import dev.muster.protocol.Uplink.Reading;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * One simulated asset: advances to a time and says what it would report then.
 *
 * <p>Deterministic: the same type, seed, index and sequence of times give the same uplinks. Used by one thread.
 */
public sealed interface AssetModel permits VehicleModel, PosModel, SensorModel, EdgeGpuModel, LinuxDeviceModel {
    List<String> TYPES = List.of("vehicle", "pos", "sensor", "edge-gpu", "linux-device");

    /**
     * Advances to the time and gives the main message of this moment (telemetry, or a position), followed by the events
     * and log records that happened since the last time.
     *
     * @param ts milliseconds since the epoch; later than the last one
     */
    List<Uplink> advance(long ts);

    /** @param start the time of the model's first state, milliseconds since the epoch */
    static AssetModel of(String type, long seed, int index, long start) {
        RandomGenerator random = new SplittableRandom(mix(seed, index, type));
        return switch (type) {
            case "vehicle" -> new VehicleModel(random, City.of(seed), start);
            case "pos" -> new PosModel(random, start);
            case "sensor" -> new SensorModel(random, start);
            case "edge-gpu" -> new EdgeGpuModel(random, start);
            case "linux-device" -> new LinuxDeviceModel(random, start);
            default ->
                throw new IllegalArgumentException(
                        "cannot simulate an asset of type \"" + type + "\": known are " + String.join(", ", TYPES));
        };
    }

    /** Spreads neighbouring seeds and indexes over the whole state space (the finalizer of MurmurHash3). */
    private static long mix(long seed, int index, String type) {
        long mixed = seed * 0x9E3779B97F4A7C15L + index * 0xC2B2AE3D27D4EB4FL + type.hashCode();
        mixed = (mixed ^ (mixed >>> 33)) * 0xFF51AFD7ED558CCDL;
        mixed = (mixed ^ (mixed >>> 33)) * 0xC4CEB9FE1A85EC53L;
        return mixed ^ (mixed >>> 33);
    }

    /** The telemetry of one moment. */
    static Uplink telemetry(long ts, java.util.Map<String, Object> values) {
        return new Uplink.Telemetry(List.of(new Reading(ts, values)));
    }
}
