package dev.muster.rollout.hook;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/** How many messages each hook takes in a minute of the clock. Hooks are bounded, so what is remembered is. */
final class HookRate {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final int perMinute;
    private final Map<String, Taken> taken = new HashMap<>();

    private record Taken(Instant since, int count) {}

    HookRate(int perMinute) {
        this.perMinute = perMinute;
    }

    synchronized boolean take(String hook, Instant now) {
        taken.values().removeIf(old -> !now.isBefore(old.since().plus(MINUTE)) || now.isBefore(old.since()));
        Taken before = taken.getOrDefault(hook, new Taken(now, 0));
        if (before.count() >= perMinute) {
            return false;
        }
        taken.put(hook, new Taken(before.since(), before.count() + 1));
        return true;
    }
}
