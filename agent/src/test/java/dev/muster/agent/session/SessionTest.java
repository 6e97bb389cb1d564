package dev.muster.agent.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.agent.budget.Bandwidth;
import dev.muster.agent.buffer.BufferedOutbound;
import dev.muster.agent.buffer.DiskBuffer;
import dev.muster.agent.link.Inbound;
import dev.muster.protocol.AssetId;
import dev.muster.protocol.Uplink;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A session against a server that is played by the test, byte for byte, over a plain socket. */
class SessionTest {
    private static final AssetId BOX = new AssetId("box-1");
    private static final String CONNACK = "20060000032100" + "02"; // receive maximum 2
    private static final String SUBACK = "9005ffff000101";

    @TempDir
    Path folder;

    private final LinkedBlockingQueue<String> heard = new LinkedBlockingQueue<>();
    private final LinkFigures figures = new LinkFigures(InstantSource.system());
    private DiskBuffer buffer;
    private ServerSocket listener;

    @SuppressWarnings("NullAway.Init") // by accept(), in each test
    private Socket server;

    @SuppressWarnings("NullAway.Init")
    private DataInputStream fromAgent;

    @SuppressWarnings("NullAway.Init")
    private OutputStream toAgent;

    private InboundQueue inbound;

    @BeforeEach
    void listen() throws IOException {
        buffer = DiskBuffer.open(folder, DiskBuffer.MIN_BYTES);
        listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        inbound = new InboundQueue(new Inbound() {
            @Override
            public void connected() {
                heard.add("connected");
            }

            @Override
            public void desired(byte[] document) {
                heard.add("desired " + new String(document, StandardCharsets.UTF_8));
            }

            @Override
            public void command(byte[] payload) {
                heard.add("command " + new String(payload, StandardCharsets.UTF_8));
            }
        });
        inbound.start();
    }

    @AfterEach
    void close() throws IOException {
        inbound.close();
        if (Objects.nonNull(server)) {
            server.close();
        }
        listener.close();
        buffer.close();
    }

    @Test
    void settlesWhatIsStoredAndWhatWillNeverBe() throws Exception {
        var outbound = new BufferedOutbound(buffer);
        for (int i = 1; i <= 3; i++) {
            outbound.send(telemetry(i));
        }
        CompletableFuture<SessionEnd> end = session();
        established();
        assertThat(publish()).contains("hello");
        assertThat(publish()).contains("\"n\":1.0");
        send("40020001"); // hello
        assertThat(publish()).contains("\"n\":2.0"); // not before: the window is two
        send("4004000299" + "00"); // refused for ever
        assertThat(publish()).contains("\"n\":3.0");
        send("40020003");
        send("40020004");
        awaitEntries(0);
        assertThat(figures.snapshot().stored()).isEqualTo(2);
        assertThat(figures.snapshot().refused()).isEqualTo(1);
        server.close();
        assertThat(end.get(30, TimeUnit.SECONDS).kind()).isEqualTo(SessionEnd.Kind.LOST);
    }

    @Test
    void whatCouldNotBeStoredIsSentAgain() throws Exception {
        new BufferedOutbound(buffer).send(telemetry(7));
        CompletableFuture<SessionEnd> end = session();
        established();
        publish();
        publish();
        send("40020001");
        send("4003000297"); // no room on the server's disk
        assertThat(publish()).contains("\"n\":7.0"); // after a pause
        send("40020003");
        awaitEntries(0);
        server.close();
        end.get(30, TimeUnit.SECONDS);
    }

    @Test
    void whatIsNotAcknowledgedWaitsForTheNextSession() throws Exception {
        new BufferedOutbound(buffer).send(telemetry(7));
        CompletableFuture<SessionEnd> first = session();
        established();
        publish();
        publish();
        server.close();
        first.get(30, TimeUnit.SECONDS);
        assertThat(buffer.fill().entries()).isEqualTo(1);
        CompletableFuture<SessionEnd> second = session();
        established();
        publish();
        assertThat(publish()).contains("\"n\":7.0");
        send("e0018b"); // the server stops
        SessionEnd end = second.get(30, TimeUnit.SECONDS);
        assertThat(end)
                .isEqualTo(new SessionEnd(SessionEnd.Kind.LOST, "the server sent DISCONNECT 0x8b (the server stops)"));
    }

