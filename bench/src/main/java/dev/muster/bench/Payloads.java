package dev.muster.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.concurrent.ThreadLocalRandom;

/** Readings as assets send them: JSON of eight metrics with a time. */
final class Payloads {
    /** Of the shipped type vehicle, within its bounds. */
    private static final String[] METRICS = {
        "speed",
        "odometer",
        "battery.voltage",
        "battery.current",
        "battery.temperature",
        "motor.rpm",
        "motor.temperature",
        "ambient.temperature"
    };

    private static final int[] LEAST = {10, 84_000, 380, -20, 290, 2_000, 310, 280};

    private Payloads() {}

    static byte[] reading(long ts) {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        StringBuilder json =
                new StringBuilder(200).append("{\"ts\":").append(ts).append(",\"values\":{");
        for (int i = 0; i < METRICS.length; i++) {
            json.append(i == 0 ? "\"" : ",\"")
                    .append(METRICS[i])
                    .append("\":")
                    .append(LEAST[i] + random.nextInt(20))
                    .append('.')
                    .append(random.nextInt(1, 10));
        }
        return json.append("}}").toString().getBytes(US_ASCII);
    }
}
