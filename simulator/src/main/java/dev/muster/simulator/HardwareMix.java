package dev.muster.simulator;

import dev.muster.simulator.device.Draw;
import java.util.LinkedHashMap;
import java.util.Map;

/** The share of each hardware revision in a fleet, written {@code rev-a=70,rev-b=30}; each asset is drawn by itself. */
public record HardwareMix(Map<String, Integer> weights) {
    /** All assets are alike, and the server is not told. */
    public static final HardwareMix ONE = new HardwareMix(Map.of("rev-a", 1));

    private static final int MAX_NAME = 200;

    public HardwareMix {
        weights = new LinkedHashMap<>(weights);
        weights.forEach((name, weight) -> {
            if (name.isBlank() || name.length() > MAX_NAME || weight < 1) {
                throw new IllegalArgumentException("hardware \"" + name + "\" with weight " + weight
                        + " is none: a name of at most " + MAX_NAME + " characters and a weight of 1 or more");
            }
        });
    }

    public static HardwareMix parse(String text) {
        Map<String, Integer> weights = new LinkedHashMap<>();
        for (String part : text.split(",", -1)) {
            int equals = part.lastIndexOf('=');
            try {
                weights.put(
                        (equals < 0 ? part : part.substring(0, equals)).strip(),
                        equals < 0
                                ? 1
                                : Integer.parseInt(part.substring(equals + 1).strip()));
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException(
                        "\"" + part + "\" is not a share of hardware; write rev-a=70,rev-b=30", e);
            }
        }
        return new HardwareMix(weights);
    }

    String of(long seed, String asset) {
        long total = weights.values().stream().mapToLong(Integer::longValue).sum();
        double left = new Draw(seed, asset).unit("hardware", "") * total;
        String chosen = "";
        for (Map.Entry<String, Integer> each : weights.entrySet()) {
            chosen = each.getKey();
            left -= each.getValue();
            if (left < 0) {
                return chosen;
            }
        }
        return chosen;
    }
}
