package dev.muster.ingest;

import dev.muster.gateway.journal.JournalEntry;
import dev.muster.twin.availability.AvailabilityTracker;
import java.util.List;

/** Tells availability of every session and report; it stores them at checkpoints. */
record AvailabilityConsumer(String name, AvailabilityTracker availability) implements Consumer {

    @Override
    public void accept(List<JournalEntry> batch) {
        availability.accept(batch);
    }

    @Override
    public void caughtUp() {
        availability.caughtUp();
    }

    @Override
    public long durable(long accepted) {
        return Math.min(accepted, availability.durable());
    }
}
