package dev.muster.gateway.mqtt;

import static dev.muster.gateway.testing.RawMqtt.CONNACK;
import static dev.muster.gateway.testing.RawMqtt.DISCONNECT;
import static dev.muster.gateway.testing.RawMqtt.PINGRESP;
import static dev.muster.gateway.testing.RawMqtt.PUBACK;
import static dev.muster.gateway.testing.RawMqtt.PUBLISH;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.gateway.config.DevicePlaneConfig;
import dev.muster.gateway.journal.EntryKind;
import dev.muster.gateway.journal.JournalEntry;
import dev.muster.gateway.journal.JournalFailure;
import dev.muster.gateway.testing.Await;
import dev.muster.gateway.testing.MemoryJournal;
import dev.muster.gateway.testing.RawMqtt;
import dev.muster.gateway.testing.RawMqtt.Packet;
import dev.muster.gateway.testing.TestAdmission;
import dev.muster.gateway.testing.TestClock;
import dev.muster.gateway.testing.TestDownlinks;
import dev.muster.gateway.testing.TestPki;
import dev.muster.protocol.AssetId;
import dev.muster.protocol.PayloadFormat;
import dev.muster.protocol.Severity;
import dev.muster.protocol.Uplink;
import dev.muster.protocol.UplinkCodec;
import dev.muster.protocol.UplinkKind;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.ssl.SslProvider;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every sentence of docs/protocol.md on MQTT, said to a real socket. */
class MqttServerTest {
    private static final TestPki PKI = new TestPki();
    private static final TestPki.Credential PUMP = PKI.asset("pump-7");
    private static final String TELEMETRY = "assets/pump-7/telemetry";
    private static final String DESIRED = "assets/pump-7/state/desired";
    private static final String COMMANDS = "assets/pump-7/commands";
    private static final AssetId ID = new AssetId("pump-7");

