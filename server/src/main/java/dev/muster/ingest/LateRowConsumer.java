package dev.muster.ingest;

import dev.muster.gateway.journal.JournalEntry;
import dev.muster.telemetry.intake.Intake;
import dev.muster.telemetry.intake.Lane;
import dev.muster.telemetry.intake.Lateness;
import dev.muster.telemetry.store.Row;
import dev.muster.telemetry.store.TelemetryStore;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Brings what is late, of every kind, into the telemetry store: in rare and large commits, because each costs as much as
 * the rows behind which its own come. A backlog of a week holds up other late rows at most.
 *
 * @param stored is told of them before they are committed; what was summed up without them is to be summed up again
 */
record LateRowConsumer(
        String name,
        Lateness lateness,
        Intake intake,
        TelemetryStore store,
        java.util.function.Consumer<List<Row>> stored)
        implements Consumer {
    private static final Duration LINGER = Duration.ofSeconds(3);

    @Override
    public boolean wants(JournalEntry entry) {
        return entry.uplink() != null && lateness.concerns(entry.uplink(), entry.receivedAt());
    }

    @Override
    public Optional<Duration> linger() {
        return Optional.of(LINGER);
    }

    @Override
    public void accept(List<JournalEntry> batch) {
        List<Row> rows = RowConsumer.rows(batch, intake, Lane.LATE);
        if (!rows.isEmpty()) {
            store.appendLate(rows);
            stored.accept(rows);
        }
    }
}
