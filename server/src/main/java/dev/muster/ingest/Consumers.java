package dev.muster.ingest;

import static dev.muster.gateway.journal.EntryKind.EVENTS;
import static dev.muster.gateway.journal.EntryKind.LOGS;
import static dev.muster.gateway.journal.EntryKind.POSITION;
import static dev.muster.gateway.journal.EntryKind.TELEMETRY;

import dev.muster.command.CommandResults;
import dev.muster.telemetry.intake.Intake;
import dev.muster.telemetry.intake.Lateness;
import dev.muster.telemetry.intake.SampleIntake;
import dev.muster.telemetry.intake.SpanIntake;
import dev.muster.telemetry.store.Row;
import dev.muster.telemetry.store.TelemetryStore;
import dev.muster.twin.availability.AvailabilityTracker;
import dev.muster.twin.presence.PresenceTracker;
import dev.muster.twin.reported.StateTracker;
import java.util.List;
import java.util.Set;

/**
 * The consumers of the journal, in order.
 *
 * <p>The way of a reading: socket → session → {@code UplinkCodec} → {@code Journal} (on disk, acknowledged) → each
 * consumer below by itself → its store. A consumer that is down stops only itself; the journal keeps what it has not read.
 */
public final class Consumers {
    public static final String PRESENCE = "presence";
    public static final String AVAILABILITY = "availability";
    public static final String STATE = "state";
    public static final String COMMAND_RESULTS = "command-results";
    public static final String TELEMETRY_ROWS = "telemetry";
    public static final String POSITIONS = "positions";
    public static final String EVENT_ROWS = "events";
    public static final String LOG_LINES = "logs";
    public static final String LATE_ROWS = "late";
    public static final String SAMPLES = "samples";
    public static final String SPANS = "spans";

    /** As the journal has to know them when it opens: it deletes only what all of them have made durable. */
    public static final Set<String> NAMES = Set.of(
            PRESENCE,
            AVAILABILITY,
            STATE,
            COMMAND_RESULTS,
            TELEMETRY_ROWS,
            POSITIONS,
            EVENT_ROWS,
            LOG_LINES,
            LATE_ROWS,
            SAMPLES,
            SPANS);

    private Consumers() {}

    public static List<Consumer> inOrder(
            PresenceTracker presence,
            AvailabilityTracker availability,
            StateTracker state,
            CommandResults commands,
            Intake intake,
            Lateness lateness,
            TelemetryStore store,
            SampleIntake samples,
            SpanIntake spans,
            java.util.function.Consumer<List<Row>> storedLate) {
        return List.of(
                new PresenceConsumer(PRESENCE, presence),
                new AvailabilityConsumer(AVAILABILITY, availability),
                new StateConsumer(STATE, state),
                new CommandResultConsumer(COMMAND_RESULTS, commands),
                new RowConsumer(TELEMETRY_ROWS, TELEMETRY, intake, store),
                new RowConsumer(POSITIONS, POSITION, intake, store),
                new RowConsumer(EVENT_ROWS, EVENTS, intake, store),
                new RowConsumer(LOG_LINES, LOGS, intake, store),
                new LateRowConsumer(LATE_ROWS, lateness, intake, store, storedLate),
                new SampleConsumer(SAMPLES, samples),
                new SpanConsumer(SPANS, spans));
    }
}
