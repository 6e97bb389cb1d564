package dev.muster.gateway.mqtt;

import static dev.muster.gateway.testing.RawMqtt.CONNACK;
import static dev.muster.gateway.testing.RawMqtt.DISCONNECT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.gateway.config.DevicePlaneConfig;
import dev.muster.gateway.config.DevicePlaneConfig.Rate;
import dev.muster.gateway.testing.Await;
import dev.muster.gateway.testing.MemoryJournal;
import dev.muster.gateway.testing.RawMqtt;
import dev.muster.gateway.testing.RawMqtt.Packet;
import dev.muster.gateway.testing.TestAdmission;
import dev.muster.gateway.testing.TestClock;
import dev.muster.gateway.testing.TestDownlinks;
import dev.muster.gateway.testing.TestPki;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who gets in when more come than can be let in, and what the others are told. */
class ArrivalsTest {
    private static final TestPki PKI = new TestPki();
    private static final Pattern COME_BACK = Pattern.compile("&\\x00\\x13retry-after-seconds\\x00.(\\d+)");
    private static final InetSocketAddress ANY = new InetSocketAddress("127.0.0.1", 0);

    private final MemoryJournal journal = new MemoryJournal();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final List<AutoCloseable> open = new ArrayList<>();
    private @Nullable MqttServer started;

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
        journal.close();
    }

    @Test
    void whenAllPlacesAreTakenAClientIsToldWhenToComeBack() throws Exception {
        start(it -> it.withMaxSessions(1));
        RawMqtt first = client("pump-1").connected(5);
        Packet busy = answerTo(client("pump-2"), 5);
        assertThat(busy.at(1)).isEqualTo(0x89);
        assertThat(comeBack(busy)).isBetween(30, 60);
        assertThat(answerTo(client("pump-2"), 4).body()).containsExactly(0, 3);
        assertThat(count("muster.mqtt.refusals", "server_busy")).isEqualTo(2);
        first.expectNothing();
        client("pump-1").connected(5).expectNothing(); // takes over: that needs no place
    }

    @Test
    void anAssetThatConnectsTooOftenWaitsAndOthersDoNot() throws Exception {
        start(it -> it.with(it.arrivals().withConnects(new Rate(6, 2, 100))));
        client("pump-1").connected(5).close();
        client("pump-1").connected(5).close();
        Packet tooOften = answerTo(client("pump-1"), 5);
        assertThat(tooOften.at(1)).isEqualTo(0x9F);
        assertThat(comeBack(tooOften)).isBetween(5, 20);
        assertThat(answerTo(client("pump-1"), 4).body()).containsExactly(0, 3);
        client("pump-2").connected(5).expectNothing();
    }

    @Test
    void whenTheJournalHasNoRoomForLongAClientIsToldToComeBack() throws Exception {
        start(it -> it.with(it.arrivals().withOpening(Duration.ofMillis(100))));
        journal.setRoom(0);
        Packet busy = answerTo(client("pump-1"), 5);
        assertThat(busy.at(1)).isEqualTo(0x89);
        assertThat(comeBack(busy)).isBetween(10, 20);
        assertThat(server().sessions()).isZero();
        journal.setRoom(1_000);
        client("pump-1").connected(5).expectNothing();
        assertThat(journal.entries())
                .as("the opening that was given up is not in it")
                .hasSize(1);
    }

    @Test
    void aServerThatStopsSpreadsTheReturnOfItsSessions() throws Exception {
        start(it -> it);
        RawMqtt client = client("pump-1").connected(5);
        server().close();
        Packet farewell = client.expect(DISCONNECT);
        assertThat(farewell.at(0)).isEqualTo(0x8B);
        assertThat(comeBack(farewell)).isEqualTo(1);
    }

    /** Connections that say nothing hold their handshakes until these time out; here they take what one source may have. */
    @Test
    void aSourceThatStallsItsHandshakesKeepsNobodyElseOut() throws Exception {
        start(it -> it.with(it.arrivals().withHandshakes(4, 2, 8)));
        for (int i = 0; i < 6; i++) {
            silent("127.0.0.2");
        }
        Await.until("the source has its part, and the rest of it waits", () -> waiting() == 4);
        for (int i = 0; i < 4; i++) {
            client("pump-" + i).connected(5).expectNothing();
        }
        assertThat(waiting()).as("those still wait").isEqualTo(4);
    }

    @Test
    void aHandshakeThatStallsIsEndedAndTheNextHasItsTurn() throws Exception {
        start(it -> it.with(it.arrivals().withHandshakes(1, 1, 8)).withConnectTimeout(Duration.ofMillis(300)));
        silent("127.0.0.1");
        client("pump-1").connected(5).expectNothing();
        Await.until("no handshake is left", () -> gauge("muster.mqtt.handshakes") == 0);
    }

    @Test
    void whoWaitsForTooLongIsClosed() throws Exception {
        start(it -> it.with(it.arrivals().withHandshakes(8, 1, 8)).withConnectTimeout(Duration.ofMillis(300)));
        for (int i = 0; i < 5; i++) {
            silent("127.0.0.2");
        }
        Await.until("closed", () -> count("muster.mqtt.connections.refused", "waited_too_long") >= 1);
        Await.until("nothing waits", () -> waiting() == 0);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void aFloodOfOneSourceIsTurnedAwayAndOthersWaitForTheirTurn(int others) throws Exception {
        start(it -> it.with(it.arrivals().withHandshakes(1, 1, 6)));
        for (int i = 0; i < 20; i++) {
            silent("127.0.0.2");
        }
        Await.until(
                "the flood is turned away",
                () -> count("muster.mqtt.connections.refused", "source_has_more_than_its_share") == 13);
        for (int i = 0; i < others; i++) {
            silent("127.0.0." + (3 + i));
        }
        Await.until(
                "the flood made room",
                () -> count("muster.mqtt.connections.refused", "source_has_more_than_its_share") == 13 + others);
        assertThat(waiting()).isEqualTo(6);
    }

    private void start(UnaryOperator<DevicePlaneConfig.Mqtt> change) throws IOException {
        DevicePlaneConfig config = DevicePlaneConfig.listeningOn(ANY, ANY);
        MqttServer server = MqttServer.start(
                config.with(change.apply(config.mqtt())),
                PKI.server(),
                journal,
                new TestAdmission(),
                new TestDownlinks(),
                meters,
                new TestClock());
        open.add(server);
        started = server;
    }

    private MqttServer server() {
        return Objects.requireNonNull(started);
    }

    private RawMqtt client(String asset) throws IOException {
        RawMqtt client = RawMqtt.open(PKI.clientContext(PKI.asset(asset)), server().port());
        open.add(client);
        return client;
    }

    private void silent(String from) throws IOException {
        open.add(new Socket(InetAddress.getByName("127.0.0.1"), server().port(), InetAddress.getByName(from), 0));
    }

    private static Packet answerTo(RawMqtt client, int version) {
        Packet answer = Objects.requireNonNull(client.connect(it -> it.version = version));
        assertThat(answer.type()).isEqualTo(CONNACK);
        client.expectEnd();
        return answer;
    }

    private static int comeBack(Packet packet) {
        Matcher found = COME_BACK.matcher(packet.text());
        assertThat(found.find())
                .as("a user property says when to come back: %s", packet)
                .isTrue();
        return Integer.parseInt(found.group(1));
    }

    private int waiting() {
        return (int) gauge("muster.mqtt.handshakes.waiting");
    }

    private double gauge(String name) {
        Gauge found = meters.find(name).gauge();
        return found == null ? -1 : found.value();
    }

    private long count(String name, String reason) {
        Counter found = meters.find(name).tag("reason", reason).counter();
        return found == null ? 0 : (long) found.count();
    }
}
