package dev.muster.bench;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/**
 * Polls of many assets over a few kept-alive TLS connections. A thread sends on each of its connections, then reads the answer of
 * each: closed loop, as many polls under way as there are connections.
 */
final class PollLoad implements AutoCloseable {
    private static final byte[] DEPLOYMENT = "deploymentBase".getBytes(StandardCharsets.US_ASCII);

    private static final String PREFIX = "poll-";

    private final String prefix;
    private final int targets;
    private final String head;
    private final String tail;
    private final List<List<Connection>> byThread = new ArrayList<>();
    private final ExecutorService pool;

    /** @param deployments of the polls that were answered with one */
    record Counted(long polls, long deployments) {
        Counted plus(Counted other) {
            return new Counted(polls + other.polls, deployments + other.deployments);
        }
    }

    PollLoad(URI device, String token, int targets, int connections, int threads)
            throws IOException, GeneralSecurityException {
        this(device, token, PREFIX, targets, connections, threads);
    }

    PollLoad(URI device, String token, String prefix, int targets, int connections, int threads)
            throws IOException, GeneralSecurityException {
        this.prefix = prefix;
        this.targets = targets;
        this.head = "GET /default/controller/v1/";
        this.tail = " HTTP/1.1\r\nHost: " + DdiBench.authority(device) + "\r\nAuthorization: GatewayToken " + token
                + "\r\nAccept: application/hal+json\r\n\r\n";
        SSLContext tls = trustingAll();
        for (int thread = 0; thread < threads; thread++) {
            List<Connection> own = new ArrayList<>();
            for (int i = 0; i < Math.max(1, connections / threads); i++) {
                own.add(new Connection(
                        (SSLSocket) tls.getSocketFactory().createSocket(device.getHost(), device.getPort())));
            }
            byThread.add(own);
        }
        this.pool = Executors.newFixedThreadPool(threads);
    }

    static String id(int target) {
        return PREFIX + target;
    }

    /** The first one polls once, alone. */
    void first() throws IOException {
        Connection connection = byThread.getFirst().getFirst();
        connection.send((head + prefix + 0 + tail).getBytes(StandardCharsets.US_ASCII));
        connection.answeredWithDeployment();
    }

    /** Every asset polls once. */
    Counted once() throws Exception {
        AtomicInteger next = new AtomicInteger();
        return all(() -> next.get() < targets, () -> Math.min(next.getAndIncrement(), targets - 1));
    }

    /** Asset after asset, again from the first when all have polled. */
    Counted during(Duration time) throws Exception {
        AtomicInteger next = new AtomicInteger();
        long end = System.nanoTime() + time.toNanos();
        return all(() -> System.nanoTime() < end, () -> Math.floorMod(next.getAndIncrement(), targets));
    }

    private Counted all(BooleanSupplier goesOn, IntSupplier next) throws Exception {
        List<Future<Counted>> running = new ArrayList<>();
        byThread.forEach(own -> running.add(pool.submit(() -> poll(own, goesOn, next))));
        Counted sum = new Counted(0, 0);
        for (Future<Counted> each : running) {
            sum = sum.plus(each.get());
        }
        return sum;
    }

    private Counted poll(List<Connection> own, BooleanSupplier goesOn, IntSupplier next) throws IOException {
        long polls = 0;
        long deployments = 0;
        while (goesOn.getAsBoolean()) {
            for (Connection connection : own) {
                connection.send((head + prefix + next.getAsInt() + tail).getBytes(StandardCharsets.US_ASCII));
            }
            for (Connection connection : own) {
                polls++;
                deployments += connection.answeredWithDeployment() ? 1 : 0;
            }
        }
        return new Counted(polls, deployments);
    }

    private static final class Connection {
        private final SSLSocket socket;
        private final InputStream in;
        private final OutputStream out;
        private final byte[] buffer = new byte[4096];

        private Connection(SSLSocket socket) throws IOException {
            socket.setTcpNoDelay(true);
            socket.startHandshake();
            this.socket = socket;
            this.in = new BufferedInputStream(socket.getInputStream(), 4096);
            this.out = socket.getOutputStream();
        }

        private void send(byte[] request) throws IOException {
            out.write(request);
        }

        /** Anything but 200 ends the measurement. */
        private boolean answeredWithDeployment() throws IOException {
            int end = head();
            String head = new String(buffer, 0, end, StandardCharsets.US_ASCII);
            if (!head.startsWith("HTTP/1.1 200")) {
                throw new IOException("a poll was answered: " + head);
            }
            int at = head.indexOf("content-length: ") + "content-length: ".length();
            int length = Integer.parseInt(head.substring(at, head.indexOf('\r', at)));
            int read = in.readNBytes(buffer, 0, length);
            if (read < length) {
                throw new IOException("the connection ended in the middle of an answer");
            }
            return contains(length);
        }

        private int head() throws IOException {
            int end = 0;
            while (end < 4
                    || buffer[end - 1] != '\n'
                    || buffer[end - 2] != '\r'
                    || buffer[end - 3] != '\n'
                    || buffer[end - 4] != '\r') {
                int next = in.read();
                if (next < 0 || end == buffer.length) {
                    throw new IOException("the connection ended, or its answer has no end");
                }
                buffer[end++] = (byte) next;
            }
            return end;
        }

        private boolean contains(int length) {
            for (int i = 0; i + DEPLOYMENT.length <= length; i++) {
                int same = 0;
                while (same < DEPLOYMENT.length && buffer[i + same] == DEPLOYMENT[same]) {
                    same++;
                }
                if (same == DEPLOYMENT.length) {
                    return true;
                }
            }
            return false;
        }
    }

    /** What is measured here is not whom to trust. */
    private static SSLContext trustingAll() throws GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLSv1.3");
        context.init(null, new TrustManager[] {new Trusting()}, new SecureRandom());
        return context;
    }

    private static final class Trusting implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {
            // trusted
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {
            // trusted
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    @Override
    public void close() throws IOException {
        pool.shutdownNow();
        for (List<Connection> own : byThread) {
            for (Connection connection : own) {
                connection.socket.close();
            }
        }
    }
}
