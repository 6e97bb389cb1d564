package dev.muster.simulator;

import dev.muster.simulator.client.ClientSettings;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What fleet to simulate, and how.
 *
 * @param first index of the first asset, so that several processes can share a fleet
 * @param prefix put before every asset id
 * @param rate main messages (telemetry or position) a second and asset
 * @param backlog history that each asset sends first, as if it had been offline
 * @param heartbeat interval of heartbeats
 * @param threads event loops
 * @param maxConnecting connections being established at the same time
 * @param maxEnrolling enrolments under way at the same time
 * @param stateDir keeps keys, certificates and what each asset runs over restarts
 * @param ackedLog gets one line for each acknowledged message
 */
public record FleetOptions(
        int assets,
        int first,
        TypeMix mix,
        long seed,
        String prefix,
        double rate,
        Duration backlog,
        Duration heartbeat,
        int threads,
        int maxConnecting,
        int maxEnrolling,
        ClientSettings client,
        @Nullable Path stateDir,
        @Nullable Path ackedLog,
        DeviceOptions devices) {
    static final int MAX_ASSETS = 1_000_000;
    static final int MAX_BACKLOG_READINGS = 20_000;

    public FleetOptions {
        check(assets >= 1 && assets <= MAX_ASSETS, "assets", assets, "1 to " + MAX_ASSETS);
        check(first >= 0 && first <= MAX_ASSETS, "first", first, "0 to " + MAX_ASSETS);
        check(rate > 0 && rate <= 200, "rate", rate, "above 0, up to 200 messages a second and asset");
        check(threads >= 1 && threads <= 64, "threads", threads, "1 to 64");
        check(maxConnecting >= 1, "connecting", maxConnecting, "1 or more");
        check(maxEnrolling >= 1 && maxEnrolling <= 256, "enrolling", maxEnrolling, "1 to 256");
        check(!backlog.isNegative(), "backlog", backlog, "zero or more");
        check(heartbeat.toMillis() >= 1_000, "heartbeat", heartbeat, "1 s or more");
        double readings = backlog.toMillis() / 1e3 * rate;
        check(
                readings <= MAX_BACKLOG_READINGS,
                "backlog",
                backlog + " at " + rate + " messages a second",
                "at most " + MAX_BACKLOG_READINGS + " readings an asset");
    }

    /** A fleet for a first try. */
    public static FleetOptions of(int assets, String mix, long seed) {
        return new FleetOptions(
                assets,
                0,
                TypeMix.parse(mix),
                seed,
                "",
                1,
                Duration.ZERO,
                Duration.ofSeconds(30),
                2,
                128,
                16,
                ClientSettings.standard(),
                null,
                null,
                DeviceOptions.honest());
    }

    public FleetOptions withPrefix(String idPrefix) {
        return new FleetOptions(
                assets,
                first,
                mix,
                seed,
                idPrefix,
                rate,
                backlog,
                heartbeat,
                threads,
                maxConnecting,
                maxEnrolling,
                client,
                stateDir,
                ackedLog,
                devices);
    }

    public FleetOptions withRate(double messagesPerSecond) {
        return new FleetOptions(
                assets,
                first,
                mix,
                seed,
                prefix,
                messagesPerSecond,
                backlog,
                heartbeat,
                threads,
                maxConnecting,
                maxEnrolling,
                client,
                stateDir,
                ackedLog,
                devices);
    }

    public FleetOptions withBacklog(Duration history) {
        return new FleetOptions(
                assets,
                first,
                mix,
                seed,
                prefix,
                rate,
                history,
                heartbeat,
                threads,
                maxConnecting,
                maxEnrolling,
                client,
                stateDir,
                ackedLog,
                devices);
    }

    public FleetOptions withClient(ClientSettings settings) {
        return new FleetOptions(
                assets,
                first,
                mix,
                seed,
                prefix,
                rate,
                backlog,
                heartbeat,
                threads,
                maxConnecting,
                maxEnrolling,
                settings,
                stateDir,
                ackedLog,
                devices);
    }

    public FleetOptions withFiles(@Nullable Path state, @Nullable Path acknowledged) {
        return new FleetOptions(
                assets,
                first,
                mix,
                seed,
                prefix,
                rate,
                backlog,
                heartbeat,
                threads,
                maxConnecting,
                maxEnrolling,
                client,
                state,
                acknowledged,
                devices);
    }

    public FleetOptions withDevices(DeviceOptions changed) {
        return new FleetOptions(
                assets,
                first,
                mix,
                seed,
                prefix,
                rate,
                backlog,
                heartbeat,
                threads,
                maxConnecting,
                maxEnrolling,
                client,
                stateDir,
                ackedLog,
                changed);
    }

    long periodMillis() {
        return Math.max(1, Math.round(1_000 / rate));
    }

    private static void check(boolean allowed, String name, Object found, String what) {
        if (!allowed) {
            throw new IllegalArgumentException(name + " is " + found + ", allowed: " + what);
        }
    }
}
