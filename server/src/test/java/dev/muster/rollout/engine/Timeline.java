package dev.muster.rollout.engine;

import java.time.Instant;
import java.util.PriorityQueue;

/** The time of a simulation: what happens when, in order, and what the clock of the server says meanwhile. */
final class Timeline {
    private final Instant start;
    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private long now;
    private long sequence;
    private long jumped;

    private record Event(long at, long sequence, Runnable run) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            return at == other.at ? Long.compare(sequence, other.sequence) : Long.compare(at, other.at);
        }
    }

    Timeline(Instant start) {
        this.start = start;
    }

    void later(long delay, Runnable run) {
        events.add(new Event(now + Math.max(0, delay), sequence++, run));
    }

    boolean isOver() {
        return events.isEmpty();
    }

    /** Goes on to what happens next, and returns it. */
    Runnable next() {
        Event event = events.remove();
        now = event.at();
        return event.run();
    }

    /** Milliseconds since the start. */
    long now() {
        return now;
    }

    /** How much has been planned until now; a number that comes once. */
    long planned() {
        return sequence;
    }

    /** What the clock says. */
    Instant wall() {
        return wall(now);
    }

    /** What the clock says at a moment, if it does not jump before. */
    Instant wall(long at) {
        return start.plusMillis(at + jumped);
    }

    void jump(long millis) {
        jumped += millis;
    }
}
