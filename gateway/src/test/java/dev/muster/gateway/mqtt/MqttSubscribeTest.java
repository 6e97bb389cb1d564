package dev.muster.gateway.mqtt;

import static dev.muster.gateway.testing.RawMqtt.PUBACK;
import static dev.muster.gateway.testing.RawMqtt.PUBLISH;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.gateway.journal.EntryKind;
import dev.muster.gateway.journal.JournalEntry;
import dev.muster.gateway.testing.RawMqtt;
import dev.muster.gateway.testing.RawMqtt.Packet;
import io.netty.handler.codec.mqtt.MqttQoS;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What comes to assets that subscribe: docs/protocol.md, said to a real socket. */
class MqttSubscribeTest extends MqttServerFixture {
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
}
