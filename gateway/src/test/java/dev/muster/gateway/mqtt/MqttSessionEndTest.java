package dev.muster.gateway.mqtt;

import static dev.muster.gateway.testing.RawMqtt.DISCONNECT;
import static dev.muster.gateway.testing.RawMqtt.PUBACK;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.gateway.journal.EntryKind;
import dev.muster.gateway.journal.JournalEntry;
import dev.muster.gateway.testing.Await;
import dev.muster.gateway.testing.RawMqtt;
import dev.muster.gateway.testing.RawMqtt.Packet;
import dev.muster.protocol.Severity;
import dev.muster.protocol.Uplink;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How sessions end, and what is left of them: docs/protocol.md, said to a real socket. */
class MqttSessionEndTest extends MqttServerFixture {
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
}
