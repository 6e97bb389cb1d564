package dev.muster.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.concurrent.ThreadLocalRandom;

/** Readings as assets send them: JSON of eight metrics with a time. */
final class Payloads {
    private Payloads() {}

    static byte[] reading(long ts) {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        StringBuilder json =
                new StringBuilder(200).append("{\"ts\":").append(ts).append(",\"values\":{");
        String[] metrics = {"speed", "rpm", "fuel", "coolant", "voltage", "load", "ambient", "odometer"};
        for (int i = 0; i < metrics.length; i++) {
            json.append(i == 0 ? "\"" : ",\"")
                    .append(metrics[i])
                    .append("\":")
                    .append(random.nextInt(100))
                    .append('.')
                    .append(random.nextInt(1, 10));
        }
        return json.append("}}").toString().getBytes(US_ASCII);
    }
}
