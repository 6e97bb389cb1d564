package dev.muster.gateway.mqtt;

import static dev.muster.gateway.testing.RawMqtt.CONNACK;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.gateway.config.DevicePlaneConfig;
import dev.muster.gateway.journal.JournalEntry;
import dev.muster.gateway.testing.MemoryJournal;
import dev.muster.gateway.testing.RawMqtt;
import dev.muster.gateway.testing.RawMqtt.Packet;
import dev.muster.gateway.testing.TestAdmission;
import dev.muster.gateway.testing.TestClock;
import dev.muster.gateway.testing.TestDownlinks;
import dev.muster.gateway.testing.TestPki;
import dev.muster.protocol.AssetId;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;

/** A server of MQTT with a journal in memory, and words for what a client does at its socket. */
abstract class MqttServerFixture {
    static final TestPki PKI = new TestPki();
    static final TestPki.Credential PUMP = PKI.asset("pump-7");
    static final String TELEMETRY = "assets/pump-7/telemetry";
    static final String DESIRED = "assets/pump-7/state/desired";
    static final String COMMANDS = "assets/pump-7/commands";
    static final AssetId ID = new AssetId("pump-7");

    final MemoryJournal journal = new MemoryJournal();
    final TestAdmission admission = new TestAdmission();
    final TestDownlinks downlinks = new TestDownlinks();
    final TestClock clock = new TestClock();
    final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    final List<AutoCloseable> open = new ArrayList<>();
    DevicePlaneConfig config =
            DevicePlaneConfig.listeningOn(new InetSocketAddress("127.0.0.1", 0), new InetSocketAddress("127.0.0.1", 0));

    @Nullable MqttServer server;

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
        journal.close();
    }

    void withWill(RawMqtt.Connect connect) {
        connect.willTopic = "assets/pump-7/events";
        connect.will = "{\"type\":\"offline\",\"severity\":\"warn\"}".getBytes(UTF_8);
    }

    void bounds(UnaryOperator<DevicePlaneConfig.Mqtt> change) {
        config = config.with(change.apply(config.mqtt()));
    }

    MqttServer server() {
        if (server == null) {
            try {
                server = opened(MqttServer.start(config, PKI.server(), journal, admission, downlinks, meters, clock));
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }
        return server;
    }

    RawMqtt client() throws IOException {
        return opened(RawMqtt.open(PKI.clientContext(PUMP), server().port()));
    }

    Packet connack(Consumer<RawMqtt.Connect> changes) {
        try (RawMqtt client = client()) {
            Packet ack = Objects.requireNonNull(client.connect(changes));
            assertThat(ack.type()).isEqualTo(CONNACK);
            return ack;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    <T extends AutoCloseable> T opened(T closeable) {
        open.add(closeable);
        return closeable;
    }

    double count(String meter, String tag, String value) {
        return meters.find(meter).tag(tag, value).counters().stream()
                .mapToDouble(Counter::count)
                .sum();
    }

    static String text(JournalEntry entry) {
        return new String(entry.payload(), UTF_8);
    }

    /** The properties with a numeric value, by identifier. */
    static Map<Integer, Long> properties(Packet packet, int start) {
        var found = new HashMap<Integer, Long>();
        int end = start + 1 + packet.at(start);
        for (int at = start + 1; at < end; ) {
            int id = packet.at(at++);
            int size = switch (id) {
                case 0x11, 0x27, 0x02 -> 4;
                case 0x13, 0x21, 0x22 -> 2;
                case 0x12, 0x1F, 0x03 -> 2 + (packet.at(at) << 8 | packet.at(at + 1));
                default -> 1;
            };
            long value = 0;
            for (int i = 0; i < Math.min(size, 4); i++) {
                value = value << 8 | packet.at(at + i);
            }
            found.put(id, value);
            at += size;
        }
        return found;
    }
}
