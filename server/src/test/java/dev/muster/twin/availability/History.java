package dev.muster.twin.availability;

import dev.muster.gateway.journal.EntryKind;
import dev.muster.gateway.journal.JournalEntry;
import dev.muster.protocol.AssetId;
import dev.muster.protocol.Uplink;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** A made-up life of a server and some assets: what the journal holds, and when the server ran. */
final class History {
    static final long TTL = Duration.ofSeconds(90).toMillis();

    final List<JournalEntry> journal = new ArrayList<>();
    final List<ServerRun> runs = new ArrayList<>();
    final List<AssetId> assets = List.of(new AssetId("a"), new AssetId("b"), new AssetId("c"));
    long now;
    private final Random random;
    private final Map<AssetId, String> open = new HashMap<>();
    private int sessions;

    History(Random random, long begin) {
        this.random = random;
        this.now = begin;
        runs.add(new ServerRun(0, begin));
    }

    /** Something happens to somebody. */
    void step() {
        now += pause();
        AssetId asset = assets.get(random.nextInt(assets.size()));
        String session = open.get(asset);
        switch (random.nextInt(16)) {
            case 0 -> {
                if (session != null) {
                    close(asset, session);
                }
            }
            case 1 -> {
                open(asset);
                if (session != null && random.nextBoolean()) {
                    // Taken over: the closing of the older one comes behind.
                    now += random.nextInt(50);
                    add(asset, EntryKind.SESSION_CLOSED, session + " taken over", null);
                }
            }
            case 2 -> report(asset, now - random.nextLong(Duration.ofDays(3).toMillis()));
            case 3 -> {
                if (!journal.isEmpty()) {
                    JournalEntry again = journal.get(random.nextInt(journal.size()));
                    if (again.uplink() instanceof Uplink.Telemetry) {
                        add(again.asset(), EntryKind.TELEMETRY, "{}", again.uplink());
                    }
                }
            }
            case 4 -> report(asset, now + random.nextLong(Duration.ofMinutes(20).toMillis()));
            case 5 -> report(asset, now - random.nextLong(Duration.ofMinutes(30).toMillis()));
            case 6 ->
                add(
                        asset,
                        EntryKind.TELEMETRY,
                        "{}",
                        new Uplink.Telemetry(List.of(reading(now - 70_000), reading(now))));
            default -> {
                if (session == null && random.nextInt(3) > 0) {
                    open(asset);
                }
                add(
                        asset,
                        EntryKind.HEARTBEAT,
                        "{}",
                        new Uplink.Heartbeat(random.nextBoolean() ? null : now, null, Map.of()));
            }
        }
    }

    private long pause() {
        return switch (random.nextInt(12)) {
            case 0 -> random.nextLong(Duration.ofMinutes(7).toMillis());
            case 1, 2 -> 0;
            default -> random.nextLong(Duration.ofSeconds(40).toMillis());
        };
    }

    private void open(AssetId asset) {
        String session = "run" + runs.size() + "-" + ++sessions;
        open.put(asset, session);
        add(asset, EntryKind.SESSION_OPENED, session, null);
    }

    private void close(AssetId asset, String session) {
        open.remove(asset);
        add(asset, EntryKind.SESSION_CLOSED, session + " disconnected", null);
    }

    private void report(AssetId asset, long ts) {
        add(asset, EntryKind.TELEMETRY, "{}", new Uplink.Telemetry(List.of(reading(ts))));
    }

    private static Uplink.Reading reading(long ts) {
        return new Uplink.Reading(ts, Map.of("speed", 1.0));
    }

    private void add(AssetId asset, EntryKind kind, String text, @org.jspecify.annotations.Nullable Uplink uplink) {
        journal.add(new JournalEntry(journal.size(), now, asset, kind, uplink, text.getBytes(StandardCharsets.UTF_8)));
    }

    /** Killed, and started again some time later; nobody's closing is told. */
    ServerRun kill() {
        now += random.nextLong(
                1 + Duration.ofMinutes(random.nextBoolean() ? 1 : 12).toMillis());
        open.clear();
        ServerRun run = new ServerRun(journal.size(), now);
        runs.add(run);
        return run;
    }
}
