package dev.muster.command;

import dev.muster.platform.config.Setting;
import java.time.Duration;
import java.util.List;

/** The settings of commands. */
public final class CommandSettings {
    static final Setting<Integer> MAX_ASSETS =
            Setting.count("command-run-max-assets", 100_000, 1, 1_000_000, "Assets that one command run may select.");
    static final Setting<Duration> RETENTION = Setting.duration(
            "command-retention",
            "90d",
            Duration.ofDays(1),
            Duration.ofDays(3650),
            "How long settled commands and their history are kept.");

    static final Setting<Integer> TRACES_PER_MINUTE = Setting.count(
            "command-traces-per-minute",
            600,
            0,
            100_000,
            "Traces of commands that succeeded, kept in a minute at most; of those that did not every trace is kept.");

    public static final List<Setting<?>> SETTINGS = List.of(MAX_ASSETS, RETENTION, TRACES_PER_MINUTE);

    private CommandSettings() {}
}
