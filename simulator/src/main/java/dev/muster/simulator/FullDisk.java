package dev.muster.simulator;

import dev.muster.protocol.Uplink;
import dev.muster.protocol.Uplink.Reading;
import java.util.Map;
import java.util.TreeMap;

/** What an asset measures whose disk is full: the same, but for the disk. */
final class FullDisk {
    private static final String FREE = "disk.free";
    private static final String USED = "disk.used";
    /** Some room is always left to the system itself. */
    private static final double LEFT = 100e6;

    private FullDisk() {}

    static Uplink measured(Uplink uplink) {
        return uplink instanceof Uplink.Telemetry(var readings)
                ? new Uplink.Telemetry(readings.stream().map(FullDisk::measured).toList())
                : uplink;
    }

    private static Reading measured(Reading reading) {
        if (!(reading.values().get(FREE) instanceof Double free)) {
            return reading;
        }
        Map<String, Object> values = new TreeMap<>(reading.values());
        values.put(FREE, LEFT);
        if (values.get(USED) instanceof Double used) {
            values.put(USED, used + free - LEFT);
        }
        return new Reading(reading.ts(), values);
    }
}
