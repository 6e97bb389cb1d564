package dev.muster.agent.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Against bytes written down from the specification (OASIS MQTT 5.0), not from this code. */
class PacketsTest {
    @Test
    void connectsCleanlyWithItsBounds() {
        assertThat(hex(PacketWriter.connect("box-1", 60, 16, 278_528)))
                .isEqualTo("101a" + "00044d515454" + "05" + "02" + "003c" + "08" + "210010" + "2700044000"
                        + "0005626f782d31");
    }

    @Test
    void publishesWithQosOne() {
        byte[] payload = "{}".getBytes(StandardCharsets.US_ASCII);
        assertThat(hex(PacketWriter.publish("a/b", 258, payload)))
                .isEqualTo("320a" + "0003612f62" + "0102" + "00" + "7b7d");
    }

    @Test
    void aLongPacketHasALongLength() {
        byte[] packet = PacketWriter.publish("a", 1, new byte[200_000]);
        assertThat(hex(Arrays.copyOf(packet, 4))).isEqualTo("32c69a0c"); // 200,006
        assertThat(packet).hasSize(4 + 200_006);
    }

    @Test
    void subscribesAcknowledgesPingsAndLeaves() {
        assertThat(hex(PacketWriter.subscribe(65_535, List.of("a", "b"))))
                .isEqualTo("820b" + "ffff" + "00" + "000161" + "01" + "000162" + "01");
        assertThat(hex(PacketWriter.puback(7))).isEqualTo("40020007");
        assertThat(hex(PacketWriter.pingreq())).isEqualTo("c000");
        assertThat(hex(PacketWriter.disconnect())).isEqualTo("e000");
    }

    @Test
    void readsConnackWithTheBoundsOfTheServer() throws IOException {
        // session expiry, receive maximum 64, maximum packet size, server keep alive 1200, an unheeded user property
        String properties = "1100000000" + "210040" + "2700044000" + "1304b0" + "26000161000162";
        assertThat(read("201a" + "0000" + "17" + properties))
                .isEqualTo(new Packet.Connack(0, "", 64, 278_528, 1200, 0));
        assertThat(read("2009" + "0087" + "06" + "1f00036e6f21"))
                .isEqualTo(new Packet.Connack(0x87, "no!", 65_535, 2_147_483_647L, -1, 0));
        // a refusal that says when to come back
        assertThat(read("201d" + "0089" + "1a" + "260013"
                        + hex("retry-after-seconds".getBytes(StandardCharsets.US_ASCII)) + "00023137"))
                .isEqualTo(new Packet.Connack(0x89, "", 65_535, 2_147_483_647L, -1, 17));
    }

    @Test
    void readsPubackLongAndShort() throws IOException {
        assertThat(read("40020007")).isEqualTo(new Packet.Puback(7, 0, ""));
        assertThat(read("4003000799")).isEqualTo(new Packet.Puback(7, 0x99, ""));
        assertThat(read("400a0007" + "99" + "06" + "1f0003626164")).isEqualTo(new Packet.Puback(7, 0x99, "bad"));
    }

    @Test
    void readsWhatElseAServerSends() throws IOException {
        assertThat(read("3209" + "000161" + "0005" + "00" + "616263"))
                .usingRecursiveComparison()
                .isEqualTo(new Packet.Publish("a", 5, "abc".getBytes(StandardCharsets.US_ASCII)));
        assertThat(read("3107" + "000161" + "00" + "616263"))
                .usingRecursiveComparison()
                .isEqualTo(new Packet.Publish("a", 0, "abc".getBytes(StandardCharsets.US_ASCII)));
        assertThat(read("9005" + "ffff" + "00" + "0187")).isEqualTo(new Packet.Suback(65_535, List.of(1, 0x87)));
        assertThat(read("d000")).isEqualTo(new Packet.Pingresp());
        assertThat(read("e000")).isEqualTo(new Packet.Disconnect(0, "", 0));
        assertThat(read("e0018b")).isEqualTo(new Packet.Disconnect(0x8B, "", 0));
        assertThat(read("")).isNull();
    }

    @Test
    void refusesWhatIsTooLargeOrNotMqtt() {
        assertThatThrownBy(() -> read("30ffffff7f"))
                .isInstanceOf(ProtocolException.class)
                .hasMessageContaining("268435455 bytes, at most 1000");
        assertThatThrownBy(() -> read("30ffffffff7f")).isInstanceOf(ProtocolException.class);
        assertThatThrownBy(() -> read("1000"))
                .isInstanceOf(ProtocolException.class)
                .hasMessageContaining("type 1");
        assertThatThrownBy(() -> read("3409" + "000161" + "0005" + "00" + "616263"))
                .hasMessageContaining("QoS 2");
        assertThatThrownBy(() -> read("2004" + "0000" + "01" + "7f")).hasMessageContaining("property 0x7f");
        assertThatThrownBy(() -> read("4001" + "00")).hasMessageContaining("too short");
        assertThatThrownBy(() -> read("4004" + "00"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("ended inside");
    }

    @Test
    void anyBytesAreAPacketOrAnIoException() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        int packets = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = new byte[random.nextInt(1, 40)];
            random.nextBytes(bytes);
            bytes[0] = (byte) (random.nextInt(16) << 4 | random.nextInt(4));
            if (bytes.length > 1) {
                bytes[1] = (byte) (bytes.length - 2);
            }
            try {
                packets += read(hex(bytes)) == null ? 0 : 1;
            } catch (IOException refused) {
                assertThat(refused.getMessage())
                        .as("seed %s, bytes %s", seed, hex(bytes))
                        .isNotEmpty();
            }
        }
        assertThat(packets).as("seed %s", seed).isPositive();
    }

    private static @Nullable Packet read(String hex) throws IOException {
        return new PacketReader(new ByteArrayInputStream(HexFormat.of().parseHex(hex)), 1000).read();
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
