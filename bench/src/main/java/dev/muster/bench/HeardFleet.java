package dev.muster.bench;

import dev.muster.gateway.journal.EntryKind;
import dev.muster.gateway.journal.Journal;
import dev.muster.gateway.journal.JournalFailure;
import dev.muster.main.SettingsCatalog;
import dev.muster.platform.config.SettingsReader;
import dev.muster.protocol.AssetId;
import dev.muster.protocol.PayloadFormat;
import dev.muster.protocol.Severity;
import dev.muster.protocol.Uplink;
import dev.muster.protocol.Uplink.Event;
import dev.muster.protocol.Uplink.Events;
import dev.muster.protocol.Uplink.Fix;
import dev.muster.protocol.Uplink.LogRecord;
import dev.muster.protocol.Uplink.Logs;
import dev.muster.protocol.Uplink.Positions;
import dev.muster.protocol.Uplink.Reading;
import dev.muster.protocol.Uplink.StateReport;
import dev.muster.protocol.Uplink.Telemetry;
import dev.muster.protocol.UplinkCodec;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;

/**
 * The server as it is shipped, and in its process a fleet too large for sockets on one machine: told so on its standard input, each asset is
 * heard of once, by messages that are offered to the journal as the device plane does. From the journal on everything is the server's own.
 */
final class HeardFleet {
    private static final int UNACKNOWLEDGED = 5_000;
    private static final int PLACES = 400;
    private static final List<String> VERSIONS = List.of("1.4.2", "1.4.2", "1.4.1", "1.3.0");

    private final Journal journal;
    private final Semaphore unacknowledged = new Semaphore(UNACKNOWLEDGED);

    private HeardFleet(Journal journal) {
        this.journal = journal;
    }

    public static void main(String[] flags) throws IOException, InterruptedException {
        dev.muster.main.MusterServer server = dev.muster.main.MusterServer.start(
                new SettingsReader(SettingsCatalog.ALL).read(List.of(flags), System.getenv()));
        Runtime.getRuntime().addShutdownHook(new Thread(server::close));
        HeardFleet fleet = new HeardFleet(server.bean(Journal.class));
        BufferedReader told = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = told.readLine(); line != null; line = told.readLine()) {
            int assets = Integer.parseInt(line);
            for (int i = 0; i < assets; i++) {
                if (isHeard(i)) {
                    fleet.hear(i);
                }
            }
        }
        Thread.currentThread().join(); // nothing more is said; the server goes on
    }

    /** Nine of ten; the others never were. */
    static boolean isHeard(int asset) {
        return asset % 10 != 9;
    }

    private void hear(int asset) throws InterruptedException {
        AssetId id = new AssetId(ConsoleWorld.id(asset));
        long now = System.currentTimeMillis();
        say(
                id,
                EntryKind.TELEMETRY,
                new Telemetry(List.of(new Reading(
                        now, Map.<String, Object>of("temperature", 290 + asset % 40, "load", asset % 100 / 100.0)))));
        say(id, EntryKind.POSITION, new Positions(List.of(fix(asset, now))));
        say(id, EntryKind.STATE_REPORTED, state(asset, now));
        if (asset % 10 == 0) {
            say(
                    id,
                    EntryKind.LOGS,
                    new Logs(List.of(
                            new LogRecord(now - 60_000, Severity.INFO, "started", Map.of("unit", "app")),
                            new LogRecord(now, Severity.WARN, "slow answer of the store", Map.of("unit", "app")))));
            say(
                    id,
                    EntryKind.EVENTS,
                    new Events(List.of(
                            new Event(now, "door.opened", Severity.INFO, "by hand", Map.of("door", asset % 4)))));
        }
    }

    /** Around as many places as sites, on land and sea alike. */
    private static Fix fix(int asset, long now) {
        int place = asset * 13 % PLACES;
        int row = place / 20;
        int column = place % 20;
        double north = -35 + row * 4.5 + asset % 89 / 500.0;
        double east = -120 + column * 13 + asset % 97 / 500.0;
        return new Fix(now, north, east, null, 0.0, null, 5.0, "3d");
    }

    private static StateReport state(int asset, long now) {
        return new StateReport(
                now,
                null,
                Map.of("reporting", Map.of("intervalSeconds", 60)),
                Map.of("firmware", "3.2.0", "app", VERSIONS.get(asset / 7 % VERSIONS.size())),
                Map.of(),
                null,
                "b-1");
    }

    private void say(AssetId asset, EntryKind kind, Uplink uplink) throws InterruptedException {
        unacknowledged.acquire();
        byte[] payload = UplinkCodec.encode(uplink, PayloadFormat.JSON);
        while (!journal.offer(
                System.currentTimeMillis(), asset, kind, "", PayloadFormat.JSON, payload, uplink, acknowledged())) {
            Thread.sleep(Duration.ofMillis(20));
        }
    }

    private Journal.Ack acknowledged() {
        return new Journal.Ack() {
            @Override
            public void durable(long offset) {
                unacknowledged.release();
            }

            @Override
            public void failed(JournalFailure failure) {
                unacknowledged.release();
            }
        };
    }
}
