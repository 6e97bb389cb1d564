package dev.muster.rollout.hook;

import dev.muster.platform.config.Setting;
import java.util.List;

/** What can be configured of the doors for registries. */
public final class HookSettings {
    public static final Setting<Integer> PER_MINUTE = Setting.count(
            "hook-deliveries-per-minute",
            60,
            1,
            10_000,
            "Messages with the right secret that one hook takes in a minute; more are refused with 429.");

    public static final List<Setting<?>> SETTINGS = List.of(PER_MINUTE);

    private HookSettings() {}
}
