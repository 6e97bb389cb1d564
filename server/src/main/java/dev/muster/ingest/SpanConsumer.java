package dev.muster.ingest;

import dev.muster.gateway.journal.EntryKind;
import dev.muster.gateway.journal.JournalEntry;
import dev.muster.gateway.signal.SpanBatch;
import dev.muster.telemetry.intake.Intake;
import dev.muster.telemetry.intake.SpanIntake;
import dev.muster.telemetry.store.SpanStore;
import java.util.ArrayList;
import java.util.List;

/** Brings spans of traces into their store. */
record SpanConsumer(String name, SpanIntake intake) implements Consumer {

    @Override
    public boolean wants(JournalEntry entry) {
        return entry.kind() == EntryKind.SPANS;
    }

    @Override
    public void accept(List<JournalEntry> batch) {
        List<SpanStore.Row> rows = new ArrayList<>();
        for (JournalEntry entry : batch) {
            if (wants(entry)) {
                rows.addAll(intake.rows(
                        new Intake.Origin(entry.asset(), entry.offset(), entry.receivedAt()),
                        SpanBatch.decode(entry.payload())));
            }
        }
        intake.store(rows);
    }
}