    private final MemoryJournal journal = new MemoryJournal();
    private final TestAdmission admission = new TestAdmission();
    private final TestDownlinks downlinks = new TestDownlinks();
    private final TestClock clock = new TestClock();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final List<AutoCloseable> open = new ArrayList<>();
    private DevicePlaneConfig config =
            DevicePlaneConfig.listeningOn(new InetSocketAddress("127.0.0.1", 0), new InetSocketAddress("127.0.0.1", 0));
    private @Nullable MqttServer server;

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
        journal.close();
    }

    // ---- TLS

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

    // ---- CONNECT

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

    // ---- PUBLISH

    @Test
    void acknowledgesWhenTheJournalHasItAndNotBefore() throws Exception {
        RawMqtt client = client().connected(5);
        journal.holdAnswers();
        client.publish(1, 7, TELEMETRY, "{\"speed\":61.2}");
        client.expectNothing();
        journal.answerHeld();
        assertThat(client.expect(PUBACK).packetId()).isEqualTo(7);
        assertThat(journal.uplinks())
                .containsExactly(new Uplink.Telemetry(List.of(new Uplink.Reading(null, Map.of("speed", 61.2)))));
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void acknowledgementsLeaveInOrderOfArrivalThoughSomeAreKnownEarlier(int version) throws Exception {
        RawMqtt client = client().connected(version);
        journal.holdAnswers();
        List<Integer> ids = IntStream.range(1, 40).map(i -> i * 3).boxed().toList();
        for (int id : ids) {
            client.publish(1, id, TELEMETRY, id % 2 == 0 ? "{broken" : "{\"a\":" + id + "}");
        }
        client.expectNothing();
        journal.answerHeld();
        assertThat(ids.stream().map(id -> client.expect(PUBACK).packetId())).containsExactlyElementsOf(ids);
        assertThat(journal.uplinks()).hasSize(20);
    }

    @Test
    void everyUplinkTopicEndsInTheJournalAsItsKind() throws Exception {
        RawMqtt client = client().connected(5);
        Map<String, String> said = new LinkedHashMap<>();
        said.put("hello", "{\"protocol\":1,\"agent\":\"1.3.0\"}");
        said.put("heartbeat", "");
        said.put("telemetry", "[{\"a\":1}]");
        said.put("position", "{\"lat\":1,\"lon\":2}");
        said.put("state/reported", "{\"generation\":7}");
        said.put("events", "{\"type\":\"boot\"}");
        said.put("logs", "[{\"body\":\"hi\"}]");
        said.put("commands/c-1/result", "{\"status\":\"running\"}");
        said.forEach((topic, payload) -> {
            client.publish(1, 1, "assets/pump-7/" + topic, payload);
            assertThat(client.expect(PUBACK).reason()).as(topic).isZero();
        });
        assertThat(journal.entries().stream().map(JournalEntry::kind))
                .containsExactly(
                        EntryKind.SESSION_OPENED,
                        EntryKind.HELLO,
                        EntryKind.HEARTBEAT,
                        EntryKind.TELEMETRY,
                        EntryKind.POSITION,
                        EntryKind.STATE_REPORTED,
                        EntryKind.EVENTS,
                        EntryKind.LOGS,
                        EntryKind.COMMAND_RESULT);
    }

    @Test
    void qosZeroIsStoredToo() throws Exception {
        RawMqtt client = client().connected(4);
        client.publish(0, 0, TELEMETRY, "{\"a\":1}");
        client.expectNothing();
        assertThat(journal.uplinks()).hasSize(1);
    }

    @Test
    void cborIsReadByContentType() throws Exception {
        RawMqtt client = client().connected(5);
        var telemetry = new Uplink.Telemetry(List.of(new Uplink.Reading(1_764_000_000_000L, Map.of("speed", 61.2))));
        client.publish(
                2,
                1,
                TELEMETRY,
                RawMqtt.stringProperty(0x03, "application/cbor"),
                UplinkCodec.encode(telemetry, PayloadFormat.CBOR));
        assertThat(client.expect(PUBACK).reason()).isZero();
        client.publish(2, 2, TELEMETRY, RawMqtt.stringProperty(0x03, "text/xml"), "{\"a\":1}".getBytes(UTF_8));
        assertThat(client.expect(PUBACK).reason()).isEqualTo(0x99);
        assertThat(journal.uplinks()).containsExactly(telemetry);
    }

    @Test
    void aForeignTopicIsNotAuthorizedAndTheSessionGoesOn() throws Exception {
        RawMqtt client = client().connected(5);
        client.publish(1, 1, "assets/pump-8/telemetry", "{\"a\":1}");
        assertThat(client.expect(PUBACK).reason()).isEqualTo(0x87);
        client.publish(0, 0, "assets/pump-8/telemetry", "{\"a\":1}");
        client.publish(1, 2, "$SYS/x", "{\"a\":1}");
        assertThat(client.expect(PUBACK).reason()).isEqualTo(0x87);
        client.expectNothing();
        assertThat(journal.uplinks()).isEmpty();
        assertThat(count("muster.mqtt.refusals", "reason", "not_authorized")).isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void aForeignTopicEndsASessionOf311(int qos) throws Exception {
        RawMqtt client = client().connected(4);
        client.publish(qos, 1, "assets/pump-8/telemetry", "{\"a\":1}");
        client.expectEnd();
        assertThat(journal.uplinks()).isEmpty();
    }

    @Test
    void anOwnTopicThatIsNoUplinkIsInvalid() throws Exception {
        RawMqtt five = client().connected(5);
        five.publish(1, 1, "assets/pump-7/state/desired", "{}");
        assertThat(five.expect(PUBACK).reason()).isEqualTo(0x90);
        RawMqtt three = client().connected(4);
        three.publish(1, 2, "assets/pump-7/from-the-future", "{}");
        assertThat(three.expect(PUBACK).packetId()).isEqualTo(2);
        assertThat(journal.uplinks()).isEmpty();
    }

    @Test
    void aMalformedPayloadIsRefusedWithWhatIsWrong() throws Exception {
        RawMqtt client = client().connected(5);
        client.publish(1, 9, TELEMETRY, "{\"speed\":{}}");
        Packet ack = client.expect(PUBACK);
        assertThat(ack.reason()).isEqualTo(0x99);
        assertThat(ack.text()).contains("telemetry.speed is an object, a number, a string or a boolean is allowed");
        assertThat(count("muster.uplinks.malformed", "kind", "telemetry")).isEqualTo(1);
        assertThat(journal.uplinks()).isEmpty();
    }

    @Test
    void whoWantsNoReasonsOrTakesNoLongPacketsGetsTheCodeAlone() throws Exception {
        for (byte[] properties : List.of(new byte[] {0x17, 0}, new byte[] {0x27, 0, 0, 0, 40})) {
            RawMqtt client = client();
            client.connect(it -> it.properties = properties);
            client.publish(1, 9, TELEMETRY, "{\"speed\":{}}");
            Packet ack = client.expect(PUBACK);
            assertThat(ack.reason()).isEqualTo(0x99);
            assertThat(ack.body()).hasSizeLessThanOrEqualTo(4);
        }
    }

    @Test
    void aMalformedPayloadOf311IsAcknowledgedForItWouldComeAgainForEver() throws Exception {
        RawMqtt client = client().connected(4);
        client.publish(1, 9, TELEMETRY, "{\"speed\":{}}");
        assertThat(client.expect(PUBACK).packetId()).isEqualTo(9);
        assertThat(count("muster.uplinks.malformed", "kind", "telemetry")).isEqualTo(1);
        assertThat(journal.uplinks()).isEmpty();
    }

    @Test
    void qosTwoIsNotSupported() throws Exception {
        RawMqtt five = client().connected(5);
        five.publish(2, 1, TELEMETRY, "{\"a\":1}");
        five.expectDisconnect(0x9B);
        RawMqtt three = client().connected(4);
        three.publish(2, 1, TELEMETRY, "{\"a\":1}");
        three.expectEnd();
    }

    @Test
    void theRetainFlagOfAClientMeansNothing() throws Exception {
        RawMqtt client = client().connected(5);
        client.publish(3, 1, "assets/pump-7/state/reported", new byte[0], "{\"generation\":1}".getBytes(UTF_8));
        assertThat(client.expect(PUBACK).reason()).isZero();
        assertThat(journal.uplinks()).hasSize(1);
    }

    @Test
    void anAliasStandsForTheTopicItCameWith() throws Exception {
        RawMqtt client = client().connected(5);
        byte[] first = {0x23, 0, 1};
        byte[] last = {0x23, 0, 16};
        client.publish(2, 1, TELEMETRY, first, "{\"a\":1}".getBytes(UTF_8));
        client.publish(2, 2, "assets/pump-7/events", last, "{\"type\":\"x\"}".getBytes(UTF_8));
        client.publish(2, 3, "", first, "{\"a\":2}".getBytes(UTF_8));
        client.publish(2, 4, "", last, "{\"type\":\"y\"}".getBytes(UTF_8));
        client.publish(2, 5, "assets/pump-7/logs", first, "{\"body\":\"now logs\"}".getBytes(UTF_8));
        client.publish(2, 6, "", first, "{\"body\":\"again\"}".getBytes(UTF_8));
        for (int id = 1; id <= 6; id++) {
            assertThat(client.expect(PUBACK).reason()).isZero();
        }
        assertThat(journal.uplinks().stream().map(Uplink::kind))
                .containsExactly(
                        UplinkKind.TELEMETRY,
                        UplinkKind.EVENTS,
                        UplinkKind.TELEMETRY,
                        UplinkKind.EVENTS,
                        UplinkKind.LOGS,
                        UplinkKind.LOGS);
    }

    @Test
    void anAliasThatStandsForNothingEndsTheSession() throws Exception {
        RawMqtt unknown = client().connected(5);
        unknown.publish(2, 1, "", new byte[] {0x23, 0, 1}, "{\"a\":1}".getBytes(UTF_8));
        unknown.expectDisconnect(0x94);
        RawMqtt beyond = client().connected(5);
        beyond.publish(2, 1, TELEMETRY, new byte[] {0x23, 0, 17}, "{\"a\":1}".getBytes(UTF_8));
        beyond.expectDisconnect(0x94);
        RawMqtt zero = client().connected(5);
        zero.publish(2, 1, TELEMETRY, new byte[] {0x23, 0, 0}, "{\"a\":1}".getBytes(UTF_8));
        zero.expectDisconnect(0x94);
        assertThat(journal.uplinks()).isEmpty();
    }

    @Test
    void aPackedPayloadIsUnpackedUpToItsBound() throws Exception {
        RawMqtt client = client().connected(5);
        byte[] gzip = RawMqtt.userProperty("content-encoding", "gzip");
        client.publish(2, 1, TELEMETRY, gzip, packed("{\"a\":1}".getBytes(UTF_8)));
        assertThat(client.expect(PUBACK).reason()).isZero();
        assertThat(journal.uplinks())
                .containsExactly(new Uplink.Telemetry(List.of(new Uplink.Reading(null, Map.of("a", 1.0)))));
        client.publish(2, 2, TELEMETRY, gzip, packed(new byte[64 << 20]));
        RawMqtt.Packet bomb = client.expect(PUBACK);
        assertThat(bomb.reason()).isEqualTo(0x99);
        assertThat(bomb.text()).contains("unpacked, the payload has more than 262144 bytes");
        client.publish(2, 3, TELEMETRY, gzip, "{\"a\":1}".getBytes(UTF_8));
        assertThat(client.expect(PUBACK).reason()).isEqualTo(0x99);
        client.publish(2, 4, TELEMETRY, RawMqtt.userProperty("content-encoding", "br"), "{\"a\":1}".getBytes(UTF_8));
        assertThat(client.expect(PUBACK).reason()).isEqualTo(0x99);
        assertThat(journal.uplinks()).hasSize(1);
    }

    private static byte[] packed(byte[] content) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var out = new GZIPOutputStream(bytes)) {
            out.write(content);
        }
        return bytes.toByteArray();
    }

    @Test
    void moreUnacknowledgedThanTheReceiveMaximumEndsTheSession() throws Exception {
        RawMqtt client = client().connected(5);
        journal.holdAnswers();
        for (int id = 1; id <= 64; id++) {
            client.publish(1, id, TELEMETRY, "{\"a\":1}");
        }
        client.expectNothing();
        client.publish(1, 65, TELEMETRY, "{\"a\":1}");
        client.expectDisconnect(0x93);
        journal.answerHeld();
    }

    @Test
    void aClientOf311WithManyUnacknowledgedIsJustNotRead() throws Exception {
        RawMqtt client = client().connected(4);
        journal.holdAnswers();
        for (int id = 1; id <= 300; id++) {
            client.publish(1, id, TELEMETRY, "{\"a\":" + id + "}");
        }
        Await.until("paused", () -> count("muster.mqtt.pauses", "reason", "unacknowledged") > 0);
        assertThat(journal.uplinks()).hasSize(64);
        journal.answerHeld();
        var ids = new ArrayList<Integer>();
        for (int id = 1; id <= 300; id++) {
            ids.add(client.expect(PUBACK).packetId());
        }
        assertThat(ids)
                .containsExactlyElementsOf(IntStream.rangeClosed(1, 300).boxed().toList());
        assertThat(journal.uplinks()).hasSize(300);
    }

    @Test
    void aPacketThatClaimsToBeTooLargeIsRefusedBeforeItIsRead() throws Exception {
        RawMqtt five = client().connected(5);
        five.sendBytes(new byte[] {0x32, (byte) 0xff, (byte) 0xff, (byte) 0xff, 0x7f, 0, 4});
        five.expectDisconnect(0x95);
        RawMqtt three = client().connected(4);
        three.sendBytes(new byte[] {0x32, (byte) 0xff, (byte) 0xff, (byte) 0xff, 0x7f, 0, 4});
        three.expectEnd();
        RawMqtt early = client();
        early.sendBytes(new byte[] {0x10, (byte) 0xff, (byte) 0xff, (byte) 0xff, 0x7f, 0, 4});
        early.expectEnd();
    }

    @Test
    void packetsAreCountedWhereverTheNetworkCutsThem() throws Exception {
        RawMqtt client = client().connected(5);
        for (byte[] part :
                List.of(new byte[] {(byte) 0xC0}, new byte[] {0, (byte) 0xC0, 0, (byte) 0xC0}, new byte[] {0})) {
            client.sendBytes(part);
        }
        for (int i = 0; i < 3; i++) {
            client.expect(PINGRESP);
        }
    }

    @Test
    void aPacketThatCannotBeDecodedEndsTheSession() throws Exception {
        RawMqtt client = client().connected(5);
        client.sendBytes(new byte[] {0x36, 3, 9, 9, 9});
        Packet last = client.expect(DISCONNECT);
        assertThat(last.at(0)).isIn(0x81, 0x82);
        RawMqtt garbage = client();
        garbage.sendBytes(("GET / HTTP/1.1\r\nHost: " + "x".repeat(200) + "\r\n\r\n").getBytes(UTF_8));
        garbage.expectEnd();
    }

    @Test
    void traceContextAndRequestResponsePropertiesAreLegal() throws Exception {
        RawMqtt client = client().connected(5);
        var properties = new ByteArrayOutputStream();
        properties.writeBytes(
                RawMqtt.userProperty("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));
        properties.writeBytes(RawMqtt.stringProperty(0x08, "assets/pump-7/answers"));
        properties.writeBytes(new byte[] {0x09, 0, 2, 1, 2});
        client.publish(2, 1, TELEMETRY, properties.toByteArray(), "{\"a\":1}".getBytes(UTF_8));
        assertThat(client.expect(PUBACK).reason()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"DISK_FULL,0x97", "IO_ERROR,0x83", "CLOSED,0x83"})
    void whatCannotBeStoredIsRefusedWithACodeThatSaysTryAgain(JournalFailure.Reason reason, String code)
            throws Exception {
        RawMqtt five = client().connected(5);
        journal.failWith(reason);
        five.publish(1, 1, TELEMETRY, "{\"a\":1}");
        assertThat(five.expect(PUBACK).reason()).isEqualTo(Integer.decode(code));
        journal.failWith(null);
        five.publish(1, 2, TELEMETRY, "{\"a\":1}");
        assertThat(five.expect(PUBACK).reason()).isZero();
    }

    @Test
    void whatCannotBeStoredEndsASessionOf311WithoutAcknowledgement() throws Exception {
        RawMqtt client = client().connected(4);
        journal.holdAnswers();
        client.publish(1, 1, TELEMETRY, "{\"a\":1}");
        client.expectNothing();
        journal.failWith(JournalFailure.Reason.DISK_FULL);
        client.publish(1, 2, TELEMETRY, "{\"a\":1}");
        client.expectNothing();
        journal.answerHeld();
        assertThat(client.expect(PUBACK).packetId()).isEqualTo(1);
        client.expectEnd();
    }

    @Test
    void aFullJournalStopsTheReadingAndNothingIsLost() throws Exception {
        RawMqtt client = client().connected(4);
        journal.setRoom(2);
        for (int i = 1; i <= 50; i++) {
            client.publish(i % 2, i, TELEMETRY, "{\"n\":" + i + "}");
        }
        Await.until("paused", () -> count("muster.mqtt.pauses", "reason", "journal_full") == 1);
        assertThat(journal.uplinks()).hasSize(2);
        journal.setRoom(5);
        Await.until("paused again", () -> count("muster.mqtt.pauses", "reason", "journal_full") == 2);
        assertThat(journal.uplinks()).hasSize(7);
        journal.setRoom(Integer.MAX_VALUE);
        Await.until("all", () -> journal.uplinks().size() == 50);
        assertThat(journal.uplinks().stream()
                        .map(it -> ((Uplink.Telemetry) it)
                                .readings()
                                .getFirst()
                                .values()
                                .get("n")))
                .containsExactlyElementsOf(IntStream.rangeClosed(1, 50)
                        .mapToObj(i -> (Object) (double) i)
                        .toList());
    }

    @Test
    void aConnectWaitsForRoomInTheJournal() throws Exception {
        journal.setRoom(0);
        RawMqtt client = client();
        var answered = new CompletableFuture<Packet>();
        Thread.ofVirtual().start(() -> answered.complete(Objects.requireNonNull(client.connect(it -> {}))));
        Await.until("paused", () -> count("muster.mqtt.pauses", "reason", "journal_full") == 1);
        assertThat(answered).isNotDone();
        journal.setRoom(Integer.MAX_VALUE);
        assertThat(answered.get(15, TimeUnit.SECONDS).at(1)).isZero();
    }

    @Test
    void aSessionThatIsRefusedTooOftenIsEnded() throws Exception {
        RawMqtt client = client().connected(5);
        Thread.ofVirtual().start(() -> {
            try {
                for (int i = 0; i < 5000; i++) {
                    client.publish(0, 0, TELEMETRY, "{");
                }
            } catch (UncheckedIOException closed) {
                assertThat(closed).isNotNull();
            }
        });
        client.expectDisconnect(0x96);
    }

    // ---- the end of sessions

    @Test
    void openingAndClosingAreJournaledWithTheSessionId() throws Exception {
        RawMqtt client = client().connected(5);
        client.send(DISCONNECT, 0, new byte[0]);
        client.expectEnd();
        Await.until("closed", () -> journal.entries().size() == 2);
        String opened = text(journal.entries().getFirst());
        assertThat(journal.entries().stream().map(JournalEntry::kind))
                .containsExactly(EntryKind.SESSION_OPENED, EntryKind.SESSION_CLOSED);
        assertThat(text(journal.entries().getLast())).isEqualTo(opened + " disconnected");
    }

    @Test
    void aNewerSessionOfTheAssetTakesOver() throws Exception {
        RawMqtt five = client().connected(5);
        RawMqtt three = client().connected(4);
        five.expectDisconnect(0x8E);
        RawMqtt last = client().connected(5);
        three.expectEnd();
        last.expectNothing();
        assertThat(server().sessions()).isEqualTo(1);
        Await.until(
                "both closed",
                () -> journal.entries(it -> it.kind() == EntryKind.SESSION_CLOSED)
                                .size()
                        == 2);
    }

    @Test
    void silenceOfOneAndAHalfKeepAlivesEndsTheSession() throws Exception {
        RawMqtt five = client();
        five.connect(it -> it.keepAlive = 1);
        five.expectDisconnect(0x8D);
    }

    @Test
    void aSessionThatTheServerDoesNotReadIsNotCalledSilent() throws Exception {
        RawMqtt client = client();
        client.connect(it -> it.keepAlive = 1);
        journal.setRoom(0);
        client.publish(1, 1, TELEMETRY, "{\"a\":1}");
        Await.until("paused", () -> count("muster.mqtt.pauses", "reason", "journal_full") == 1);
        long until = System.nanoTime() + Duration.ofMillis(3500).toNanos();
        Await.until("longer than keep-alive", () -> System.nanoTime() > until);
        journal.setRoom(Integer.MAX_VALUE);
        assertThat(client.expect(PUBACK).packetId()).isEqualTo(1);
    }

    @Test
    void aWillIsTakenWhenTheConnectionBreaks() throws Exception {
        RawMqtt client = client();
        client.connect(this::withWill);
        client.close();
        Await.until("will", () -> journal.uplinks().size() == 1);
        assertThat(journal.uplinks())
                .containsExactly(
                        new Uplink.Events(List.of(new Uplink.Event(null, "offline", Severity.WARN, null, Map.of()))));
        Await.until("closed", () -> journal.entries().size() == 3);
        assertThat(text(journal.entries().getLast())).endsWith(" connection lost");
    }

    @Test
    void aWillIsNotTakenAfterAFarewellUnlessThatAsksForIt() throws Exception {
        RawMqtt polite = client();
        polite.connect(this::withWill);
        polite.send(DISCONNECT, 0, new byte[0]);
        polite.expectEnd();
        Await.until("closed", () -> journal.entries().size() == 2);
        assertThat(journal.uplinks()).isEmpty();
        RawMqtt asking = client();
        asking.connect(this::withWill);
        asking.send(DISCONNECT, 0, new byte[] {0x04});
        asking.expectEnd();
        Await.until("will", () -> journal.uplinks().size() == 1);
    }

    @ParameterizedTest
    @CsvSource({
        "assets/pump-8/events,{\"type\":\"x\"},1,0x87",
        "assets/pump-7/nothing,{},1,0x90",
        "assets/pump-7/events,{},1,0x99",
        "assets/pump-7/events,{\"type\":\"x\"},2,0x9B"
    })
    void aWillThatCouldNotBeTakenRefusesTheConnect(String topic, String payload, int qos, String code) {
        Packet ack = connack(it -> {
            it.willTopic = topic;
            it.will = payload.getBytes(UTF_8);
            it.willQos = qos;
        });
        assertThat(ack.at(1)).isEqualTo(Integer.decode(code));
    }

    @Test
    void disconnectingAnAssetEndsItsSessionWithoutItsWill() throws Exception {
        RawMqtt client = client();
        client.connect(this::withWill);
        assertThat(server().disconnect(ID, "certificate revoked")).isEqualTo(1);
        Packet last = client.expect(DISCONNECT);
        assertThat(last.at(0)).isEqualTo(0x98);
        assertThat(last.text()).contains("certificate revoked");
        client.expectEnd();
        Await.until("closed", () -> journal.entries().size() == 2);
        assertThat(journal.uplinks()).isEmpty();
        assertThat(server().disconnect(ID, "again")).isZero();
    }

    @Test
    void aCertificateThatExpiresEndsTheSession() throws Exception {
        RawMqtt client = client().connected(5);
        clock.advance(Duration.ofDays(31));
        client.expectDisconnect(0x87);
    }

    @Test
    void aClientThatDoesNotReadIsNotReadEitherAndThenClosed() throws Exception {
        bounds(it -> it.withOutbound(4096, Duration.ofSeconds(1)));
        RawMqtt client = client().connected(5);
        byte[] pings = new byte[2 * 50_000];
        for (int i = 0; i < pings.length; i += 2) {
            pings[i] = (byte) 0xC0;
        }
        assertThatThrownBy(() -> {
                    for (int i = 0; i < 2000; i++) {
                        client.sendBytes(pings);
                    }
                })
                .isInstanceOf(UncheckedIOException.class);
        Await.until("closed", () -> server().sessions() == 0);
        assertThat(count("muster.mqtt.refusals", "reason", "client_not_reading"))
                .isEqualTo(1);
    }

    @Test
    void aServerThatStopsSaysSo() throws Exception {
        RawMqtt client = client();
        client.connect(this::withWill);
        Thread stopping = Thread.ofVirtual().start(() -> server().close());
        client.expectDisconnect(0x8B);
        stopping.join();
        assertThat(journal.entries().stream().map(JournalEntry::kind))
                .containsExactly(EntryKind.SESSION_OPENED, EntryKind.SESSION_CLOSED);
    }

    // ---- SUBSCRIBE

    @ParameterizedTest
    @CsvSource({
        "assets/pump-7/#,0xA2",
        "assets/+/commands,0xA2",
        "#,0xA2",
        "$share/g/assets/pump-7/commands,0x9E",
        "assets/pump-8/commands,0x87",
        "$SYS/broker,0x87",
        "assets/pump-7/telemetry,0x8F"
    })
    void onlyTheOwnDownlinksCanBeSubscribedTo(String filter, String code) throws Exception {
        RawMqtt five = client().connected(5);
        assertThat(five.subscribe(1, filter, 1)).isEqualTo(Integer.decode(code));
        five.expectNothing();
        RawMqtt three = client().connected(4);
        assertThat(three.subscribe(1, filter, 1)).isEqualTo(0x80);
        three.expectNothing();
    }

    @Test
    void qosOneIsGrantedAtMost() throws Exception {
        RawMqtt client = client().connected(5);
        assertThat(client.subscribe(1, DESIRED, 0)).isZero();
        assertThat(client.subscribe(2, DESIRED, 1)).isEqualTo(1);
        assertThat(client.subscribe(3, DESIRED, 2)).isEqualTo(1);
    }

    @Test
    void subscriptionIdentifiersAreNotSupported() throws Exception {
        RawMqtt client = client().connected(5);
        assertThat(client.subscribe(1, DESIRED, 1, new byte[] {0x0B, 5}).at(0)).isEqualTo(0xA1);
    }

    @Test
    void desiredStateComesRetainedOnSubscribeAndNotRetainedLive() throws Exception {
        downlinks.desire("pump-7", 3, "{\"generation\":3}", null);
        RawMqtt client = client().connected(5);
        client.subscribe(1, DESIRED, 1);
        Packet first = client.expect(PUBLISH);
        assertThat(first.retain()).isTrue();
        assertThat(first.qos()).isEqualTo(1);
        assertThat(first.text()).endsWith("{\"generation\":3}").contains("application/json");
        downlinks.desire("pump-7", 4, "{\"generation\":4}", null);
        server().nudge(ID);
        Packet second = client.expect(PUBLISH);
        assertThat(second.retain()).isFalse();
        assertThat(second.text()).endsWith("{\"generation\":4}");
        server().nudge(ID);
        client.subscribe(2, COMMANDS, 1);
        client.expectNothing();
    }

    @Test
    void nothingComesWhenNoDesiredStateExists() throws Exception {
        RawMqtt client = client().connected(4);
        assertThat(client.subscribe(1, DESIRED, 1)).isEqualTo(1);
        client.expectNothing();
        downlinks.awaitAnswers();
        client.expectNothing();
        downlinks.desire("pump-7", 1, "{\"generation\":1}", null);
        server().nudge(ID);
        Packet live = client.expect(PUBLISH);
        assertThat(live.retain()).isFalse();
    }

    @Test
    void whatCouldNotBeAskedForIsAskedForAgain() throws Exception {
        downlinks.setAway(true);
        downlinks.desire("pump-7", 1, "{\"generation\":1}", null);
        RawMqtt client = client().connected(5);
        assertThat(client.subscribe(1, DESIRED, 1)).isEqualTo(1);
        client.expectNothing();
        downlinks.setAway(false);
        assertThat(client.expect(PUBLISH).retain()).isTrue();
    }

    @Test
    void retainHandlingOfTheSubscriberIsKept() throws Exception {
        downlinks.desire("pump-7", 1, "{\"generation\":1}", null);
        RawMqtt client = client().connected(5);
        client.subscribe(1, DESIRED, 0x20);
        client.expectNothing();
        client.subscribe(2, DESIRED, 0x10);
        client.expectNothing();
        client.subscribe(3, DESIRED, 0x00);
        assertThat(client.expect(PUBLISH).retain()).isTrue();
    }

    @Test
    void desiredStateLargerThanTheClientsPacketsComesAsAnAddress() throws Exception {
        downlinks.desire("pump-7", 9, "{\"config\":\"" + "x".repeat(2000) + "\"}", "https://muster/desired/9");
        RawMqtt client = client();
        client.connect(it -> it.properties = new byte[] {0x27, 0, 0, 4, 0});
        client.subscribe(1, DESIRED, 1);
        assertThat(client.expect(PUBLISH).text())
                .endsWith("{\"generation\":9,\"url\":\"https://muster/desired/9\",\"sha256\":\"" + "ab".repeat(32)
                        + "\"}");
    }

    @Test
    void aDownlinkOfExactlyTheClientsPacketSizeFits() throws Exception {
        String document = "{\"x\":\"" + "y".repeat(300) + "\"}";
        downlinks.desire("pump-7", 9, document, "https://muster/desired/9");
        long size = Packets.publishSize(true, DESIRED, MqttQoS.AT_LEAST_ONCE, false, document.length());
        for (int less : new int[] {0, 1}) {
            long max = size - less;
            RawMqtt client = client();
            client.connect(it -> it.properties = new byte[] {0x27, 0, 0, (byte) (max >> 8), (byte) max});
            client.subscribe(1, DESIRED, 1);
            Packet packet = client.expect(PUBLISH);
            assertThat(packet.text().endsWith(document)).isEqualTo(less == 0);
            assertThat(packet.body().length + 3L).isLessThanOrEqualTo(max);
            client.close();
        }
    }

    @Test
    void pendingCommandsComeOnSubscribeWithTheirDeadlineAndNeverTwice() throws Exception {
        Instant now = clock.instant();
        downlinks.command("pump-7", "late", now.minusSeconds(1));
        downlinks.command("pump-7", "c-1", now.plusSeconds(600));
        downlinks.command("pump-7", "c-2", now.plusSeconds(600));
        RawMqtt client = client().connected(5);
        client.subscribe(1, COMMANDS, 1);
        Packet first = client.expect(PUBLISH);
        assertThat(first.retain()).isFalse();
        assertThat(first.text()).endsWith("{\"id\":\"c-1\"}");
        assertThat(properties(first, 2 + COMMANDS.length() + 2).get(0x02)).isBetween(590L, 600L);
        assertThat(client.expect(PUBLISH).text()).endsWith("{\"id\":\"c-2\"}");
        server().nudge(ID);
        client.subscribe(2, COMMANDS, 1);
        downlinks.command("pump-7", "c-3", now.plusSeconds(600));
        server().nudge(ID);
        assertThat(client.expect(PUBLISH).text()).endsWith("{\"id\":\"c-3\"}");
        client.expectNothing();
        client.close();
        RawMqtt again = client().connected(5);
        again.subscribe(1, COMMANDS, 1);
        assertThat(again.expect(PUBLISH).text()).endsWith("{\"id\":\"c-1\"}");
    }

    /** Only a result that the asset sends is; until then the command comes again with the next session. */
    @Test
    void aPubackOfACommandSaysNothingAboutTheCommand() throws Exception {
        downlinks.command("pump-7", "c-1", clock.instant().plusSeconds(600));
        RawMqtt client = client().connected(5);
        client.subscribe(1, COMMANDS, 1);
        Packet command = client.expect(PUBLISH);
        assertThat(command.text()).endsWith("{\"id\":\"c-1\"}");
        client.pubAck(1);
        client.publish(1, 9, "assets/pump-7/heartbeat", "");
        client.expect(PUBACK);
        assertThat(journal.entries().stream().map(JournalEntry::kind))
                .containsExactly(EntryKind.SESSION_OPENED, EntryKind.HEARTBEAT);
        client.close();
        RawMqtt again = client().connected(5);
        again.subscribe(1, COMMANDS, 1);
        assertThat(again.expect(PUBLISH).text()).endsWith("{\"id\":\"c-1\"}");
    }

    @Test
    void helloMayBeLeftOutAndMayBeOfAnotherVersion() throws Exception {
        RawMqtt client = client().connected(5);
        client.publish(1, 1, "assets/pump-7/telemetry", "{\"a\":1}");
        assertThat(client.expect(PUBACK).reason()).as("without a hello").isZero();
        for (int version = 1; version <= 3; version++) {
            client.publish(1, 1, "assets/pump-7/hello", "{\"protocol\":" + version + ",\"agent\":\"9\"}");
            assertThat(client.expect(PUBACK).reason()).as("version " + version).isZero();
        }
    }

    @Test
    void noMoreIsOnTheWayThanTheClientTakes() throws Exception {
        for (int i = 0; i < 20; i++) {
            downlinks.command("pump-7", "c-" + i, clock.instant().plusSeconds(600));
        }
        RawMqtt client = client();
        client.connect(it -> it.properties = new byte[] {0x21, 0, 3});
        client.subscribe(1, COMMANDS, 1);
        for (int i = 0; i < 20; i++) {
            Packet command = client.expect(PUBLISH);
            assertThat(command.text()).endsWith("{\"id\":\"c-" + i + "\"}");
            if (i >= 2) {
                client.expectNothing();
                client.pubAck(i - 1);
            }
        }
    }

    @Test
    void everyPendingCommandComesAlsoWhenThereAreMoreThanAreKept() throws Exception {
        int count = Downlinks.MAX_UNSENT * 2 + 10;
        for (int i = 0; i < count; i++) {
            downlinks.command("pump-7", "c-" + i, clock.instant().plusSeconds(600));
        }
        RawMqtt client = client().connected(4);
        client.subscribe(1, COMMANDS, 0);
        for (int i = 0; i < count; i++) {
            assertThat(client.expect(PUBLISH).text()).endsWith("{\"id\":\"c-" + i + "\"}");
        }
    }

    @Test
    void afterUnsubscribingNothingComes() throws Exception {
        RawMqtt client = client().connected(5);
        assertThat(client.unsubscribe(1, DESIRED)).isEqualTo(0x11);
        client.subscribe(2, DESIRED, 1);
        assertThat(client.unsubscribe(3, DESIRED)).isZero();
        downlinks.desire("pump-7", 1, "{}", null);
        server().nudge(ID);
        client.expectNothing();
        assertThat(client.unsubscribe(4, "assets/pump-8/commands")).isEqualTo(0x11);
    }

    // ---- words

    private void withWill(RawMqtt.Connect connect) {
        connect.willTopic = "assets/pump-7/events";
        connect.will = "{\"type\":\"offline\",\"severity\":\"warn\"}".getBytes(UTF_8);
    }

    private void bounds(UnaryOperator<DevicePlaneConfig.Mqtt> change) {
        config = config.with(change.apply(config.mqtt()));
    }

    private MqttServer server() {
        if (server == null) {
            try {
                server = opened(MqttServer.start(config, PKI.server(), journal, admission, downlinks, meters, clock));
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }
        return server;
    }

    private RawMqtt client() throws IOException {
        return opened(RawMqtt.open(PKI.clientContext(PUMP), server().port()));
    }

    private Packet connack(Consumer<RawMqtt.Connect> changes) {
        try (RawMqtt client = client()) {
            Packet ack = Objects.requireNonNull(client.connect(changes));
            assertThat(ack.type()).isEqualTo(CONNACK);
            return ack;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private <T extends AutoCloseable> T opened(T closeable) {
        open.add(closeable);
        return closeable;
    }

    private double count(String meter, String tag, String value) {
        return meters.find(meter).tag(tag, value).counters().stream()
                .mapToDouble(Counter::count)
                .sum();
    }

    private static String text(JournalEntry entry) {
        return new String(entry.payload(), UTF_8);
    }

    /** The properties with a numeric value, by identifier. */
    private static Map<Integer, Long> properties(Packet packet, int start) {
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
