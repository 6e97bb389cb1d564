package dev.muster.telemetry.intake;

import dev.muster.protocol.AssetId;
import dev.muster.protocol.MetricNames;
import dev.muster.protocol.Metrics;
import dev.muster.protocol.Uplink;
import dev.muster.telemetry.store.MetricKind;
import dev.muster.telemetry.store.MetricNameException;
import dev.muster.telemetry.store.Row;
import dev.muster.telemetry.store.TelemetryStore;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * Turns uplinks into rows: bounds event times, checks metrics against the asset's type, makes room for metrics that the
 * type does not declare up to its limit, and counts whatever is not stored as it came.
 *
 * <p>The same journal entry always gives the same rows: nothing here looks at the clock.
 */
public final class Intake {
    private final TelemetryStore store;
    private final AssetSchemas schemas;
    private final RefusedReport refused;
    private final LogSampling sampling;
    private final Lateness lateness;
    private final JsonMapper json = JsonMapper.shared();
    /** The schema of a type whose declared metrics the store is known to have room for. */
    private final ConcurrentMap<String, TypeSchema> declared = new ConcurrentHashMap<>();
    /** By hash of type and names; a newcomer takes the place of another. */
    private final AtomicReferenceArray<@Nullable KnownNames> known = new AtomicReferenceArray<>(1024);

    /** Where an uplink comes from. */
    public record Origin(AssetId asset, long offset, long receivedAt) {}

    public Intake(
            TelemetryStore store,
            AssetSchemas schemas,
            RefusedReport refused,
            LogSampling sampling,
            Lateness lateness) {
        this.store = store;
        this.schemas = schemas;
        this.refused = refused;
        this.sampling = sampling;
        this.lateness = lateness;
    }

    /** Each row of a message is in one lane; what is refused is counted with it. */
    public List<Row> rows(Origin origin, Uplink uplink, Lane lane) {
        return switch (uplink) {
            case Uplink.Telemetry telemetry ->
                ofType(origin, "telemetry", lane, type -> samples(origin, type, telemetry, lane));
            case Uplink.Positions positions ->
                ofType(origin, "position", lane, type -> positions(origin, type, positions, lane));
            case Uplink.Events events -> ofType(origin, "events", lane, type -> happenings(origin, type, events, lane));
            case Uplink.Logs logs -> ofType(origin, "logs", lane, type -> logLines(origin, type, logs, lane));
            case Uplink.Hello _, Uplink.Heartbeat _, Uplink.StateReport _, Uplink.CommandResult _ -> List.of();
        };
    }

    private List<Row> ofType(Origin origin, String subject, Lane lane, Function<TypeSchema, List<Row>> rows) {
        Optional<TypeSchema> schema = schemas.of(origin.asset());
        if (schema.isPresent()) {
            return rows.apply(schema.get());
        }
        if (lane == Lane.ON_TIME) { // which sees every message
            refuse(origin, subject, Reason.UNKNOWN_ASSET, "the registry does not know the asset");
        }
        return List.of();
    }

    private List<Row> samples(Origin origin, TypeSchema schema, Uplink.Telemetry telemetry, Lane lane) {
        declareMetricsOf(schema);
        List<Row> rows = new ArrayList<>(telemetry.readings().size());
        for (int i = 0; i < telemetry.readings().size(); i++) {
            Uplink.Reading reading = telemetry.readings().get(i);
            if (!isIn(lane, reading.ts(), origin)) {
                continue;
            }
            EventTime time = time(
                    origin, "telemetry", reading.ts(), i, schema.retention().telemetryDays());
            if (time == null) {
                continue;
            }
            KnownNames known = knownNames(schema, reading.values().names());
            Metrics values =
                    known.accepts(reading.values()) ? reading.values() : accepted(origin, schema, reading.values());
            if (!values.isEmpty()) {
                rows.add(new Row.Sample(
                        time.ts(),
                        origin.asset(),
                        schema.type(),
                        origin.receivedAt(),
                        known.key(),
                        time.tie(),
                        values));
            }
        }
        return rows;
    }

