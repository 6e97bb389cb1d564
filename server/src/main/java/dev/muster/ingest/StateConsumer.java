package dev.muster.ingest;

import dev.muster.gateway.journal.JournalEntry;
import dev.muster.twin.reported.StateTracker;
import java.util.List;

/** Tells the twin what assets report of their state, and when a session opened after which they have to report again. */
record StateConsumer(String name, StateTracker state) implements Consumer {

    @Override
    public void accept(List<JournalEntry> batch) {
        state.accept(batch);
    }
}
