package dev.muster.alert.anomaly;

import dev.muster.platform.config.Settings;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/** How many series all rules together may learn. */
@Component
class SeriesRoom {
    private final int most;
    private final Map<String, Integer> used = new ConcurrentHashMap<>();

    @Autowired
    SeriesRoom(Settings settings, MeterRegistry meters) {
        this(settings.get(AnomalySettings.MAX_SERIES));
        meters.gauge("muster.anomaly.series", this, SeriesRoom::used);
    }

    SeriesRoom(int most) {
        this.most = most;
    }

    /** Whether a rule that has so many may have one more. */
    boolean hasFor(String rule, int models) {
        used.put(rule, models);
        return used() < most;
    }

    void keepOnly(java.util.Set<String> rules) {
        used.keySet().retainAll(rules);
    }

    int most() {
        return most;
    }

    private int used() {
        return used.values().stream().mapToInt(Integer::intValue).sum();
    }
}