    private void declareMetricsOf(TypeSchema schema) {
        if (declared.get(schema.type()) == schema) {
            return;
        }
        Map<String, MetricKind> kinds = new HashMap<>();
        schema.metrics().forEach((name, metric) -> kinds.put(name, metric.kind()));
        store.declare(schema.type(), kinds);
        declared.put(schema.type(), schema);
    }

    /** Remembered for as long as the type and its table stay as they are. */
    private KnownNames knownNames(TypeSchema schema, MetricNames names) {
        int slot = (names.hashCode() ^ schema.type().hashCode()) & (known.length() - 1);
        Map<String, MetricKind> stored = store.metrics(schema.type());
        KnownNames found = known.get(slot);
        if (found == null || !found.isFor(schema, stored, names)) {
            found = KnownNames.of(schema, stored, names);
            known.set(slot, found);
        }
        return found;
    }

    private Metrics accepted(Origin origin, TypeSchema schema, Metrics sent) {
        Map<String, Object> accepted = new LinkedHashMap<>();
        sent.forEach((metric, value) -> {
            if (isAccepted(origin, schema, metric, value)) {
                accepted.put(metric, value);
            }
        });
        return Metrics.of(accepted);
    }

    private boolean isAccepted(Origin origin, TypeSchema schema, String metric, Object value) {
        MetricKind kind = MetricKind.of(value);
        MetricKind stored = store.metrics(schema.type()).get(metric);
        if (stored == null) {
            return roomIsMade(origin, schema, metric, kind);
        }
        if (stored != kind) {
            refuse(
                    origin,
                    metric,
                    Reason.WRONG_KIND,
                    "it is a " + kind.wire() + ", the metric is kept as " + stored.wire());
            return false;
        }
        TypeSchema.Metric declaration = schema.metrics().get(metric);
        if (declaration != null && value instanceof Number number) {
            return checkedNumber(origin, metric, declaration, number.doubleValue());
        }
        return true;
    }

    private boolean checkedNumber(Origin origin, String metric, TypeSchema.Metric declaration, double value) {
        if (declaration.whole() && value != Math.rint(value)) {
            refuse(origin, metric, Reason.WRONG_KIND, value + " is not a whole number, as the type wants it");
            return false;
        }
        if (!declaration.inBounds(value)) {
            refuse(
                    origin,
                    metric,
                    Reason.OUT_OF_BOUNDS,
                    value + " is outside of the declared bounds " + bound(declaration.min()) + " to "
                            + bound(declaration.max()));
        }
        return true;
    }

    private boolean roomIsMade(Origin origin, TypeSchema schema, String metric, MetricKind kind) {
        long undeclared = store.metrics(schema.type()).keySet().stream()
                .filter(name -> !schema.metrics().containsKey(name))
                .count();
        if (undeclared >= schema.undeclaredLimit()) {
            refuse(
                    origin,
                    metric,
                    Reason.UNDECLARED_LIMIT,
                    "type " + schema.type() + " does not declare it and has " + undeclared + " undeclared metrics of "
                            + schema.undeclaredLimit()
                            + " allowed; declare it in the type, or raise unknownMetricsLimit");
            return false;
        }
        try {
            store.declare(schema.type(), Map.of(metric, kind));
            return true;
        } catch (MetricNameException e) {
            refuse(
                    origin,
                    metric.substring(0, Math.min(metric.length(), 64)),
                    Reason.NAME,
                    String.valueOf(e.getMessage()));
            return false;
        }
    }

