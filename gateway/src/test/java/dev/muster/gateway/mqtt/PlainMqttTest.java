package dev.muster.gateway.mqtt;

import static dev.muster.gateway.testing.RawMqtt.CONNACK;
import static dev.muster.gateway.testing.RawMqtt.DISCONNECT;
import static dev.muster.gateway.testing.RawMqtt.PUBACK;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.gateway.config.DevicePlaneConfig;
import dev.muster.gateway.config.DevicePlaneConfig.PlainMqtt;
import dev.muster.gateway.journal.JournalEntry;
import dev.muster.gateway.testing.MemoryJournal;
import dev.muster.gateway.testing.RawMqtt;
import dev.muster.gateway.testing.RawMqtt.Packet;
import dev.muster.gateway.testing.TestAdmission;
import dev.muster.gateway.testing.TestClock;
import dev.muster.gateway.testing.TestDownlinks;
import dev.muster.gateway.testing.TestPki;
import dev.muster.protocol.AssetId;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** MQTT without TLS: on loopback only, and never without a token. */
class PlainMqttTest {
    private static final InetSocketAddress ANY = new InetSocketAddress("127.0.0.1", 0);

    private final MemoryJournal journal = new MemoryJournal();
    private final TestAdmission admission = new TestAdmission();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private PlainMqtt plain = PlainMqtt.listeningOn(ANY);
    private @Nullable MqttServer server;

    @AfterEach
    void closeAll() {
        if (server != null) {
            server.close();
        }
        journal.close();
    }

    @Test
    void itListensNowhereButOnLoopback() {
        assertThatThrownBy(() -> PlainMqtt.listeningOn(new InetSocketAddress("0.0.0.0", 1883)))
                .hasMessageContaining("only an address of loopback is allowed");
        assertThatThrownBy(() -> PlainMqtt.listeningOn(new InetSocketAddress("192.0.2.1", 1883)))
                .hasMessageContaining("/192.0.2.1:1883");
    }

    @Test
    void anAssetWithItsTokenIsServedAsOneWithACertificate() throws Exception {
        try (RawMqtt client = client()) {
            assertThat(reasonOf(client, "pump-7", "secret-of-pump-7")).isZero();
            client.publish(1, 7, "assets/pump-7/telemetry", "{\"speed\":61.2}");
            assertThat(client.expect(PUBACK).packetId()).isEqualTo(7);
        }
        assertThat(journal.entries().stream().map(JournalEntry::asset)).contains(new AssetId("pump-7"));
    }

    @Test
    void withoutItsTokenNobodyIsLetIn() throws Exception {
        for (String[] wrong : new String[][] {{"pump-7", "guess"}, {"pump-7", null}, {null, null}, {"p/../x", "a"}}) {
            try (RawMqtt client = client()) {
                assertThat(reasonOf(client, wrong[0], wrong[1])).isEqualTo(0x87);
            }
        }
        assertThat(journal.entries()).isEmpty();
    }

    @Test
    void aTokenThatIsRevokedEndsTheSessionAndOpensNoOther() throws Exception {
        try (RawMqtt client = client()) {
            assertThat(reasonOf(client, "pump-7", "secret-of-pump-7")).isZero();
            admission.revoke("pump-7");
            server().disconnect(new AssetId("pump-7"), "token token-1 is revoked");
            assertThat(client.expect(DISCONNECT).text()).contains("token token-1 is revoked");
        }
        try (RawMqtt client = client()) {
            assertThat(reasonOf(client, "pump-7", "secret-of-pump-7")).isEqualTo(0x87);
        }
    }

    @Test
    void attemptsAreCountedBeforeTheTokenIsLookedAt() throws Exception {
        plain = new PlainMqtt(ANY, new DevicePlaneConfig.Rate(1, 2, 10));
        for (int reason : new int[] {0x87, 0x87, 0x9f}) {
            try (RawMqtt client = client()) {
                assertThat(reasonOf(client, "pump-7", "guess")).isEqualTo(reason);
            }
        }
        try (RawMqtt client = client()) {
            assertThat(reasonOf(client, "pump-7", "secret-of-pump-7")).isEqualTo(0x9f);
        }
        assertThat(meters.get("muster.mqtt.refusals")
                        .tag("reason", "connection_rate_exceeded")
                        .counter()
                        .count())
                .isEqualTo(2);
    }

    private static int reasonOf(RawMqtt client, @Nullable String user, @Nullable String password) {
        Packet answer = Objects.requireNonNull(client.connect(it -> {
            it.user = user;
            it.password = password;
        }));
        assertThat(answer.type()).isEqualTo(CONNACK);
        return answer.at(1);
    }

    private RawMqtt client() throws IOException {
        return RawMqtt.openPlain(server().plainPort());
    }

    private MqttServer server() throws IOException {
        MqttServer running = server;
        if (running == null) {
            running = MqttServer.start(
                    DevicePlaneConfig.listeningOn(ANY, ANY).with(plain),
                    new TestPki().server(),
                    journal,
                    admission,
                    new TestDownlinks(),
                    meters,
                    new TestClock());
            server = running;
        }
        return running;
    }
}
