package dev.muster.agent.session;

import dev.muster.agent.link.Inbound;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Hands what the server says to the {@link Inbound}, on a thread of its own. Bounded: of desired states only the newest waits,
 * and whoever brings more commands than there is room for waits himself.
 */
final class InboundQueue {
    private static final System.Logger LOG = System.getLogger(InboundQueue.class.getName());
    private static final int MAX_COMMANDS = 64;

    private final Inbound inbound;
    private final Deque<byte[]> commands = new ArrayDeque<>();
    private byte @Nullable [] desired;
    private boolean connected;
    private boolean closed;

    InboundQueue(Inbound inbound) {
        this.inbound = inbound;
    }

    Thread start() {
        Thread thread = new Thread(this::run, "inbound");
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    synchronized void connected() {
        connected = true;
        notifyAll();
    }

    synchronized void desired(byte[] document) {
        desired = document;
        notifyAll();
    }

    synchronized void command(byte[] payload) throws InterruptedException {
        while (commands.size() >= MAX_COMMANDS && !closed) {
            wait();
        }
        commands.addLast(payload);
        notifyAll();
    }

    synchronized void close() {
        closed = true;
        notifyAll();
    }

    private void run() {
        Runnable next = next();
        while (next != null) {
            try {
                next.run();
            } catch (RuntimeException e) {
                // The next message may be the one that mends it.
                LOG.log(System.Logger.Level.ERROR, "a message of the server could not be worked on", e);
            }
            next = next();
        }
    }

    /** Waits; null at the end. */
    private synchronized @Nullable Runnable next() {
        while (!closed) {
            if (connected) {
                connected = false;
                return inbound::connected;
            }
            byte[] document = desired;
            if (document != null) {
                desired = null;
                return () -> inbound.desired(document);
            }
            byte[] command = commands.pollFirst();
            if (command != null) {
                notifyAll();
                return () -> inbound.command(command);
            }
            try {
                wait();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return null;
            }
        }
        return null;
    }
}
