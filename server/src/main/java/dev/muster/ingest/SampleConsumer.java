package dev.muster.ingest;

import dev.muster.gateway.journal.EntryKind;
import dev.muster.gateway.journal.JournalEntry;
import dev.muster.gateway.signal.SampleBatch;
import dev.muster.telemetry.intake.Intake;
import dev.muster.telemetry.intake.SampleIntake;
import java.util.List;

/** Brings samples of labelled series into their store. */
record SampleConsumer(String name, SampleIntake intake) implements Consumer {

    @Override
    public boolean wants(JournalEntry entry) {
        return entry.kind() == EntryKind.SAMPLES;
    }

    @Override
    public void accept(List<JournalEntry> batch) {
        SampleIntake.Batch samples = intake.batch();
        for (JournalEntry entry : batch) {
            if (wants(entry)) {
                samples.add(
                        new Intake.Origin(entry.asset(), entry.offset(), entry.receivedAt()),
                        SampleBatch.decode(entry.payload()));
            }
        }
        samples.store();
    }
}
