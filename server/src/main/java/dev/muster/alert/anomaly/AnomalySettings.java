package dev.muster.alert.anomaly;

import dev.muster.platform.config.Setting;
import java.util.List;

/** What can be configured of learning what is usual. */
public final class AnomalySettings {
    public static final Setting<Integer> MAX_SERIES = Setting.count(
            "anomaly-max-series",
            5_000,
            0,
            1_000_000,
            "Series that baseline and anomaly rules learn at most, all rules together; up to 10 kB of memory each. Of more nothing is told.");

    public static final List<Setting<?>> SETTINGS = List.of(MAX_SERIES);

    private AnomalySettings() {}
}
