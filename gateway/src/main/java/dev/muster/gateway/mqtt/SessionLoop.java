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

    /** A stack of those that have outcomes, linked through them; whoever finds it empty wakes the loop. */
    private final AtomicReference<@Nullable Uplinks> ready = new AtomicReference<>();

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

    /** On any thread: a session has outcomes to take. It is on the stack at most once. */
    void outcomeFor(Uplinks uplinks) {
        if (!uplinks.markReady()) {
            return;
        }
        Uplinks top;
        do {
            top = ready.get();
            uplinks.nextReady = top;
        } while (!ready.compareAndSet(top, uplinks));
        if (top == null) {
            run(this::drainReady);
        }
    }

    private void drainReady() {
        Uplinks uplinks = ready.getAndSet(null);
        while (uplinks != null) {
            Uplinks next = uplinks.nextReady;
            uplinks.nextReady = null;
            uplinks.clearReady();
            uplinks.outcomes();
            uplinks = next;
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
