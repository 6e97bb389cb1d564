package dev.muster.retirement;

import dev.muster.platform.config.Setting;
import java.time.Duration;
import java.util.List;

/** The settings of retirements. */
public final class RetirementSettings {
    static final Setting<Duration> WIPE_WITHIN = Setting.duration(
            "retirement-wipe-within",
            "24h",
            Duration.ofSeconds(1),
            Duration.ofDays(7),
            "How long an asset that is retired has to wipe itself, unless the request says otherwise.");
    static final Setting<Boolean> UNCONFIRMED_RETIRES = Setting.flag(
            "retirement-without-wipe",
            true,
            "Whether an asset whose wipe is not confirmed is retired all the same, unless the request says otherwise.");

    public static final List<Setting<?>> SETTINGS = List.of(WIPE_WITHIN, UNCONFIRMED_RETIRES);

    private RetirementSettings() {}
}
