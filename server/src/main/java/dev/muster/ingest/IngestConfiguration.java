package dev.muster.ingest;

import dev.muster.command.CommandResults;
import dev.muster.gateway.journal.Journal;
import dev.muster.gateway.journal.JournalConfig;
import dev.muster.gateway.journal.LocalJournal;
import dev.muster.platform.config.DataDirectory;
import dev.muster.platform.config.Setting;
import dev.muster.platform.config.Settings;
import dev.muster.platform.health.ReadinessCheck;
import dev.muster.protocol.AssetId;
import dev.muster.registry.Presence;
import dev.muster.registry.asset.AssetStore;
import dev.muster.registry.asset.FirstReadings;
import dev.muster.registry.asset.LastSeen;
import dev.muster.slo.LateRows;
import dev.muster.slo.QueueSamples;
import dev.muster.telemetry.intake.Intake;
import dev.muster.telemetry.intake.Lateness;
import dev.muster.telemetry.intake.RegistrySchemas;
import dev.muster.telemetry.intake.SampleIntake;
import dev.muster.telemetry.intake.SpanIntake;
import dev.muster.telemetry.intake.TypeSchema;
import dev.muster.telemetry.store.TelemetryStore;
import dev.muster.twin.availability.AvailabilityStore;
import dev.muster.twin.availability.AvailabilityTracker;
import dev.muster.twin.presence.HeartbeatTtls;
import dev.muster.twin.presence.PresenceStore;
import dev.muster.twin.presence.PresenceTracker;
import dev.muster.twin.reported.StateTracker;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** The journal of this server, what reads it, and how both stand. */
@Configuration(proxyBeanMethods = false)
public class IngestConfiguration {
    private static final long SEGMENT_BYTES = 64L << 20;
    /** Of an asset whose type is gone. */
    private static final Duration FALLBACK_TTL = Duration.ofSeconds(90);
    /** Of the journal's bound, what may wait for a checkpoint of presence or availability. */
    private static final int UNSTORED_PART = 8;

    public static final Setting<Long> JOURNAL_MAX_BYTES = Setting.bytes(
            "journal-max-bytes",
            "4GiB",
            2 * SEGMENT_BYTES,
            "How much the journal may hold of messages that a consumer has not stored yet; beyond it assets have to wait.");

    public static final Setting<Boolean> JOURNAL_SYNC = Setting.flag(
            "journal-sync",
            true,
            "Whether a message is acknowledged only when it is on disk; false is for benchmarks and loses what was"
                    + " acknowledged when the power fails.");

    public static final List<Setting<?>> SETTINGS = List.of(JOURNAL_MAX_BYTES, JOURNAL_SYNC);

    @Bean(destroyMethod = "close")
    public Journal journal(Settings settings, DataDirectory directory, MeterRegistry meters) throws IOException {
        JournalConfig config = JournalConfig.in(directory.journal())
                .with(new JournalConfig.Files(SEGMENT_BYTES, settings.get(JOURNAL_MAX_BYTES)))
                .with(
                        settings.get(JOURNAL_SYNC)
                                ? JournalConfig.Acknowledge.WHEN_SYNCED
                                : JournalConfig.Acknowledge.WHEN_WRITTEN)
                .withConsumers(Consumers.NAMES);
        return LocalJournal.open(config, meters);
    }

    @Bean
    public PresenceStore presenceStore(JdbcClient jdbc, PlatformTransactionManager transactions, AssetStore assets) {
        return new PresenceStore(jdbc, new TransactionTemplate(transactions), assets);
    }

    @Bean
    public PresenceTracker presenceTracker(
            PresenceStore store,
            RegistrySchemas schemas,
            Journal journal,
            FirstReadings firstReadings,
            LastSeen lastSeen,
            Settings settings,
            Clock clock,
            MeterRegistry meters) {
        PresenceTracker tracker = new PresenceTracker(
                store,
                ttls(schemas),
                journal.health().nextOffset(),
                settings.get(JOURNAL_MAX_BYTES) / UNSTORED_PART,
                firstReadings::heardOf,
                clock);
        lastSeen.askOf(tracker::lastSeen);
        for (Presence presence : List.of(Presence.ONLINE, Presence.STALE, Presence.OFFLINE)) {
            Gauge.builder("muster.assets", tracker, counted -> counted.counts().getOrDefault(presence, 0))
                    .description("Assets by presence, without those never seen")
                    .tag("presence", presence.wire())
                    .register(meters);
        }
        return tracker;
    }

    @Bean
    public AvailabilityStore availabilityStore(JdbcClient jdbc, PlatformTransactionManager transactions) {
        return new AvailabilityStore(jdbc, new TransactionTemplate(transactions));
    }

    @Bean
    public AvailabilityTracker availabilityTracker(
            AvailabilityStore store, RegistrySchemas schemas, Journal journal, Settings settings, Clock clock) {
        return new AvailabilityTracker(
                store,
                asset -> ttl(schemas, asset),
                () -> journal.health().problem() == null,
                settings.get(JOURNAL_MAX_BYTES) / UNSTORED_PART,
                clock);
    }

    private static HeartbeatTtls ttls(RegistrySchemas schemas) {
        return new HeartbeatTtls() {
            @Override
            public Duration of(AssetId asset) {
                return ttl(schemas, asset);
            }

            @Override
            public Duration least() {
                return schemas.all().stream()
                        .map(TypeSchema::heartbeatTtl)
                        .min(Comparator.naturalOrder())
                        .filter(least -> least.compareTo(FALLBACK_TTL) < 0)
                        .orElse(FALLBACK_TTL);
            }
        };
    }

    private static Duration ttl(RegistrySchemas schemas, AssetId asset) {
        return schemas.of(asset).map(TypeSchema::heartbeatTtl).orElse(FALLBACK_TTL);
    }

    @Bean
    public Ingest ingest(
            Journal journal,
            PresenceTracker presence,
            AvailabilityTracker availability,
            StateTracker state,
            CommandResults commands,
            Intake intake,
            Lateness lateness,
            TelemetryStore store,
            SampleIntake samples,
            SpanIntake spans,
            RegistrySchemas schemas,
            LateRows lateRows,
            QueueSamples queue,
            DataDirectory directory,
            MeterRegistry meters,
            Clock clock) {
        return new Ingest(() -> {
            schemas.readAll();
            availability.started(journal.health().nextOffset());
            return Pipeline.start(
                    journal,
                    Consumers.inOrder(
                            presence,
                            availability,
                            state,
                            commands,
                            intake,
                            lateness,
                            store,
                            samples,
                            spans,
                            lateRows::stored),
                    new DeadLetters(directory.root().resolve("dead-letters"), DeadLetters.MAX_FILE_BYTES),
                    PipelineConfig.STANDARD,
                    meters,
                    clock,
                    queue::processed);
        });
    }

    @Bean
    public ReadinessCheck journalReadiness(Journal journal) {
        return check("journal", () -> Optional.ofNullable(journal.health().problem()));
    }

    @Bean
    public ReadinessCheck ingestReadiness(Ingest ingest) {
        return check("ingest", ingest::problem);
    }

    private static ReadinessCheck check(String name, java.util.function.Supplier<Optional<String>> problem) {
        return new ReadinessCheck() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public Optional<String> problem() {
                return problem.get();
            }
        };
    }
}