    @Test
    void handsOnWhatTheServerSays() throws Exception {
        CompletableFuture<SessionEnd> end = session();
        established();
        publish();
        assertThat(heard.poll(30, TimeUnit.SECONDS)).isEqualTo("connected");
        send("31" + "1e" + text("assets/box-1/state/desired") + "00" + "7b7d".substring(0, 2));
        assertThat(heard.poll(30, TimeUnit.SECONDS)).isEqualTo("desired {");
        send("32" + "1b" + text("assets/box-1/commands") + "0009" + "00" + "7b");
        assertThat(heard.poll(30, TimeUnit.SECONDS)).isEqualTo("command {");
        assertThat(packet()).isEqualTo("40020009");
        server.close();
        end.get(30, TimeUnit.SECONDS);
    }

    @Test
    void aRefusedConnectSaysWhy() throws Exception {
        CompletableFuture<SessionEnd> end = session();
        accept();
        packet();
        send("20090087" + "06" + "1f0003" + hex("bad"));
        SessionEnd refused = end.get(30, TimeUnit.SECONDS);
        assertThat(refused.kind()).isEqualTo(SessionEnd.Kind.REFUSED);
        assertThat(refused.reason()).contains("0x87", "revoked", "bad");
    }

    private CompletableFuture<SessionEnd> session() throws IOException {
        Socket socket = new Socket(listener.getInetAddress(), listener.getLocalPort());
        CompletableFuture<SessionEnd> end = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try {
                Session session =
                        new Session(BOX, socket, buffer, new Bandwidth(0, System::nanoTime), inbound, figures, 60);
                SessionEnd refused = session.establish(new Uplink.Hello(1, "hello", List.of()));
                end.complete(refused != null ? refused : session.run());
            } catch (IOException | InterruptedException | RuntimeException e) {
                end.completeExceptionally(e);
            }
        });
        return end;
    }

    private void accept() throws IOException {
        server = listener.accept();
        server.setSoTimeout(30_000);
        fromAgent = new DataInputStream(server.getInputStream());
        toAgent = server.getOutputStream();
    }

    private void established() throws IOException {
        accept();
        assertThat(packet()).startsWith("10");
        send(CONNACK);
        assertThat(packet()).startsWith("82");
        send(SUBACK);
    }

    private String publish() throws IOException {
        String packet = packet();
        assertThat(packet).startsWith("32");
        return new String(HexFormat.of().parseHex(packet), StandardCharsets.ISO_8859_1);
    }

    private String packet() throws IOException {
        List<Byte> bytes = new ArrayList<>();
        int length = 0;
        int shift = 0;
        bytes.add(fromAgent.readByte());
        byte next;
        do {
            next = fromAgent.readByte();
            bytes.add(next);
            length |= (next & 0x7F) << shift;
            shift += 7;
        } while (next < 0);
        byte[] body = fromAgent.readNBytes(length);
        StringBuilder hex = new StringBuilder();
        bytes.forEach(each -> hex.append(HexFormat.of().toHexDigits(each)));
        return hex + HexFormat.of().formatHex(body);
    }

    private void send(String hex) throws IOException {
        toAgent.write(HexFormat.of().parseHex(hex));
        toAgent.flush();
    }

    private void awaitEntries(long count) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (buffer.fill().entries() != count && System.nanoTime() < end) {
            Thread.sleep(5);
        }
        assertThat(buffer.fill().entries()).isEqualTo(count);
    }

    private static String text(String value) {
        return "%04x".formatted(value.length()) + hex(value);
    }

    private static String hex(String ascii) {
        return HexFormat.of().formatHex(ascii.getBytes(StandardCharsets.US_ASCII));
    }

    private static Uplink telemetry(int n) {
        return new Uplink.Telemetry(List.of(new Uplink.Reading(1_800_000_000_000L + n, Map.of("n", (double) n))));
    }
}
