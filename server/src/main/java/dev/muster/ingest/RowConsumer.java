package dev.muster.ingest;

import dev.muster.gateway.journal.EntryKind;
import dev.muster.gateway.journal.JournalEntry;
import dev.muster.telemetry.intake.Intake;
import dev.muster.telemetry.store.Row;
import dev.muster.telemetry.store.TelemetryStore;
import java.util.ArrayList;
import java.util.List;

/** Brings uplinks of one kind into the telemetry store. */
record RowConsumer(String name, EntryKind kind, Intake intake, TelemetryStore store) implements Consumer {

    @Override
    public void accept(List<JournalEntry> batch) {
        List<Row> rows = new ArrayList<>();
        for (JournalEntry entry : batch) {
            if (entry.kind() == kind) {
                rows.addAll(intake.rows(
                        new Intake.Origin(entry.asset(), entry.offset(), entry.receivedAt()), entry.requireUplink()));
            }
        }
        if (!rows.isEmpty()) {
            store.append(rows);
        }
    }
}
