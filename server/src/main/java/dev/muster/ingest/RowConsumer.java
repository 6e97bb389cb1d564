package dev.muster.ingest;

import dev.muster.gateway.journal.EntryKind;
import dev.muster.gateway.journal.JournalEntry;
import dev.muster.telemetry.intake.Intake;
import dev.muster.telemetry.intake.Lane;
import dev.muster.telemetry.store.Row;
import dev.muster.telemetry.store.TelemetryStore;
import java.util.ArrayList;
import java.util.List;

/** Brings what came in time of one kind of uplinks into the telemetry store. */
record RowConsumer(String name, EntryKind kind, Intake intake, TelemetryStore store) implements Consumer {

    @Override
    public boolean wants(JournalEntry entry) {
        return entry.kind() == kind;
    }

    @Override
    public void accept(List<JournalEntry> batch) {
        List<Row> rows = rows(batch, intake, Lane.ON_TIME);
        if (!rows.isEmpty()) {
            store.append(rows);
        }
    }

    static List<Row> rows(List<JournalEntry> batch, Intake intake, Lane lane) {
        List<Row> rows = new ArrayList<>();
        for (JournalEntry entry : batch) {
            rows.addAll(intake.rows(
                    new Intake.Origin(entry.asset(), entry.offset(), entry.receivedAt()), entry.requireUplink(), lane));
        }
        return rows;
    }
}
