package dev.muster.ddi;

import dev.muster.platform.config.Setting;
import java.time.Duration;
import java.util.List;

/** What can be configured of the door for hawkBit's clients. */
public final class DdiSettings {
    public static final Setting<Boolean> TARGET_TOKENS = Setting.flag(
            "ddi-target-tokens",
            false,
            "Whether assets that poll by hawkBit's DDI may show a token of theirs instead of a certificate.");
    public static final Setting<Boolean> GATEWAY_TOKENS = Setting.flag(
            "ddi-gateway-tokens",
            false,
            "Whether assets that poll by hawkBit's DDI may show a token that speaks for many, and register by it.");
    static final Setting<Duration> POLL_INTERVAL = Setting.duration(
            "ddi-poll-interval",
            "5m",
            Duration.ofSeconds(1),
            Duration.ofDays(1).minusSeconds(1),
            "How long assets that poll by hawkBit's DDI sleep; at most half of their type's heartbeat TTL, so that they do not"
                    + " seem silent.");
    static final Setting<Integer> POLL_JITTER = Setting.count(
            "ddi-poll-jitter", 10, 0, 50, "By how many percent more or less an asset sleeps, each by its own share.");
    static final Setting<Boolean> CONFIRMATION = Setting.flag(
            "ddi-confirmation",
            false,
            "Whether assets that poll by hawkBit's DDI must confirm a deployment before they get it.");

    public static final List<Setting<?>> SETTINGS =
            List.of(TARGET_TOKENS, GATEWAY_TOKENS, POLL_INTERVAL, POLL_JITTER, CONFIRMATION);

    private DdiSettings() {}
}
