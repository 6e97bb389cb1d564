package dev.muster.gateway.mqtt;

import static dev.muster.gateway.testing.RawMqtt.DISCONNECT;
import static dev.muster.gateway.testing.RawMqtt.PUBACK;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.gateway.testing.Await;
import dev.muster.gateway.testing.RawMqtt;
import dev.muster.gateway.testing.RawMqtt.Packet;
import dev.muster.gateway.testing.TestPki;
import io.netty.handler.ssl.SslProvider;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may connect, and what CONNECT is answered: docs/protocol.md, said to a real socket. */
class MqttConnectTest extends MqttServerFixture {
    @Test
    void aClientWithoutACertificateGetsNoFurtherThanTls() throws Exception {
        server();
        assertThatThrownBy(() -> {
                    RawMqtt client = opened(RawMqtt.open(PKI.clientContext(null), server().port()));
                    if (client.connect(it -> {}) == null) {
                        throw new SSLException("closed");
                    }
                })
                .isInstanceOfAny(SSLException.class, UncheckedIOException.class);
        Await.until("the failure is counted", () -> count("muster.tls.handshakes.failed", "port", "mqtt") == 1);
        assertThat(server().sessions()).isZero();
    }

    @Test
    void certificatesOfAnotherCaAndExpiredOnesAreRefusedByTls() throws Exception {
        TestPki other = new TestPki("Other Root");
        for (TestPki.Credential bad : List.of(other.asset("pump-7"), PKI.asset("pump-7", Duration.ofDays(-1)))) {
            assertThatThrownBy(() -> {
                        RawMqtt client = opened(RawMqtt.open(PKI.clientContext(bad), server().port()));
                        if (client.connect(it -> {}) == null) {
                            throw new SSLException("closed");
                        }
                    })
                    .isInstanceOfAny(SSLException.class, UncheckedIOException.class);
        }
        assertThat(journal.entries()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void bothVersionsOfTlsServe(String version) throws Exception {
        RawMqtt client = opened(RawMqtt.open(PKI.clientContext(PUMP), server().port(), version));
        assertThat(client.tlsVersion()).isEqualTo(version);
        client.connected(5).expectNothing();
    }

    @ParameterizedTest
    @CsvSource({"true,JDK", "false,OPENSSL", "false,JDK"})
    void theOtherTransportAndTlsProviderServeTheSame(boolean epoll, SslProvider provider) throws Exception {
        server = opened(
                MqttServer.start(config, PKI.server(), provider, epoll, journal, admission, downlinks, meters, clock));
        RawMqtt client = client().connected(5);
        client.publish(1, 7, TELEMETRY, "{\"speed\":61.2}");
        assertThat(client.expect(PUBACK).packetId()).isEqualTo(7);
        assertThatThrownBy(() -> opened(RawMqtt.open(PKI.clientContext(null), server().port()))
                        .connected(5))
                .isInstanceOfAny(Exception.class);
    }

    @Test
    void version5IsToldWhatIsOffered() {
        Packet ack = connack(it -> it.version = 5);
        assertThat(ack.at(0)).as("session present").isZero();
        assertThat(ack.at(1)).isZero();
        assertThat(properties(ack, 2))
                .containsEntry(0x21, 64L) // receive maximum
                .containsEntry(0x24, 1L) // maximum QoS
                .containsEntry(0x27, 272L * 1024) // maximum packet size
                .containsEntry(0x28, 0L) // wildcard subscriptions
                .containsEntry(0x29, 0L) // subscription identifiers
                .containsEntry(0x2A, 0L) // shared subscriptions
                .containsEntry(0x22, 16L) // topic aliases
                .containsEntry(0x25, 1L) // retained messages: desired state is one
                .doesNotContainKey(0x13); // server keep alive: the client's is fine
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void version311IsServedWithoutAKeptSession(boolean clean) {
        Packet ack = connack(it -> {
            it.version = 4;
            it.clean = clean;
        });
        assertThat(ack.body()).containsExactly(0, 0);
    }

    @Test
    void olderVersionsAreRefusedAsSuch() throws Exception {
        RawMqtt client = client();
        Packet ack = Objects.requireNonNull(client.connect(it -> {
            it.version = 3;
            it.name = "MQIsdp";
        }));
        assertThat(ack.body()).containsExactly(0, 1);
        client.expectEnd();
        RawMqtt later = client();
        assertThat(Objects.requireNonNull(later.connect(it -> it.version = 6)).at(1))
                .isEqualTo(1);
        later.expectEnd();
    }

    @Test
    void aSessionIsNeverKeptAndTheClientIsTold() {
        Packet ack = connack(it -> {
            it.clean = false;
            it.properties = new byte[] {0x11, 0, 0, 1, 0};
        });
        assertThat(ack.at(0)).isZero();
        assertThat(properties(ack, 2)).containsEntry(0x11, 0L);
    }

    @Test
    void anEmptyClientIdIsAssignedTheAssetId() {
        assertThat(new String(connack(it -> it.clientId = "").body(), UTF_8)).contains("\u0012\0\u0006pump-7");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1201, 65_535})
    void aKeepAliveOfNoneOrBeyondTheCapIsCut(int keepAlive) {
        assertThat(properties(connack(it -> it.keepAlive = keepAlive), 2)).containsEntry(0x13, 1200L);
    }

    @Test
    void anAuthenticationMethodIsRefused() {
        assertThat(connack(it -> it.properties = RawMqtt.stringProperty(0x15, "SCRAM"))
                        .at(1))
                .isEqualTo(0x8C);
    }

    @Test
    void whoConnectsIsInTheCertificateAndNotInTheClientId() throws Exception {
        RawMqtt client = client();
        client.connect(it -> it.clientId = "pump-8");
        client.publish(1, 1, TELEMETRY, "{\"a\":1}");
        assertThat(client.expect(PUBACK).reason()).isZero();
        client.publish(1, 2, "assets/pump-8/telemetry", "{\"a\":1}");
        assertThat(client.expect(PUBACK).reason()).isEqualTo(0x87);
    }

    @Test
    void aRevokedCertificateIsNotAuthorized() throws Exception {
        admission.revoke("pump-7");
        assertThat(connack(it -> it.version = 5).at(1)).isEqualTo(0x87);
        assertThat(connack(it -> it.version = 4).at(1)).isEqualTo(5);
        assertThat(count("muster.mqtt.refusals", "reason", "revoked")).isEqualTo(2);
    }

    @Test
    void theFirstPacketMustBeConnect() throws Exception {
        RawMqtt client = client();
        client.ping();
        client.expectEnd();
    }

    @Test
    void aSecondConnectIsAProtocolError() throws Exception {
        RawMqtt client = client().connected(5);
        Packet answer = Objects.requireNonNull(client.connect(it -> {}));
        assertThat(answer.type()).isEqualTo(DISCONNECT);
        assertThat(answer.at(0)).isEqualTo(0x82);
    }

    @Test
    void whoSendsNoConnectIsNotWaitedForEndlessly() throws Exception {
        bounds(it -> it.withConnectTimeout(Duration.ofMillis(300)));
        client().expectEnd();
    }
}