    private List<Row> positions(Origin origin, TypeSchema schema, Uplink.Positions positions, Lane lane) {
        List<Row> rows = new ArrayList<>(positions.fixes().size());
        for (int i = 0; i < positions.fixes().size(); i++) {
            Uplink.Fix fix = positions.fixes().get(i);
            if (!isIn(lane, fix.ts(), origin)) {
                continue;
            }
            EventTime time =
                    time(origin, "position", fix.ts(), i, schema.retention().positionDays());
            if (time != null) {
                rows.add(new Row.Position(
                        time.ts(),
                        origin.asset(),
                        schema.type(),
                        origin.receivedAt(),
                        fix.lat(),
                        fix.lon(),
                        fix.alt(),
                        fix.speed(),
                        fix.heading(),
                        fix.accuracy(),
                        fix.fix()));
            }
        }
        return rows;
    }

    private List<Row> happenings(Origin origin, TypeSchema schema, Uplink.Events events, Lane lane) {
        List<Row> rows = new ArrayList<>(events.events().size());
        for (int i = 0; i < events.events().size(); i++) {
            Uplink.Event event = events.events().get(i);
            if (!isIn(lane, event.ts(), origin)) {
                continue;
            }
            EventTime time =
                    time(origin, "events", event.ts(), i, schema.retention().eventDays());
            if (time != null) {
                String data = json.writeValueAsString(event.data());
                String message = event.message() == null ? "" : event.message();
                long hash = Keys.content(event.type(), event.severity().name(), message, data) + time.tie();
                rows.add(new Row.Happening(
                        time.ts(),
                        origin.asset(),
                        schema.type(),
                        origin.receivedAt(),
                        hash,
                        event.type(),
                        event.severity(),
                        event.message(),
                        data));
            }
        }
        return rows;
    }

    private List<Row> logLines(Origin origin, TypeSchema schema, Uplink.Logs logs, Lane lane) {
        List<Row> rows = new ArrayList<>(logs.records().size());
        for (int i = 0; i < logs.records().size(); i++) {
            Uplink.LogRecord line = logs.records().get(i);
            if (!isIn(lane, line.ts(), origin)) {
                continue;
            }
            EventTime time =
                    time(origin, "logs", line.ts(), i, schema.retention().logDays());
            if (time != null) {
                String attributes = json.writeValueAsString(line.attributes());
                long hash = Keys.content(line.severity().name(), line.body(), attributes) + time.tie();
                if (!sampling.keeps(schema, origin, line.severity(), time.ts(), hash)) {
                    continue;
                }
                rows.add(new Row.LogLine(
                        time.ts(),
                        origin.asset(),
                        schema.type(),
                        origin.receivedAt(),
                        hash,
                        line.severity(),
                        line.body(),
                        attributes));
            }
        }
        return rows;
    }

    private boolean isIn(Lane lane, @Nullable Long ts, Origin origin) {
        return lateness.isOutOfOrder(ts, origin.receivedAt()) == (lane == Lane.LATE);
    }

    /** Null when it is not stored. */
    private @Nullable EventTime time(Origin origin, String subject, @Nullable Long ts, int index, int retentionDays) {
        EventTime time = EventTime.of(ts, origin.receivedAt(), origin.offset(), index, retentionDays);
        return switch (time.verdict()) {
            case KEPT -> time;
            case FUTURE -> {
                refuse(
                        origin,
                        subject,
                        Reason.IN_THE_FUTURE,
                        "its time " + ts + " is more than " + EventTime.MAX_AHEAD.toMinutes()
                                + " min ahead of the receive time, which is kept instead; set the asset's clock");
                yield time;
            }
            case TOO_OLD -> {
                refuse(
                        origin,
                        subject,
                        Reason.TOO_OLD,
                        "its time " + ts + " is older than the " + retentionDays + " days for which it would be kept");
                yield null;
            }
        };
    }

    private void refuse(Origin origin, String subject, Reason reason, String detail) {
        refused.count(origin.asset(), subject, reason, detail, origin.receivedAt());
    }

    private static String bound(@Nullable Double bound) {
        return bound == null ? "any" : bound.toString();
    }
}
