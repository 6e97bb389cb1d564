package dev.muster.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.MqttClientSslConfig;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt3.Mqtt3BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import com.hivemq.client.mqtt.mqtt5.message.publish.puback.Mqtt5PubAckReasonCode;
import dev.muster.gateway.config.DevicePlaneConfig;
import dev.muster.gateway.journal.EntryKind;
import dev.muster.gateway.journal.JournalConfig;
import dev.muster.gateway.journal.JournalEntry;
import dev.muster.gateway.journal.LocalJournal;
import dev.muster.gateway.port.Artifacts;
import dev.muster.gateway.testing.Await;
import dev.muster.gateway.testing.Program;
import dev.muster.gateway.testing.TestAdmission;
import dev.muster.gateway.testing.TestDownlinks;
import dev.muster.gateway.testing.TestEnrolment;
import dev.muster.gateway.testing.TestPki;
import dev.muster.protocol.AssetId;
import dev.muster.protocol.Uplink;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole device plane on the journal in local files, with clients nobody here wrote. */
class DevicePlaneTest {
    private static final TestPki PKI = new TestPki();
    private static final TestPki.Credential PUMP = PKI.asset("pump-7");

    @TempDir
    private Path dir = Path.of("");

    private final TestAdmission admission = new TestAdmission();
    private final TestDownlinks downlinks = new TestDownlinks();
    private LocalJournal journal;
    private DevicePlane plane;

    @BeforeEach
    void start() throws IOException {
        journal = LocalJournal.open(JournalConfig.in(dir.resolve("journal")), new SimpleMeterRegistry());
        plane = start(0);
    }

    @AfterEach
    void stop() {
        plane.close();
        journal.close();
    }

    @Test
    void aBacklogSentByHivemqInVersion5IsInTheJournalWhenItIsAcknowledged() throws Exception {
        Mqtt5BlockingClient client = five();
        client.connect();
        for (int i = 0; i < 200; i++) {
            client.publishWith()
                    .topic("assets/pump-7/telemetry")
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .payload(("{\"n\":" + i + "}").getBytes(UTF_8))
                    .send();
        }
        assertThat(readings()).hasSize(200);
        var refused = client.toAsync()
                .publishWith()
                .topic("assets/pump-7/telemetry")
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload("{".getBytes(UTF_8))
                .send()
                .handle((result, failure) -> String.valueOf(failure))
                .get(10, TimeUnit.SECONDS);
        assertThat(refused).contains("PUBACK");
        client.disconnect();
        Await.until("closed", () -> plane.sessions() == 0);
    }

    @Test
    void hivemqInVersion5ReceivesDesiredStateAndCommands() throws Exception {
        downlinks.desire("pump-7", 1, "{\"generation\":1}", null);
        downlinks.command("pump-7", "c-1", Clock.systemUTC().instant().plusSeconds(60));
        Mqtt5BlockingClient client = five();
        client.connect();
        try (var messages = client.publishes(com.hivemq.client.mqtt.MqttGlobalPublishFilter.ALL)) {
            client.subscribeWith()
                    .topicFilter("assets/pump-7/state/desired")
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .send();
            Mqtt5Publish desired = messages.receive(10, TimeUnit.SECONDS).orElseThrow();
            assertThat(desired.isRetain()).isTrue();
            assertThat(desired.getPayloadAsBytes()).asString(UTF_8).isEqualTo("{\"generation\":1}");
            client.subscribeWith()
                    .topicFilter("assets/pump-7/commands")
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .send();
            Mqtt5Publish command = messages.receive(10, TimeUnit.SECONDS).orElseThrow();
            assertThat(command.isRetain()).isFalse();
            assertThat(command.getMessageExpiryInterval().orElseThrow()).isBetween(50L, 60L);
            assertThat(command.getPayloadAsBytes()).asString(UTF_8).isEqualTo("{\"id\":\"c-1\"}");
        }
        client.disconnect();
        assertThat(Mqtt5PubAckReasonCode.SUCCESS.getCode()).isZero();
    }

    @Test
    void hivemqInVersion311PublishesAndReceives() throws Exception {
        downlinks.desire("pump-7", 1, "{\"generation\":1}", null);
        Mqtt3BlockingClient client = MqttClient.builder()
                .useMqttVersion3()
                .identifier("any")
                .serverHost("127.0.0.1")
                .serverPort(plane.mqttPort())
                .sslConfig(tls())
                .buildBlocking();
        client.connect();
        client.publishWith()
                .topic("assets/pump-7/events")
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload("{\"type\":\"boot\"}".getBytes(UTF_8))
                .send();
        try (var messages = client.publishes(com.hivemq.client.mqtt.MqttGlobalPublishFilter.ALL)) {
            client.subscribeWith()
                    .topicFilter("assets/pump-7/state/desired")
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .send();
            assertThat(messages.receive(10, TimeUnit.SECONDS).orElseThrow().isRetain())
                    .isTrue();
        }
        client.disconnect();
        assertThat(entries().stream().map(JournalEntry::kind)).contains(EntryKind.EVENTS);
    }

