package dev.muster.console.health;

import dev.muster.console.fleet.StoredBytes;
import dev.muster.console.health.SystemHealth.CheckView;
import dev.muster.console.health.SystemHealth.Consumer;
import dev.muster.console.health.SystemHealth.Devices;
import dev.muster.console.health.SystemHealth.LeaseView;
import dev.muster.console.health.SystemHealth.Memory;
import dev.muster.console.health.SystemHealth.Pool;
import dev.muster.console.health.SystemHealth.Queue;
import dev.muster.console.health.SystemHealth.Table;
import dev.muster.console.health.SystemHealth.Telemetry;
import dev.muster.identity.Kind;
import dev.muster.identity.Requires;
import dev.muster.identity.Verb;
import dev.muster.platform.health.HealthRoutes;
import dev.muster.platform.kept.Kept;
import dev.muster.slo.Reading;
import dev.muster.slo.SliReadings;
import dev.muster.slo.SliScope;
import io.micrometer.core.instrument.MeterRegistry;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Objects;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** {@code GET /api/v1/system-health}. */
@RestController
@Tag(name = "console")
class HealthResource {
    private static final int LEASES = 100;
    private static final int TABLES = 8;

    private final Meters meters;
    private final HealthRoutes routes;
    private final SliReadings indicators;
    private final StoredBytes.Source stored;
    private final JdbcClient jdbc;
    private final Clock clock;
    private final Kept<String, SystemHealth> kept;
    private final Kept<String, List<Table>> tables;

    HealthResource(
            MeterRegistry registry,
            HealthRoutes routes,
            SliReadings indicators,
            StoredBytes.Source stored,
            JdbcClient jdbc,
            Clock clock) {
        this.kept = new Kept<>("health", Duration.ofSeconds(2), registry);
        this.tables = new Kept<>("tables", Duration.ofMinutes(1), registry);
        this.meters = new Meters(registry);
        this.routes = routes;
        this.indicators = indicators;
        this.stored = stored;
        this.jdbc = jdbc;
        this.clock = clock;
    }

    @GetMapping("/api/v1/system-health")
    @Requires(verb = Verb.READ, kind = Kind.METRICS)
    @Operation(
            operationId = "systemHealth",
            summary = "Shows how the server does: its queue, consumers, stores and workers",
            description = "Seconds old. Counters count since the server's start; /metrics has all of them over time.")
    SystemHealth health() {
        return kept.get("", this::look);
    }

    private SystemHealth look() {
        Instant now = clock.instant();
        HealthRoutes.Readiness readiness = Objects.requireNonNull(routes.ready().getBody());
        Double started = meters.gauge("process.start.time");
        List<LeaseView> leases = leases();
        return new SystemHealth(
                now,
                started == null ? null : Instant.ofEpochMilli((long) (started * 1000)),
                readiness.ready(),
                readiness.checks().stream()
                        .map(check -> new CheckView(check.name(), check.ok(), check.problem()))
                        .toList(),
                queue(now),
                consumers(),
                devices(),
                telemetry(),
                stored.newest().orElse(null),
                tables.get("", this::largest),
                new Pool(
                        meters.gauge("hikaricp.connections.active"),
                        meters.gauge("hikaricp.connections.idle"),
                        meters.gauge("hikaricp.connections.pending"),
                        meters.gauge("hikaricp.connections.max")),
                new Memory(
                        meters.gauge("jvm.memory.used", "area", "heap"),
                        (double) Runtime.getRuntime().maxMemory(),
                        meters.gauge("process.cpu.usage")),
                leases,
                leasesHeld());
    }

    private Queue queue(Instant now) {
        return new Queue(
                indicators
                        .of("queue", SliScope.FLEET, Duration.ofHours(1), now)
                        .map(Reading::value)
                        .orElse(null),
                meters.gauge("muster.journal.queued"),
                meters.gauge("muster.journal.bytes"),
                meters.gauge("muster.journal.max.bytes"),
                meters.count("muster.journal.entries"),
                meters.latency("muster.journal.sync"),
                meters.latency("muster.journal.wait"),
                meters.counts("muster.journal.refused", "reason"),
                meters.counts("muster.journal.failed", "reason"));
    }

    private List<Consumer> consumers() {
        return meters.tagValues("muster.ingest.lag", "consumer").stream()
                .map(name -> new Consumer(
                        name,
                        meters.gauge("muster.ingest.lag", "consumer", name),
                        meters.gauge("muster.journal.lag", "consumer", name),
                        meters.latency("muster.ingest.latency", "consumer", name),
                        meters.count("muster.ingest.entries", "consumer", name),
                        meters.count("muster.ingest.failures", "consumer", name),
                        meters.count("muster.ingest.dead.letters", "consumer", name),
                        meters.count("muster.journal.undecodable", "consumer", name)))
                .toList();
    }

    private Devices devices() {
        return new Devices(
                meters.gauge("muster.mqtt.sessions"),
                meters.counts("muster.mqtt.pauses", "reason"),
                meters.counts("muster.mqtt.refusals", "reason"),
                meters.counts("muster.mqtt.connections.refused", "reason"),
                meters.count("muster.uplinks.malformed"),
                meters.count("muster.tls.handshakes.failed"));
    }

    private Telemetry telemetry() {
        Double restoring = meters.gauge("muster.telemetry.latest.restoring");
        return new Telemetry(
                meters.gauge("muster.telemetry.unapplied"),
                meters.gauge("muster.telemetry.summed.behind.seconds"),
                meters.gauge("muster.telemetry.packed.failures"),
                restoring != null && restoring > 0,
                meters.counts("muster.telemetry.refused", "reason"));
    }

    private List<Table> largest() {
        return jdbc.sql("""
                        select c.relname as name, pg_total_relation_size(c.oid) as bytes
                        from pg_class c join pg_namespace n on n.oid = c.relnamespace
                        where c.relkind in ('r', 'p') and n.nspname = current_schema() order by 2 desc, 1 limit :limit""")
                .param("limit", TABLES)
                .query((row, _) -> new Table(row.getString("name"), row.getLong("bytes")))
                .list();
    }

    private long leasesHeld() {
        return jdbc.sql("select count(*) from lease where expires_at > clock_timestamp()")
                .query(Long.class)
                .single();
    }

    /** Those that nobody holds first. A lease of something that is done stays in the table and says nothing. */
    private List<LeaseView> leases() {
        return jdbc.sql("""
                        select name, holder, token, expires_at, expires_at > clock_timestamp() as held from lease
                        where expires_at > clock_timestamp() - interval '1 hour' order by held, name limit :limit""")
                .param("limit", LEASES)
                .query((row, _) -> new LeaseView(
                        row.getString("name"),
                        row.getString("holder"),
                        row.getLong("token"),
                        row.getObject("expires_at", OffsetDateTime.class).toInstant(),
                        row.getBoolean("held")))
                .list();
    }
}
