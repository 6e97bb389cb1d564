package dev.muster.gateway.https;

import java.util.ArrayDeque;

/**
 * The bytes that bodies of requests may hold together. Who finds none left waits in line, unread. On the event loop; the line
 * is bounded by the connections.
 */
final class BodyMemory {
    private final long most;
    private final ArrayDeque<Waiting> line = new ArrayDeque<>();
    private long held;

    private record Waiting(long bytes, Runnable granted) {}

    BodyMemory(long most) {
        this.most = most;
    }

    /** @param granted called at once, or when it is this one's turn; at most the whole memory is taken */
    void take(long bytes, Runnable granted) {
        if (line.isEmpty() && fits(bytes)) {
            held += bytes;
            granted.run();
        } else {
            line.add(new Waiting(bytes, granted));
        }
    }

    void giveBack(long bytes) {
        held -= bytes;
        for (Waiting first = line.peek(); first != null && fits(first.bytes); first = line.peek()) {
            line.poll();
            held += first.bytes;
            first.granted.run();
        }
    }

    /** A body larger than all is let through alone. */
    private boolean fits(long bytes) {
        return held + bytes <= most || held == 0;
    }

    long held() {
        return held;
    }

    int waiting() {
        return line.size();
    }
}
