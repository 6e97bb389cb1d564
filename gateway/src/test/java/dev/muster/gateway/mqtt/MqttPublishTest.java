package dev.muster.gateway.mqtt;

import static dev.muster.gateway.testing.RawMqtt.DISCONNECT;
import static dev.muster.gateway.testing.RawMqtt.PINGRESP;
import static dev.muster.gateway.testing.RawMqtt.PUBACK;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.gateway.journal.EntryKind;
import dev.muster.gateway.journal.JournalEntry;
import dev.muster.gateway.journal.JournalFailure;
import dev.muster.gateway.testing.Await;
import dev.muster.gateway.testing.RawMqtt;
import dev.muster.gateway.testing.RawMqtt.Packet;
import dev.muster.protocol.PayloadFormat;
import dev.muster.protocol.Uplink;
import dev.muster.protocol.UplinkCodec;
import dev.muster.protocol.UplinkKind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What assets publish and what they are answered: docs/protocol.md, said to a real socket. */
class MqttPublishTest extends MqttServerFixture {
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
}
