package dev.muster.gateway.mqtt;

import dev.muster.gateway.journal.Journal;
import dev.muster.gateway.journal.JournalFailure;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The QoS 1 messages of one session between arrival and PUBACK, in order of arrival (MQTT 5 §4.6).
 *
 * <p>The event loop adds and takes; the journal's thread tells outcomes, in order of offering, so that a number per
 * message is all that passes between them. Refused messages wait in the same order without ever being offered.
 */
final class PubAcks implements Journal.Ack {
    /** Told in order of arrival, on the event loop. */
    interface Emitter {
        void acknowledged(int packetId, long arrivedNanos);

        /** @param message for the reason string, null when the code says all */
        void refused(int packetId, ReasonCode code, @Nullable String message);

        void failed(int packetId, JournalFailure.Reason reason);
    }

    private static final byte DURABLE = 0;
    private static final JournalFailure.Reason[] FAILURES = JournalFailure.Reason.values();

    private record Refusal(ReasonCode code, @Nullable String message) {}

    private final int capacity;
    private final int mask;
    private final Runnable onOutcome;
    private final short[] packetIds;
    private final long[] arrived;
    private final @Nullable Refusal[] refusals;
    /** Written by the journal's thread before {@link #told} moves, read by the event loop after. */
    private final byte[] outcomes;

    private final AtomicLong told = new AtomicLong();
    private long taken;
    private long head;
    private long tail;

    /** @param onOutcome called on the journal's thread after each outcome */
    PubAcks(int capacity, Runnable onOutcome) {
        this.capacity = capacity;
        int size = Math.max(2, Integer.highestOneBit(capacity - 1) << 1);
        this.mask = size - 1;
        this.onOutcome = onOutcome;
        this.packetIds = new short[size];
        this.arrived = new long[size];
        this.refusals = new @Nullable Refusal[size];
        this.outcomes = new byte[size];
    }

    boolean isFull() {
        return tail - head >= capacity;
    }

    boolean isEmpty() {
        return tail == head;
    }

    /** A message that the journal has taken. */
    void offered(int packetId, long arrivedNanos) {
        add(packetId, arrivedNanos, null);
    }

    void refuse(int packetId, ReasonCode code, @Nullable String message) {
        add(packetId, 0, new Refusal(code, message));
    }

    private void add(int packetId, long arrivedNanos, @Nullable Refusal refusal) {
        if (isFull()) {
            throw new IllegalStateException(capacity + " messages are unacknowledged already, all that are allowed");
        }
        int slot = (int) tail & mask;
        packetIds[slot] = (short) packetId;
        arrived[slot] = arrivedNanos;
        refusals[slot] = refusal;
        tail++;
    }

    @Override
    public void durable(long offset) {
        tell(DURABLE);
    }

    @Override
    public void failed(JournalFailure failure) {
        tell((byte) (1 + failure.reason().ordinal()));
    }

    private void tell(byte outcome) {
        long next = told.getPlain();
        outcomes[(int) next & mask] = outcome;
        told.setRelease(next + 1);
        onOutcome.run();
    }

    /** Emits what is known, up to the first message that the journal has not answered. */
    void drainTo(Emitter emitter) {
        long known = told.getAcquire();
        while (head < tail) {
            int slot = (int) head & mask;
            Refusal refusal = refusals[slot];
            if (refusal == null && taken == known) {
                return;
            }
            int packetId = packetIds[slot] & 0xffff;
            head++;
            if (refusal != null) {
                refusals[slot] = null;
                emitter.refused(packetId, refusal.code(), refusal.message());
                continue;
            }
            byte outcome = outcomes[(int) taken++ & mask];
            if (outcome == DURABLE) {
                emitter.acknowledged(packetId, arrived[slot]);
            } else {
                emitter.failed(packetId, FAILURES[outcome - 1]);
            }
        }
    }
}