    @Test
    void mosquittoPublishesInBothVersionsAndIsRefusedAForeignTopic() {
        Program.require("mosquitto_pub");
        writeCredentials();
        String pub = "mosquitto_pub -h 127.0.0.1 -p " + plane.mqttPort()
                + " --cafile ca.pem --cert cert.pem --key key.pem -q 1";
        Program.shell(dir, pub + " -V 5 -t assets/pump-7/telemetry -m '{\"speed\":61.2}'")
                .succeeded();
        Program.shell(dir, pub + " -V 311 -t assets/pump-7/telemetry -m '[{\"a\":1},{\"a\":2}]'")
                .succeeded();
        assertThat(readings()).hasSize(3);
        assertThat(Program.shell(dir, pub + " -V 5 -d -t assets/pump-8/telemetry -m '{\"a\":1}'")
                        .output())
                .contains("RC:135"); // 0x87
        Program.Result foreign = Program.shell(dir, pub + " -V 311 -t assets/pump-8/telemetry -m '{\"a\":1}'");
        assertThat(foreign.exit()).isNotZero();
        assertThat(readings()).hasSize(3);
    }

    @Test
    void mosquittoSubscribesToDesiredStateAndIsRefusedAWildcard() {
        Program.require("mosquitto_sub");
        writeCredentials();
        downlinks.desire("pump-7", 7, "{\"generation\":7}", null);
        String sub = "mosquitto_sub -h 127.0.0.1 -p " + plane.mqttPort()
                + " --cafile ca.pem --cert cert.pem --key key.pem -q 1 -W 10";
        for (String version : List.of("5", "311")) {
            assertThat(Program.shell(dir, sub + " -V " + version + " -C 1 -F '%r %p' -t assets/pump-7/state/desired")
                            .succeeded()
                            .output())
                    .contains("1 {\"generation\":7}");
        }
        assertThat(Program.shell(dir, sub + " -V 5 -d -t 'assets/#'").output())
                .containsAnyOf("162", "All subscription requests were denied");
        assertThat(Program.shell(dir, sub + " -V 311 -d -t 'assets/#'").output())
                .containsAnyOf("128", "All subscription requests were denied");
    }

    @Test
    void revocationEndsTheLiveSessionAndRefusesTheNext() {
        Mqtt5BlockingClient client = five();
        client.connect();
        admission.revoke("pump-7");
        assertThat(plane.disconnect(new AssetId("pump-7"), "certificate revoked"))
                .isEqualTo(1);
        Await.until("gone", () -> !client.getState().isConnected() && plane.sessions() == 0);
        assertThatThrownBy(client::connect).hasMessageContaining("NOT_AUTHORIZED");
    }

    @Test
    void aNewServerCertificateIsShownToNewConnections() throws Exception {
        TestPki renewed = new TestPki("Other Root");
        Mqtt5BlockingClient before = five();
        before.connect();
        plane.replaceTls(renewed.server());
        assertThat(before.getState().isConnected()).isTrue();
        try (var client = dev.muster.gateway.testing.RawMqtt.open(
                renewed.clientContext(renewed.asset("pump-9")), plane.mqttPort())) {
            client.connected(5).expectNothing();
        }
        try (var client = java.net.http.HttpClient.newBuilder()
                .sslContext(renewed.clientContext(null))
                .build()) {
            var request = java.net.http.HttpRequest.newBuilder(
                            java.net.URI.create("https://127.0.0.1:" + plane.httpsPort() + "/.well-known/est/cacerts"))
                    .build();
            assertThat(client.send(request, java.net.http.HttpResponse.BodyHandlers.ofString())
                            .statusCode())
                    .isEqualTo(200);
        }
        before.disconnect();
    }

    @Test
    void aBusyPortIsNamed() throws Exception {
        try (var busy = new ServerSocket(0)) {
            assertThatThrownBy(() -> start(busy.getLocalPort()))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("cannot listen for mqtt on /127.0.0.1:" + busy.getLocalPort())
                    .hasMessageContaining("choose another");
        }
    }

    // ---- words

    private DevicePlane start(int mqttPort) throws IOException {
        return DevicePlane.start(
                DevicePlaneConfig.listeningOn(
                        new InetSocketAddress("127.0.0.1", mqttPort), new InetSocketAddress("127.0.0.1", 0)),
                PKI.server(),
                journal,
                admission,
                new TestEnrolment(PKI),
                Artifacts.NOTHING,
                downlinks,
                new SimpleMeterRegistry(),
                Clock.systemUTC());
    }

    private Mqtt5BlockingClient five() {
        return MqttClient.builder()
                .useMqttVersion5()
                .identifier("any")
                .serverHost("127.0.0.1")
                .serverPort(plane.mqttPort())
                .sslConfig(tls())
                .buildBlocking();
    }

    private static MqttClientSslConfig tls() {
        return MqttClientSslConfig.builder()
                .keyManagerFactory(PKI.keyManagers(PUMP))
                .trustManagerFactory(PKI.trust())
                .build();
    }

    private void writeCredentials() {
        TestPki.writePem(dir.resolve("ca.pem"), PKI.ca());
        TestPki.writePem(dir.resolve("cert.pem"), PUMP.certificate());
        TestPki.writePem(dir.resolve("key.pem"), PUMP.key());
    }

    private List<JournalEntry> entries() {
        var found = new ArrayList<JournalEntry>();
        try (var reader = journal.reader("test")) {
            reader.seek(0);
            for (var batch = reader.poll(1000, Duration.ofMillis(50));
                    !batch.isEmpty();
                    batch = reader.poll(1000, Duration.ofMillis(50))) {
                found.addAll(batch);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
        return found;
    }

    private List<Map<String, Object>> readings() {
        return entries().stream()
                .map(JournalEntry::uplink)
                .filter(Uplink.Telemetry.class::isInstance)
                .flatMap(uplink -> ((Uplink.Telemetry) uplink).readings().stream())
                .<Map<String, Object>>map(Uplink.Reading::values)
                .toList();
    }
}
