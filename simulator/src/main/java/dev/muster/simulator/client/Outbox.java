package dev.muster.simulator.client;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The messages of one client that are not acknowledged: those in flight, and those that wait. Bounded; keeps their order
 * over lost sessions. Used by one thread.
 */
final class Outbox {
    /** 65535 is left to SUBSCRIBE. */
    private static final int LAST_PACKET_ID = 65_534;

    private final int maxInFlight;
    private final int maxBuffered;
    private final Deque<Message> waiting = new ArrayDeque<>();
    private final Map<Integer, Sent> inFlight = new LinkedHashMap<>();
    private int lastPacketId;

    Outbox(int maxInFlight, int maxBuffered) {
        this.maxInFlight = maxInFlight;
        this.maxBuffered = maxBuffered;
    }

    /** A message in flight. */
    record Sent(int packetId, Message message, long sentAtNanos) {}

    /** @return the oldest waiting message, given up because the buffer is full; null when there was room */
    @Nullable Message offer(Message message) {
        Message dropped = null;
        if (waiting.size() + inFlight.size() >= maxBuffered) {
            dropped = waiting.isEmpty() ? message : waiting.poll();
        }
        if (dropped != message) {
            waiting.add(message);
        }
        return dropped;
    }

    /** The next message to send, now in flight; null when nothing waits or the window is full. */
    @Nullable Sent next(int receiveMaximum, long nowNanos) {
        if (inFlight.size() >= Math.min(maxInFlight, receiveMaximum)) {
            return null;
        }
        Message message = waiting.poll();
        if (message == null) {
            return null;
        }
        Sent sent = new Sent(nextPacketId(), message, nowNanos);
        inFlight.put(sent.packetId(), sent);
        return sent;
    }

    /** @return null for a packet id that is not in flight */
    @Nullable Sent settle(int packetId) {
        return inFlight.remove(packetId);
    }

    /** What was in flight waits again, before everything else and in the same order. */
    void sessionLost() {
        List<Sent> lost = new ArrayList<>(inFlight.values());
        inFlight.clear();
        for (int i = lost.size() - 1; i >= 0; i--) {
            waiting.addFirst(lost.get(i).message());
        }
    }

    boolean isEmpty() {
        return waiting.isEmpty() && inFlight.isEmpty();
    }

    int size() {
        return waiting.size() + inFlight.size();
    }

    private int nextPacketId() {
        do {
            lastPacketId = lastPacketId == LAST_PACKET_ID ? 1 : lastPacketId + 1;
        } while (inFlight.containsKey(lastPacketId));
        return lastPacketId;
    }
}
