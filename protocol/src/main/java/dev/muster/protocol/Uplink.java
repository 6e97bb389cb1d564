package dev.muster.protocol;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an asset says. One record per topic of docs/protocol.md; a backlog is a list in one message.
 *
 * <p>Event times {@code ts} are milliseconds since the epoch by the asset's clock; null where the asset sent none, and
 * then the receive time stands in for it.
 */
public sealed interface Uplink {
    UplinkKind kind();

    /** What the agent is and can do; optional, first on a session. */
    record Hello(int protocol, String agent, List<String> capabilities) implements Uplink {
        @Override
        public UplinkKind kind() {
            return UplinkKind.HELLO;
        }
    }

    /** A sign of life; {@code health} holds numbers, strings and booleans by name. */
    record Heartbeat(@Nullable Long ts, @Nullable Long seq, Map<String, Object> health) implements Uplink {
        @Override
        public UplinkKind kind() {
            return UplinkKind.HEARTBEAT;
        }
    }

    record Telemetry(List<Reading> readings) implements Uplink {
        @Override
        public UplinkKind kind() {
            return UplinkKind.TELEMETRY;
        }
    }

    /** Metrics of one moment; SI units unless the type says otherwise. */
    record Reading(@Nullable Long ts, Metrics values) {
        public Reading(@Nullable Long ts, Map<String, Object> values) {
            this(ts, Metrics.of(values));
        }
    }

    record Positions(List<Fix> fixes) implements Uplink {
        @Override
        public UplinkKind kind() {
            return UplinkKind.POSITION;
        }
    }

    /** WGS 84 degrees, metres, metres per second, degrees clockwise from north. */
    record Fix(
            @Nullable Long ts,
            double lat,
            double lon,
            @Nullable Double alt,
            @Nullable Double speed,
            @Nullable Double heading,
            @Nullable Double accuracy,
            @Nullable String fix) {}

    /**
     * What the asset runs; stale reports are told by {@code generation} and {@code bootId}.
     *
     * @param generation of the desired state that {@code config} results from
     * @param config as it is in effect; a text of more than 256 characters may stand as {@code sha256:} and its SHA-256
     * @param software the version of each component that runs
     * @param updates the last change of each component, under way or ended
     * @param rejected a newer desired state that the asset did not keep
     */
    record StateReport(
            @Nullable Long ts,
            @Nullable Long generation,
            Map<String, Object> config,
            Map<String, String> software,
            Map<String, Update> updates,
            @Nullable Rejected rejected,
            @Nullable String bootId)
            implements Uplink {
        @Override
        public UplinkKind kind() {
            return UplinkKind.STATE_REPORTED;
        }
    }

    /**
     * How a component's change to another version stands.
     *
     * @param version the one that was asked for
     * @param progress of a download, percent
     * @param reason why it failed
     * @param previous the version that ran before, and to which the asset can go back
     * @param attempt as in the desired state, so that a second try is told from the first
     */
    record Update(
            String version,
            State state,
            @Nullable Integer progress,
            @Nullable String reason,
            @Nullable String previous,
            @Nullable String attempt) {
        public enum State {
            NOTIFIED,
            DOWNLOADING,
            INSTALLED,
            REBOOTING,
            /** Runs, and has not been healthy for long enough. */
            VERIFYING,
            SUCCEEDED,
            /** Did not get as far as to run. */
            FAILED,
            /** Ran, did not become healthy; {@code previous} runs again. */
            ROLLED_BACK
        }
    }

    /** @param generation that could not be kept; the asset is back at what it reports */
    record Rejected(long generation, String reason) {}

    record Events(List<Event> events) implements Uplink {
        @Override
        public UplinkKind kind() {
            return UplinkKind.EVENTS;
        }
    }

    record Event(
            @Nullable Long ts,
            String type,
            Severity severity,
            @Nullable String message,
            Map<String, Object> data) {}

    record Logs(List<LogRecord> records) implements Uplink {
        @Override
        public UplinkKind kind() {
            return UplinkKind.LOGS;
        }
    }

    record LogRecord(@Nullable Long ts, Severity severity, String body, Map<String, Object> attributes) {}

    /** @param spans what the asset did about it, as a part of the command's trace; may come with any of its words */
    record CommandResult(
            String commandId, Status status, @Nullable Object detail, List<Span> spans) implements Uplink {
        public CommandResult {
            spans = List.copyOf(spans);
        }

        public CommandResult(String commandId, Status status, @Nullable Object detail) {
            this(commandId, status, detail, List.of());
        }

        public enum Status {
            ACCEPTED,
            RUNNING,
            SUCCEEDED,
            FAILED,
            REJECTED,
            EXPIRED,
            INDETERMINATE
        }

        @Override
        public UplinkKind kind() {
            return UplinkKind.COMMAND_RESULT;
        }
    }

    /**
     * One operation of a trace, as OpenTelemetry has it.
     *
     * @param traceId 32 hexadecimal digits
     * @param spanId 16; {@code parentSpanId} alike
     * @param start microseconds since the epoch by the asset's clock; {@code end} alike
     * @param error what went wrong; null when nothing did
     */
    record Span(
            String traceId,
            String spanId,
            @Nullable String parentSpanId,
            String name,
            long start,
            long end,
            @Nullable String error,
            Map<String, Object> attributes) {}
}
