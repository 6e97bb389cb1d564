package dev.muster.ingest;

import dev.muster.gateway.journal.EntryKind;
import dev.muster.gateway.journal.Journal;
import dev.muster.gateway.journal.JournalConfig;
import dev.muster.gateway.journal.LocalJournal;
import dev.muster.telemetry.intake.Intake;
import dev.muster.telemetry.intake.Lateness;
import dev.muster.telemetry.intake.LogSampling;
import dev.muster.telemetry.intake.RefusedReport;
import dev.muster.telemetry.intake.TypeSchema;
import dev.muster.telemetry.questdb.QuestDbStore;
import dev.muster.telemetry.store.MetricKind;
import dev.muster.telemetry.store.Retention;
import dev.muster.telemetry.store.TelemetryStore;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;

/** Journal, pipeline and store in a process of their own, to be killed. Prints every message that was acknowledged. */
final class IngestingProgram {
    private static final int IN_FLIGHT = 200;

    private IngestingProgram() {}

    record Parts(Journal journal, TelemetryStore store, Pipeline pipeline) implements AutoCloseable {
        @Override
        public void close() {
            pipeline.close();
            store.close();
            journal.close();
        }
    }

    static Parts open(Path folder) throws Exception {
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        TypeSchema vehicle = new TypeSchema(
                "vehicle",
                Map.of("speed", new TypeSchema.Metric(MetricKind.NUMBER, false, null, null, "m/s")),
                10,
                Duration.ofSeconds(90),
                Retention.STANDARD,
                Map.of());
        Journal journal = LocalJournal.open(
                JournalConfig.in(folder.resolve("journal")).withConsumers(Set.of("telemetry", "logs", "late")), meters);
        TelemetryStore store = QuestDbStore.open(
                Files.createDirectories(folder.resolve("questdb")), Retention.STANDARD, true, Clock.systemUTC());
        Intake intake = new Intake(
                store,
                _ -> Optional.of(vehicle),
                new RefusedReport(meters),
                new LogSampling(meters, (_, _) -> false),
                Lateness.STANDARD);
        Pipeline pipeline = Pipeline.start(
                journal,
                List.of(
                        new RowConsumer("telemetry", EntryKind.TELEMETRY, intake, store),
                        new RowConsumer("logs", EntryKind.LOGS, intake, store),
                        new LateRowConsumer("late", Lateness.STANDARD, intake, store, _ -> {})),
                new DeadLetters(folder.resolve("dead"), DeadLetters.MAX_FILE_BYTES),
                PipelineConfig.STANDARD,
                meters,
                Clock.systemUTC());
        return new Parts(journal, store, pipeline);
    }

    /** Arguments: folder, time of the first message, number of the first message to send, assets. */
    public static void main(String[] args) throws Exception {
        long base = Long.parseLong(args[1]);
        int assets = Integer.parseInt(args[3]);
        Semaphore room = new Semaphore(IN_FLIGHT);
        try (Parts parts = open(Path.of(args[0]))) {
            for (int message = Integer.parseInt(args[2]); message < 1_000_000; message++) {
                room.acquire();
                int number = message;
                CompletableFuture.allOf(KilledWhileIngestingTest.send(parts, base, message, assets)
                                .toArray(CompletableFuture<?>[]::new))
                        .thenRun(() -> {
                            System.out.println("acknowledged " + number);
                            room.release();
                        });
            }
        }
    }
}
