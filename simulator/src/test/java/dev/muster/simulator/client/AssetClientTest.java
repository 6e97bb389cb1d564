package dev.muster.simulator.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.simulator.enrol.AssetIdentity;
import dev.muster.simulator.enrol.TestCa;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class AssetClientTest {
    private static final ClientSettings SETTINGS =
            ClientSettings.standard().withBackoff(Duration.ofMillis(5), Duration.ofMillis(50));

    private final TestCa ca = new TestCa();
    private final Recording events = new Recording();
    private TestBroker broker = brokerOf(ca);
    private ClientNetwork network = networkOf();

    @BeforeEach
    void start() {
        assertThat(broker.connects).hasValue(0);
    }

    @AfterEach
    void stop() {
        network.close();
        broker.close();
    }

    @Test
    void presentsEachAssetsOwnCertificate() throws Exception {
        List<AssetClient> clients = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            clients.add(client("asset-" + i, SETTINGS, i));
        }
        connect(clients);
        for (int round = 0; round < 3; round++) {
            int before = broker.connects.get();
            broker.cutAll();
            await(() ->
                    broker.connects.get() >= before + 300 && clients.stream().allMatch(AssetClient::isConnected));
        }
        assertThat(broker.mismatched).isEmpty();
        assertThat(broker.serials).hasSize(300);
        stopAll(clients);
    }

    @Test
    void resendsUnchangedAndInOrderWhatWasNotAcknowledged() throws Exception {
        AssetClient client = client("pos-1", SETTINGS, 0);
        connect(List.of(client));
        broker.silent = true;
        for (int i = 0; i < 10; i++) {
            client.publish(message("{\"ts\":" + i + "}"));
        }
        await(() -> broker.swallowed.size() == 10);
        broker.silent = false;
        broker.cutAll();
        await(() -> events.acknowledged.size() == 10);
        assertThat(broker.acknowledged).containsExactlyElementsOf(broker.swallowed);
        stopAll(List.of(client));
    }

    @Test
    void losesNothingOverManyCutConnections() throws Exception {
        AssetClient client = client("pos-1", SETTINGS, 0);
        connect(List.of(client));
        List<String> published = new ArrayList<>();
        for (int i = 0; i < 900; i++) {
            published.add("topic m" + i);
            client.publish(Message.json("topic", ("m" + i).getBytes(StandardCharsets.UTF_8)));
            if (i % 150 == 149) {
                broker.cutAll();
            }
        }
        await(() -> events.acknowledged.size() == 900);
        assertThat(new LinkedHashSet<>(broker.acknowledged)).containsExactlyElementsOf(published);
        stopAll(List.of(client));
    }

    @Test
    void sendsNoMoreThanTheServersReceiveMaximum() throws Exception {
        broker.receiveMaximum = 3;
        broker.silent = true;
        AssetClient client = client("pos-1", SETTINGS, 0);
        connect(List.of(client));
        for (int i = 0; i < 20; i++) {
            client.publish(message("m" + i));
        }
        await(() -> broker.swallowed.size() >= 3);
        client.loop().submit(() -> {}).sync();
        assertThat(broker.swallowed).hasSize(3);
        client.stop(Duration.ZERO).get(10, TimeUnit.SECONDS);
    }

    @Test
    void staysAwayUntilItIsToComeBackAndThenSendsWhatItKept() throws Exception {
        AssetClient client = client("pos-1", SETTINGS, 0);
        connect(List.of(client));
        client.goAway();
        await(() -> !client.isConnected());
        client.publish(message("kept"));
        // longer than any back-off of these settings, many times over
        client.loop().schedule(() -> {}, 500, TimeUnit.MILLISECONDS).sync();
        assertThat(broker.connects).hasValue(1);
        client.comeBack();
        await(() -> broker.acknowledged.contains("assets/pos-1/telemetry kept"));
        assertThat(broker.connects).hasValue(2);
        stopAll(List.of(client));
    }

    @Test
    void hasOneConnectionHoweverOftenItGoesAndComes() throws Exception {
        AssetClient client = client("pos-1", SETTINGS, 0);
        connect(List.of(client));
        for (int i = 0; i < 200; i++) {
            client.goAway();
            client.comeBack();
            client.comeBack();
            if (i % 10 == 0) {
                client.cut();
            }
        }
        await(client::isConnected);
        client.loop().schedule(() -> {}, 300, TimeUnit.MILLISECONDS).sync();
        assertThat(broker.open()).isEqualTo(1);
        stopAll(List.of(client));
    }

    @Test
    void triesAgainWhenTheServerHangsUpBeforeItsAnswer() throws Exception {
        List<AssetClient> clients = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            clients.add(client("asset-" + i, SETTINGS, i));
        }
        broker.hangingUp = true;
        clients.forEach(AssetClient::start);
        await(() -> broker.connects.get() > 200);
        broker.hangingUp = false;
        await(() -> clients.stream().allMatch(AssetClient::isConnected));
        stopAll(clients);
    }

    @Test
    void endsAtOnceWhileItIsAway() throws Exception {
        AssetClient client = client("pos-1", SETTINGS, 0);
        connect(List.of(client));
        client.goAway();
        client.publish(message("never sent"));
        await(() -> !client.isConnected());
        client.stop(Duration.ofHours(1)).get(60, TimeUnit.SECONDS);
    }

    @Test
    void dropsTheOldestWhenItsBufferIsFull() throws Exception {
        broker.silent = true;
        AssetClient client = client("pos-1", SETTINGS.withBuffer(2, 5), 0);
        connect(List.of(client));
        for (int i = 0; i < 7; i++) {
            client.publish(message("m" + i));
        }
        await(() -> events.dropped.size() == 2);
        assertThat(events.dropped).containsExactly("m2", "m3");
        client.stop(Duration.ZERO).get(10, TimeUnit.SECONDS);
    }

    @Test
    void tellsWhyItWasRefused() throws Exception {
        broker.refusing = true;
        AssetClient client = client("pos-1", SETTINGS, 0);
        client.start();
        await(() -> !events.failures.isEmpty());
        assertThat(events.failures.peek()).isEqualTo("CONNECT refused: CONNECTION_REFUSED_NOT_AUTHORIZED_5");
        broker.refusing = false;
        client.firstConnection().get(30, TimeUnit.SECONDS);
        stopAll(List.of(client));
    }

    @Test
    void givesUpAMessageThatTheServerRefuses() throws Exception {
        broker.publishReason = (byte) 0x87;
        AssetClient client = client("pos-1", SETTINGS, 0);
        connect(List.of(client));
        client.publish(message("m0"));
        await(() -> !events.refused.isEmpty());
        assertThat(events.refused).containsExactly("m0 135");
        stopAll(List.of(client));
    }

    @Test
    void doesNotTalkToAServerOfAnotherAuthority() throws Exception {
        try (TestBroker stranger = new TestBroker(new TestCa());
                ClientNetwork other = new ClientNetwork(stranger.address(), List.of(ca.root()), 1, 1, 8)) {
            AssetClient client = new AssetClient(other, ca.asset("pos-1"), SETTINGS, events, 0);
            client.start();
            await(() -> !events.failures.isEmpty());
            assertThat(events.failures.peek()).startsWith("TLS handshake failed");
            assertThat(stranger.connects).hasValue(0);
            client.stop(Duration.ZERO).get(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void subscribesOnEverySessionAndAcknowledgesWhatComes() throws Exception {
        AssetClient client = client("pos-1", SETTINGS.withSubscriptions(List.of("assets/{id}/commands")), 0);
        connect(List.of(client));
        await(() -> broker.subscriptions.contains("assets/pos-1/commands"));
        broker.sendToAll("assets/pos-1/commands", "{\"id\":\"c1\"}");
        await(() -> !events.received.isEmpty());
        assertThat(events.received).containsExactly("assets/pos-1/commands {\"id\":\"c1\"}");
        stopAll(List.of(client));
    }

    @Test
    void keepsAnIdleSessionAlive() throws Exception {
        AssetClient client = client("pos-1", SETTINGS.withKeepAlive(Duration.ofSeconds(1)), 0);
        connect(List.of(client));
        CompletableFuture<Void> later = new CompletableFuture<>();
        client.loop().schedule(() -> later.complete(null), 3, TimeUnit.SECONDS);
        later.get(30, TimeUnit.SECONDS);
        assertThat(broker.connects).hasValue(1);
        assertThat(client.isConnected()).isTrue();
        stopAll(List.of(client));
    }

    @Test
    void usesAnotherLoopbackAddressForEachTwentyThousand() {
        assertThat(ClientNetwork.sourceOf(0).getAddress().getHostAddress()).isEqualTo("127.0.0.1");
        assertThat(ClientNetwork.sourceOf(19_999).getAddress().getHostAddress()).isEqualTo("127.0.0.1");
        assertThat(ClientNetwork.sourceOf(20_000).getAddress().getHostAddress()).isEqualTo("127.0.0.2");
        assertThat(ClientNetwork.sourceOf(999_999).getAddress().getHostAddress())
                .isEqualTo("127.0.0.50");
    }

    private AssetClient client(String id, ClientSettings settings, int index) {
        AssetIdentity identity = ca.asset(id);
        return new AssetClient(network, identity, settings, events, index);
    }

    private static void connect(List<AssetClient> clients) throws Exception {
        clients.forEach(AssetClient::start);
        for (AssetClient client : clients) {
            client.firstConnection().get(60, TimeUnit.SECONDS);
        }
    }

    private static void stopAll(List<AssetClient> clients) throws Exception {
        for (AssetClient client : clients) {
            client.stop(Duration.ofSeconds(5)).get(20, TimeUnit.SECONDS);
        }
    }

    private static Message message(String payload) {
        return Message.json("assets/pos-1/telemetry", payload.getBytes(StandardCharsets.UTF_8));
    }

    /** Looks again every few milliseconds; the test's own time limit is the bound. */
    private static void await(BooleanSupplier condition) throws InterruptedException {
        while (!condition.getAsBoolean()) {
            Thread.sleep(5);
        }
    }

    private static TestBroker brokerOf(TestCa ca) {
        try {
            return new TestBroker(ca);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private ClientNetwork networkOf() {
        return new ClientNetwork(broker.address(), List.of(ca.root()), 2, 300, 64);
    }

    private static final class Recording implements ClientListener {
        final Queue<String> acknowledged = new ConcurrentLinkedQueue<>();
        final Queue<String> dropped = new ConcurrentLinkedQueue<>();
        final Queue<String> refused = new ConcurrentLinkedQueue<>();
        final Queue<String> failures = new ConcurrentLinkedQueue<>();
        final Queue<String> received = new ConcurrentLinkedQueue<>();

        @Override
        public void acknowledged(AssetClient client, Message message, long nanos) {
            acknowledged.add(text(message));
        }

        @Override
        public void refused(AssetClient client, Message message, int reasonCode) {
            refused.add(text(message) + " " + reasonCode);
        }

        @Override
        public void dropped(AssetClient client, Message message) {
            dropped.add(text(message));
        }

        @Override
        public void connectFailed(AssetClient client, String reason) {
            failures.add(reason);
        }

        @Override
        public void received(AssetClient client, String topic, byte[] payload) {
            received.add(topic + " " + new String(payload, StandardCharsets.UTF_8));
        }

        private static String text(Message message) {
            return new String(message.payload(), StandardCharsets.UTF_8);
        }
    }
}
