package dev.muster.gateway.mqtt;

import dev.muster.gateway.journal.Journal;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoop;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The sessions of one event loop: wakes it once for many acknowledgements, lets those wait that the journal had no room
 * for, and looks after timeouts once a second.
 *
 * <p>All but {@link #outcomeFor} runs on the event loop.
 */
final class SessionLoop {
    /** Something that the journal had no room for. */
    interface Waiting {
        /** Offers again; false when there is still no room. */
        boolean retry();
    }

    private final EventLoop loop;
    private final Journal journal;
    private final Set<MqttSession> sessions = new HashSet<>();
    /** Bounded by the sessions: each waits with one message, a closed one with its closing. */
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();

    /** A stack linked through the sessions; whoever finds it empty wakes the loop. */
    private final AtomicReference<@Nullable MqttSession> ready = new AtomicReference<>();

    private boolean askedForRoom;

    SessionLoop(EventLoop loop, Journal journal) {
        this.loop = loop;
        this.journal = journal;
        loop.scheduleAtFixedRate(this::sweep, 1, 1, TimeUnit.SECONDS);
    }

    void add(MqttSession session) {
        sessions.add(session);
    }

    void remove(MqttSession session) {
        sessions.remove(session);
    }

    /** On any thread: the session has outcomes to take. It is on the stack at most once. */
    void outcomeFor(MqttSession session) {
        if (!session.markReady()) {
            return;
        }
        MqttSession top;
        do {
            top = ready.get();
            session.nextReady = top;
        } while (!ready.compareAndSet(top, session));
        if (top == null) {
            run(this::drainReady);
        }
    }

    private void drainReady() {
        MqttSession session = ready.getAndSet(null);
        while (session != null) {
            MqttSession next = session.nextReady;
            session.nextReady = null;
            session.clearReady();
            session.outcomes();
            session = next;
        }
    }

    void waitForRoom(Waiting one) {
        waiting.add(one);
        askForRoom();
    }

    private void askForRoom() {
        if (!askedForRoom) {
            askedForRoom = true;
            journal.whenRoom(() -> run(this::room));
        }
    }

    private void room() {
        askedForRoom = false;
        for (Waiting first = waiting.peek(); first != null; first = waiting.peek()) {
            if (!first.retry()) {
                askForRoom();
                return;
            }
            waiting.poll();
        }
    }

    /** The journal tells its last acknowledgements after the device plane has gone: nobody is left to hear them. */
    private void run(Runnable task) {
        try {
            loop.execute(task);
        } catch (RejectedExecutionException e) {
            if (!loop.isShuttingDown()) {
                throw e;
            }
        }
    }

    private void sweep() {
        long now = System.nanoTime();
        for (MqttSession session : sessions.toArray(new MqttSession[0])) {
            session.sweep(now);
        }
    }

    /** @return each told when its connection is closed */
    List<ChannelFuture> closeAll(String reason) {
        var closing = new ArrayList<ChannelFuture>(sessions.size());
        for (MqttSession session : sessions.toArray(new MqttSession[0])) {
            closing.add(session.shutDown(reason));
        }
        return closing;
    }
}
