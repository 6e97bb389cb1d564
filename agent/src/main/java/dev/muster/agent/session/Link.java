package dev.muster.agent.session;

import dev.muster.agent.budget.Bandwidth;
import dev.muster.agent.buffer.DiskBuffer;
import dev.muster.agent.identity.Identity;
import dev.muster.agent.link.Inbound;
import dev.muster.protocol.Uplink;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/** Keeps a session with the server: one after the other, on a thread of its own, for as long as the agent runs. */
public final class Link implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Link.class.getName());
    private static final int CONNECT_TIMEOUT_MILLIS = 15_000;
    private static final int HANDSHAKE_TIMEOUT_MILLIS = 20_000;
    private static final int KEEP_ALIVE_SECONDS = 60;

    private final Server server;
    private final Supplier<Identity> identity;
    private final DiskBuffer buffer;
    private final Bandwidth uploads;
    private final InboundQueue inbound;
    private final LinkFigures figures;
    private final Supplier<Uplink.Hello> hello;
    private final InstantSource clock;
    private final Backoff backoff;
    private final Thread thread = new Thread(this::run, "link");
    private @Nullable Session session;
    private boolean hurry;
    private volatile boolean closed;

    /**
     * Where the server listens for MQTT, and the TLS context to show an identity to it.
     *
     * @param tls made anew for each identity
     */
    public record Server(String host, int port, Function<Identity, SSLContext> tls) {}

    public Link(
            Server server,
            Supplier<Identity> identity,
            DiskBuffer buffer,
            Bandwidth uploads,
            Inbound inbound,
            LinkFigures figures,
            Supplier<Uplink.Hello> hello,
            InstantSource clock,
            RandomGenerator random) {
        this.server = server;
        this.identity = identity;
        this.buffer = buffer;
        this.uploads = uploads;
        this.inbound = new InboundQueue(inbound);
        this.figures = figures;
        this.hello = hello;
        this.clock = clock;
        this.backoff = new Backoff(random);
    }

    public void start() {
        inbound.start();
        thread.start();
    }

    /** Sends it when there is a session, and forgets it when there is none. */
    public synchronized void offer(Uplink.Heartbeat heartbeat) {
        if (session != null) {
            session.offer(heartbeat);
        }
    }

    /** There is another certificate: comes back with it at once. */
    public synchronized void identityChanged() {
        if (session == null) {
            hurry = true;
            notifyAll();
        } else {
            session.finish(new SessionEnd(SessionEnd.Kind.RENEWED, "the certificate was renewed"));
        }
    }

    private void run() {
        try {
            while (!closed) {
                long began = System.nanoTime();
                SessionEnd end = one();
                figures.ended(end);
                if (closed) {
                    return;
                }
                Duration wait = backoff.after(end, Duration.ofNanos(System.nanoTime() - began));
                LOG.log(
                        end.kind() == SessionEnd.Kind.RENEWED ? System.Logger.Level.INFO : System.Logger.Level.WARNING,
                        "no session with {0}:{1}: {2}; trying again in {3} s",
                        server.host(),
                        Integer.toString(server.port()),
                        end.reason(),
                        wait.toSeconds());
                pause(wait);
            }
        } catch (InterruptedException e) {
            LOG.log(System.Logger.Level.DEBUG, "the link was interrupted");
        }
    }

    private SessionEnd one() throws InterruptedException {
        Identity own = identity.get();
        if (own.expiredAt(clock.instant())) {
            return new SessionEnd(
                    SessionEnd.Kind.EXPIRED,
                    "the certificate expired on " + own.expiresAt() + "; messages are buffered meanwhile");
        }
        try (SSLSocket socket = connect(own)) {
            Session fresh = new Session(own.id(), socket, buffer, uploads, inbound, figures, KEEP_ALIVE_SECONDS);
            SessionEnd refused = fresh.establish(hello.get());
            if (refused != null) {
                return refused;
            }
            LOG.log(
                    System.Logger.Level.INFO,
                    "connected to {0}:{1} as {2}",
                    server.host(),
                    Integer.toString(server.port()),
                    own);
            become(fresh);
            try {
                return fresh.run();
            } finally {
                become(null);
            }
        } catch (IOException e) {
            return Session.lost(e);
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "the session failed", e);
            return new SessionEnd(SessionEnd.Kind.LOST, "the agent failed: " + e);
        }
    }

    private SSLSocket connect(Identity own) throws IOException {
        Socket plain = new Socket();
        try {
            plain.connect(new InetSocketAddress(server.host(), server.port()), CONNECT_TIMEOUT_MILLIS);
            plain.setTcpNoDelay(true);
            plain.setSoTimeout(HANDSHAKE_TIMEOUT_MILLIS);
            SSLSocket socket = (SSLSocket)
                    server.tls().apply(own).getSocketFactory().createSocket(plain, server.host(), server.port(), true);
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            socket.setSSLParameters(parameters);
            socket.startHandshake();
            return socket;
        } catch (IOException | RuntimeException e) {
            plain.close();
            throw e;
        }
    }

    private synchronized void become(@Nullable Session current) {
        session = current;
        if (current != null && closed) {
            current.finish(new SessionEnd(SessionEnd.Kind.LOST, "the agent stops"));
        } else if (current != null && hurry) {
            hurry = false; // the certificate changed while the session came about with the old one
            current.finish(new SessionEnd(SessionEnd.Kind.RENEWED, "the certificate was renewed"));
        }
    }

    /** By a clock that nobody sets. */
    private synchronized void pause(Duration wait) throws InterruptedException {
        long until = System.nanoTime() + wait.toNanos();
        long left = wait.toNanos();
        while (left > 0 && !hurry && !closed) {
            TimeUnit.NANOSECONDS.timedWait(this, left);
            left = until - System.nanoTime();
        }
        hurry = false;
    }

    /** Ends the session with DISCONNECT; what was not acknowledged stays in the buffer. */
    @Override
    public void close() throws InterruptedException {
        closed = true;
        synchronized (this) {
            if (session != null) {
                session.finish(new SessionEnd(SessionEnd.Kind.LOST, "the agent stops"));
            }
            notifyAll();
        }
        thread.join(Duration.ofSeconds(5));
        inbound.close();
    }
}
