package dev.muster.ingest;

import dev.muster.gateway.journal.JournalEntry;
import dev.muster.twin.presence.PresenceTracker;
import java.util.List;

/** Tells presence of sessions that opened and closed, and of every sign of life; these it stores at checkpoints. */
record PresenceConsumer(String name, PresenceTracker presence) implements Consumer {

    @Override
    public void accept(List<JournalEntry> batch) {
        presence.accept(batch);
    }

    @Override
    public void caughtUp() {
        presence.caughtUp();
    }

    @Override
    public long durable(long accepted) {
        return Math.min(accepted, presence.durable());
    }
}
