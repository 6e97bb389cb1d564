package dev.muster.console.health;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.muster.console.fleet.StoredBytes;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How the server does. Counters count since its start; what nobody measures, or measured lately, is null.
 *
 * @param started when the process was
 * @param checks those of {@code /readyz}
 * @param stored newest measurement; null while there is none
 */
@Schema(name = "SystemHealth")
@JsonInclude(JsonInclude.Include.NON_NULL)
record SystemHealth(
        Instant at,
        @Nullable Instant started,
        boolean ready,
        List<CheckView> checks,
        Queue queue,
        List<Consumer> consumers,
        Devices devices,
        Telemetry telemetry,
        @Nullable StoredBytes stored,
        List<Table> tables,
        Pool database,
        Memory memory,
        List<LeaseView> leases,
        long leasesHeld) {

    /** @param problem why it is not ok, worded for an operator */
    @Schema(name = "SystemCheck")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record CheckView(String name, boolean ok, @Nullable String problem) {}

    /**
     * The journal: what was received and is not yet everywhere.
     *
     * @param inTime share of messages that were durable in a consumer's store within five seconds, over the last hour (M9)
     * @param queued entries offered and not yet durable
     * @param sync of one fdatasync, in milliseconds
     * @param durable from offering an entry until it is durable, in milliseconds
     */
    @Schema(name = "SystemQueue")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Queue(
            @Nullable Double inTime,
            @Nullable Double queued,
            @Nullable Double bytes,
            @Nullable Double maxBytes,
            @Nullable Double entries,
            @Nullable Latency sync,
            @Nullable Latency durable,
            List<Count> refused,
            List<Count> failed) {}

    /** In milliseconds, of the last minutes. */
    @Schema(name = "SystemLatency")
    record Latency(double p50, double p99) {}

    @Schema(name = "SystemCount")
    record Count(String reason, double count) {}

    /**
     * @param lag durable entries that it has not accepted
     * @param uncommitted entries that the journal keeps for it
     * @param latency from the receipt of a message until it is durable in its store
     */
    @Schema(name = "SystemConsumer")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Consumer(
            String name,
            @Nullable Double lag,
            @Nullable Double uncommitted,
            @Nullable Latency latency,
            double entries,
            double failures,
            double deadLetters,
            double undecodable) {}

    /** @param pauses how often reading from a session was stopped, by what had no room */
    @Schema(name = "SystemDevices")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Devices(
            @Nullable Double sessions,
            List<Count> pauses,
            List<Count> refusals,
            List<Count> connectionsRefused,
            double malformed,
            double handshakesFailed) {}

    /** @param unapplied rows that are on disk and cannot be read yet */
    @Schema(name = "SystemTelemetry")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Telemetry(
            @Nullable Double unapplied,
            @Nullable Double summedBehindSeconds,
            @Nullable Double packFailures,
            boolean restoring,
            List<Count> refused) {}

    /** One of the largest tables of PostgreSQL, with its indexes. */
    @Schema(name = "SystemTable")
    record Table(String name, long bytes) {}

    /** Connections to PostgreSQL. */
    @Schema(name = "SystemPool")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Pool(
            @Nullable Double active,
            @Nullable Double idle,
            @Nullable Double waiting,
            @Nullable Double max) {}

    /** @param processor share of all processors that this process uses, 0 to 1 */
    @Schema(name = "SystemMemory")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Memory(
            @Nullable Double heap,
            @Nullable Double heapMax,
            @Nullable Double processor) {}

    /** @param held false when its holder went away, and nobody has taken it since */
    @Schema(name = "SystemLease")
    record LeaseView(String name, String holder, long token, Instant expires, boolean held) {}
}
