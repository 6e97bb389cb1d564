package dev.muster.command;

import dev.muster.gateway.signal.Span;
import dev.muster.protocol.Uplink;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * The trace of a command that has ended: what the server did out of what is stored of it, and what its asset said that it did.
 *
 * <pre>
 * command NAME        given … settled; the steps of its history as events
 * ├ queued            until its run had a slot for it
 * ├ delivered         until it was handed to a session of the asset
 * ├ answered          until the asset's last word
 * └ agent             by the asset's clock: check, wait, execute
 * </pre>
 */
final class CommandSpans {
    static final String SERVER = "muster";
    static final String AGENT = "agent";
    /** What clocks may be apart before the asset's spans are moved to where they must have been. */
    static final Duration TOLERANCE = Duration.ofSeconds(2);

    private static final int INTERNAL = 1;
    private static final int OF_SERVER = 2;
    private static final int ERROR = 2;
    private static final int UNSET = 0;
    private static final JsonMapper JSON = JsonMapper.shared();

    private CommandSpans() {}

    /**
     * @param command that is settled
     * @param parent span of whoever asked for it, 0 when it is not known
     * @param said by the asset; what is of another trace is left out
     */
    static List<Span> of(Command command, List<CommandStore.Line> history, long parent, List<Uplink.Span> said) {
        return new Making(command).make(history, parent, said);
    }

    private static final class Making {
        private final Command command;
        private final String trace;
        private final long high;
        private final long low;
        private final long root;
        private final Instant end;
        private final List<Span> spans = new ArrayList<>();

        Making(Command command) {
            this.command = command;
            this.trace = command.traceparent().substring(3, 35);
            this.high = HexFormat.fromHexDigitsToLong(trace, 0, 16);
            this.low = HexFormat.fromHexDigitsToLong(trace, 16, 32);
            this.root = HexFormat.fromHexDigitsToLong(command.traceparent(), 36, 52);
            this.end = Objects.requireNonNull(command.progress().settledAt(), "a command with a trace is settled");
        }

        List<Span> make(List<CommandStore.Line> history, long parent, List<Uplink.Span> said) {
            String error = error();
            add(
                    root,
                    parent,
                    "command " + command.name(),
                    OF_SERVER,
                    command.createdAt(),
                    end,
                    error,
                    about(),
                    events(history));
            Instant pending = command.pendingAt();
            if (pending == null || pending.isAfter(command.createdAt())) {
                child("queued", command.createdAt(), pending, "its run had no slot for it");
            }
            Instant sent = command.sentAt();
            if (pending != null) {
                child("delivered", pending, sent, "it was never handed to a session of the asset");
            }
            if (sent != null) {
                String silent =
                        command.progress().settledBy() == Settler.ASSET ? null : "no last word of the asset came";
                add(id("answered"), root, "answered", INTERNAL, sent, end, silent, Map.of(), "[]");
            }
            said.stream().filter(span -> span.traceId().equals(trace)).forEach(span -> add(span, shift(said)));
            return spans;
        }

        /** @param until null when it never came so far */
        private void child(String name, Instant from, @Nullable Instant until, String otherwise) {
            add(
                    id(name),
                    root,
                    name,
                    INTERNAL,
                    from,
                    until == null ? end : until,
                    until == null ? otherwise : null,
                    Map.of(),
                    "[]");
        }

        /** By how much the asset's spans are moved: nothing as long as its clock is about right. */
        private Duration shift(List<Uplink.Span> said) {
            Instant begin = command.sentAt() == null ? command.createdAt() : command.sentAt();
            Instant first =
                    micros(said.stream().mapToLong(Uplink.Span::start).min().orElse(0));
            Instant last =
                    micros(said.stream().mapToLong(Uplink.Span::end).max().orElse(0));
            boolean right = !first.isBefore(begin.minus(TOLERANCE)) && !last.isAfter(end.plus(TOLERANCE));
            return right ? Duration.ZERO : Duration.between(first, begin);
        }

        private void add(Uplink.Span span, Duration shift) {
            Map<String, Object> attributes = new LinkedHashMap<>(span.attributes());
            if (!shift.isZero()) {
                attributes.put("muster.clock.moved.ms", shift.toMillis());
            }
            Instant from = micros(span.start()).plus(shift);
            Instant to = micros(span.end()).plus(shift);
            String about = JSON.writeValueAsString(attributes);
            spans.add(new Span(
                    high,
                    low,
                    HexFormat.fromHexDigitsToLong(span.spanId()),
                    span.parentSpanId() == null ? root : HexFormat.fromHexDigitsToLong(span.parentSpanId()),
                    span.name(),
                    INTERNAL,
                    nanos(from),
                    Math.max(nanos(from), nanos(to)),
                    span.error() == null ? UNSET : ERROR,
                    cut(span.error()),
                    AGENT,
                    about.length() <= Span.MAX_JSON_LENGTH ? about : "{}",
                    "{}",
                    "[]",
                    "[]"));
        }

        private void add(
                long id,
                long parent,
                String name,
                int kind,
                Instant from,
                Instant to,
                @Nullable String error,
                Map<String, Object> attributes,
                String events) {
            spans.add(new Span(
                    high,
                    low,
                    id,
                    parent,
                    name,
                    kind,
                    nanos(from),
                    Math.max(nanos(from), nanos(to)),
                    error == null ? UNSET : ERROR,
                    cut(error),
                    SERVER,
                    JSON.writeValueAsString(attributes),
                    "{\"service.name\":\"muster\"}",
                    events,
                    "[]"));
        }

        private @Nullable String error() {
            return switch (command.status()) {
                case SUCCEEDED, CANCELLED, QUEUED, PENDING, ACCEPTED, RUNNING -> null;
                case FAILED, REJECTED, EXPIRED, INDETERMINATE -> why();
            };
        }

        private String why() {
            String reason = command.reason();
            if (reason != null) {
                return command.status().wire() + ": " + reason;
            }
            String said = command.detail() == null
                    ? ""
                    : command.detail().path("reason").asString("");
            return said.isEmpty() ? command.status().wire() : command.status().wire() + ": " + said;
        }

        private Map<String, Object> about() {
            Map<String, Object> about = new LinkedHashMap<>();
            about.put("muster.asset", command.asset().value());
            about.put("muster.command.id", command.id());
            about.put("muster.command.name", command.name());
            about.put("muster.command.status", command.status().wire());
            about.put("muster.command.attempt", command.attempt());
            about.put("muster.command.by", command.createdBy());
            if (command.run() != null) {
                about.put("muster.command.run", command.run());
            }
            if (command.progress().late()) {
                about.put("muster.command.late", true);
            }
            return about;
        }

        private static String events(List<CommandStore.Line> history) {
            return JSON.writeValueAsString(history.stream()
                    .map(line -> Map.of(
                            "timeNanos", nanos(line.at()), "name", line.status().wire(), "attributes", Map.of()))
                    .toList());
        }

        /** The same each time it is worked out. */
        private long id(String name) {
            long hash = root;
            for (int i = 0; i < name.length(); i++) {
                hash = (hash ^ name.charAt(i)) * 0x100000001b3L;
            }
            return hash | 1;
        }
    }

    private static String cut(@Nullable String text) {
        if (text == null) {
            return "";
        }
        return text.length() <= Span.MAX_TEXT_LENGTH ? text : text.substring(0, Span.MAX_TEXT_LENGTH);
    }

    private static Instant micros(long since) {
        return Instant.EPOCH.plusNanos(since * 1_000);
    }

    private static long nanos(Instant at) {
        return at.getEpochSecond() * 1_000_000_000L + at.getNano();
    }
}
