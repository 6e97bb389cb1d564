package dev.muster.gateway.mqtt;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** Lets one log line through in a while, when thousands of sessions have the same to say. */
final class Seldom {
    private final long pause;
    private final AtomicLong next = new AtomicLong(System.nanoTime());

    Seldom(Duration pause) {
        this.pause = pause.toNanos();
    }

    boolean now() {
        long now = System.nanoTime();
        long due = next.get();
        return now - due >= 0 && next.compareAndSet(due, now + pause);
    }
}
