package dev.muster.gateway.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.gateway.config.DevicePlaneConfig;
import dev.muster.gateway.config.DevicePlaneConfig.PlainMqtt;
import dev.muster.gateway.journal.JournalConfig;
import dev.muster.gateway.journal.JournalEntry;
import dev.muster.gateway.journal.JournalReader;
import dev.muster.gateway.journal.LocalJournal;
import dev.muster.gateway.testing.Await;
import dev.muster.gateway.testing.RawMqtt;
import dev.muster.gateway.testing.TestAdmission;
import dev.muster.gateway.testing.TestClock;
import dev.muster.gateway.testing.TestDownlinks;
import dev.muster.gateway.testing.TestPki;
import dev.muster.protocol.AssetId;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** More than can be stored, by clients that do not care, and one that never reads: held back in the sockets, and then it goes on. */
class OverloadTest {
    private static final InetSocketAddress ANY = new InetSocketAddress("127.0.0.1", 0);
    private static final List<String> QOS_0 = List.of("careless-1", "careless-2");
    private static final List<String> QOS_1 = List.of("careful-1", "careful-2");
    /** Beyond what the kernel's buffers of a connection hold. */
    private static final int MESSAGES = 20_000;

    private static final String PAYLOAD = "{\"speed\":61.2,\"note\":\"" + "x".repeat(1_000) + "\"}";
    private static final long MAX_DIRECT = 64L << 20;
    private static final Duration LONG = Duration.ofMinutes(2);

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final Map<String, AtomicLong> sent = new ConcurrentHashMap<>();

    @Test
    void whatCannotBeStoredWaitsInTheSocketsAndNothingOfItIsLost(@TempDir Path directory) throws Exception {
        JournalConfig small = JournalConfig.in(directory)
                .with(new JournalConfig.Entries(8 << 10, 1 << 20))
                .with(new JournalConfig.Files(2 << 20, 8 << 20))
                .with(new JournalConfig.Queue(4_096, 4 << 20))
                .with(new JournalConfig.Memory(64, 64 << 10))
                .withConsumers(Set.of("slow"));
        try (LocalJournal journal = LocalJournal.open(small, meters);
                JournalReader reader = journal.reader("slow");
                MqttServer server = MqttServer.start(
                        config(),
                        new TestPki().server(),
                        journal,
                        new TestAdmission(),
                        new TestDownlinks(),
                        meters,
                        new TestClock())) {
            List<RawMqtt> clients = new ArrayList<>();
            try {
                for (String asset : QOS_0) {
                    clients.add(flood(server, asset, 0));
                }
                for (String asset : QOS_1) {
                    clients.add(flood(server, asset, 1));
                }
                clients.add(neverReads(server));
                awaitStandstill(server);
                assertThat(total()).as("accepted, kernel's buffers included").isLessThan(4L * MESSAGES);
                assertThat(journal.health().bytes()).isLessThanOrEqualTo(8 << 20);
                assertThat(journal.health().queued()).isLessThanOrEqualTo(4_096);
                assertThat(directMemory()).isLessThan(MAX_DIRECT);
                assertThat(journal.health().problem()).contains("holds");
                assertThat(takeAll(reader)).isEqualTo(expected());
                Await.until("who never reads is closed", LONG, () -> server.sessions() == 4);
            } finally {
                clients.forEach(RawMqtt::close);
            }
        }
        assertThat(meters.get("muster.mqtt.pauses")
                        .tag("reason", "journal_full")
                        .counter()
                        .count())
                .isGreaterThanOrEqualTo(4);
        assertThat(meters.get("muster.journal.refused")
                        .tag("reason", "disk_bound")
                        .counter()
                        .count())
                .isPositive();
        assertThat(meters.get("muster.journal.wait").timer().count()).isPositive();
        assertThat(meters.get("muster.mqtt.refusals")
                        .tag("reason", "client_not_reading")
                        .counter()
                        .count())
                .isEqualTo(1);
    }

    private static DevicePlaneConfig config() {
        return DevicePlaneConfig.listeningOn(ANY, ANY)
                .with(PlainMqtt.listeningOn(ANY))
                .with(DevicePlaneConfig.Mqtt.DEFAULT.withOutbound(4_096, Duration.ofSeconds(1)));
    }

    private RawMqtt flood(MqttServer server, String asset, int qos) throws Exception {
        RawMqtt client = connected(server, asset);
        AtomicLong count = new AtomicLong();
        sent.put(asset, count);
        Thread.ofVirtual().start(() -> {
            for (int i = 0; i < MESSAGES; i++) {
                client.publish(qos, qos == 0 ? 0 : 1 + i, "assets/" + asset + "/telemetry", PAYLOAD);
                count.incrementAndGet();
            }
        });
        if (qos == 1) {
            Thread.ofVirtual().start(() -> readUntilClosed(client));
        }
        return client;
    }

    private static void readUntilClosed(RawMqtt client) {
        try {
            while (client.read() != null) {
                // acknowledgements
            }
        } catch (UncheckedIOException closed) {
            // at the end of the test
        }
    }

    private static RawMqtt neverReads(MqttServer server) throws Exception {
        RawMqtt client = connected(server, "hostile");
        byte[] pings = new byte[2 * 50_000];
        for (int i = 0; i < pings.length; i += 2) {
            pings[i] = (byte) 0xC0;
        }
        Thread.ofVirtual().start(() -> {
            try {
                while (true) {
                    client.sendBytes(pings);
                }
            } catch (UncheckedIOException closed) {
                // as it deserves
            }
        });
        return client;
    }

    private static RawMqtt connected(MqttServer server, String asset) throws Exception {
        RawMqtt client = RawMqtt.openPlain(server.plainPort());
        client.connect(it -> {
            it.version = 4;
            it.user = asset;
            it.password = "secret-of-" + asset;
        });
        return client;
    }

    /** Nothing more is taken off the clients for a while, and the journal is why. */
    private void awaitStandstill(MqttServer server) {
        long[] before = {-1};
        long[] since = {System.nanoTime()};
        Await.until("the clients are held back", LONG, () -> {
            long now = total();
            if (now != before[0] || now == 0) {
                before[0] = now;
                since[0] = System.nanoTime();
            }
            return System.nanoTime() - since[0] > Duration.ofSeconds(1).toNanos();
        });
        assertThat(server.sessions()).isGreaterThanOrEqualTo(4);
    }

    private long total() {
        return sent.values().stream().mapToLong(AtomicLong::get).sum();
    }

    private static Map<String, Long> expected() {
        Map<String, Long> all = new TreeMap<>();
        QOS_0.forEach(asset -> all.put(asset, (long) MESSAGES));
        QOS_1.forEach(asset -> all.put(asset, (long) MESSAGES));
        return all;
    }

    private static Map<String, Long> takeAll(JournalReader reader) throws InterruptedException {
        Map<String, Long> found = new TreeMap<>();
        long end = System.nanoTime() + LONG.toNanos();
        while (!found.equals(expected()) && System.nanoTime() < end) {
            for (JournalEntry entry : reader.poll(1_024, Duration.ofMillis(100))) {
                AssetId asset = entry.asset();
                if (entry.uplink() != null) {
                    found.merge(asset.value(), 1L, Long::sum);
                }
            }
            reader.commit(reader.position());
            assertThat(directMemory()).isLessThan(MAX_DIRECT);
        }
        return found;
    }

    private static long directMemory() {
        return ((ByteBufAllocatorMetricProvider) ByteBufAllocator.DEFAULT)
                .metric()
                .usedDirectMemory();
    }
}
