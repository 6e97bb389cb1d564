package dev.muster.runbook;

import dev.muster.platform.config.Setting;
import java.time.Duration;
import java.util.List;

/** What can be configured of runbooks. */
public final class RunbookSettings {
    public static final Setting<Duration> RETENTION = Setting.duration(
            "runbook-run-retention",
            "90d",
            Duration.ofHours(1),
            Duration.ofDays(3650),
            "How long runs of runbooks are kept after their end, with their outputs; the longest coolDown and maxRuns look back 7 days.");

    public static final List<Setting<?>> SETTINGS = List.of(RETENTION);

    private RunbookSettings() {}
}
