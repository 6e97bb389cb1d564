package dev.muster.simulator.device;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What new assets run: {@code app} on each, a component of its type, and a mix of versions. */
final class Software {
    private static final Map<String, String> SECOND = Map.of(
            "vehicle", "telematics", "pos", "os", "sensor", "firmware", "edge-gpu", "driver", "linux-device", "os");

    private Software() {}

    static Map<String, String> initial(String type, Draw draw) {
        Map<String, String> software = new TreeMap<>();
        software.put("app", version(draw, "app", List.of("1.4.2", "1.4.1", "1.3.0")));
        String second = SECOND.get(type);
        if (second != null) {
            software.put(second, version(draw, second, List.of("3.2.0", "3.1.4", "3.0.1")));
        }
        return software;
    }

    /** 60% the newest, 25% the next, 15% the oldest. */
    private static String version(Draw draw, String component, List<String> versions) {
        double unit = draw.unit("initial version", component);
        return versions.get(unit < 0.6 ? 0 : unit < 0.85 ? 1 : 2);
    }
}
