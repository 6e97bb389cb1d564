package dev.muster.twin.reconcile;

import dev.muster.registry.Presence;
import dev.muster.twin.TwinState;
import dev.muster.twin.configuration.ConflictPolicy;
import dev.muster.twin.reconcile.Situation.Fault;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The tables of the reconciliation. */
@Component
public class ReconcileStore {
    static final Duration DECISIONS = Duration.ofDays(90);
    private static final int MAX_FORGOTTEN_AT_ONCE = 100_000;
    private static final JsonMapper JSON = JsonMapper.shared();

    private final JdbcTemplate template;

    ReconcileStore(JdbcTemplate template) {
        this.template = template;
    }

    /**
     * Those that are due, locked; those that others hold are left for later. Index: {@code twin_reconcile_due}.
     *
     * @param policy of an origin
     */
    List<Situation> due(Instant now, int limit, Function<List<String>, Function<String, ConflictPolicy>> policy) {
        record Found(Situation situation, JsonNode drift) {}
        List<Found> found = template.query(
                """
                select q.asset, q.attempts, q.last_at, q.last_action, a.presence, coalesce(d.generation, 0) as generation,
                       coalesce(d.changed, q.episode) as changed, r.generation as reported_generation, r.received,
                       coalesce(r.drift, '[]') as drift, %s as state
                from (select * from twin_reconcile where due <= ? order by due limit ? for no key update skip locked) q
                join asset a on a.id = q.asset
                left join twin_desired d on d.asset = q.asset
                left join twin_reported r on r.asset = q.asset""".formatted(TwinState.SQL),
                (row, index) -> new Found(read(row), JSON.readTree(row.getString("drift"))),
                now.atOffset(ZoneOffset.UTC),
                limit);
        Function<String, ConflictPolicy> policies = policy.apply(found.stream()
                .flatMap(each -> each.drift().valueStream())
                .map(field -> field.path("origin").asString(""))
                .distinct()
                .toList());
        List<Situation> situations = new ArrayList<>();
        for (Found each : found) {
            Situation known = each.situation();
            situations.add(new Situation(
                    known.asset(),
                    known.state(),
                    known.presence(),
                    known.generation(),
                    known.changed(),
                    known.reportedGeneration(),
                    known.reported(),
                    each.drift()
                            .valueStream()
                            .map(field -> fault(field, policies))
                            .toList(),
                    known.attempts(),
                    known.lastAt(),
                    known.lastAction()));
        }
        return situations;
    }

    private static Fault fault(JsonNode field, Function<String, ConflictPolicy> policies) {
        String origin = field.path("origin").asString("");
        return new Fault(
                field.path("field").stringValue(),
                field.path("desired"),
                field.get("reported"),
                origin,
                Policies.of(field, policies));
    }

    private static Situation read(ResultSet row) throws SQLException {
        long reported = row.getLong("reported_generation");
        return new Situation(
                row.getString("asset"),
                TwinState.ofWire(row.getString("state")).orElseThrow(),
                Presence.ofWire(row.getString("presence")).orElseThrow(),
                row.getLong("generation"),
                row.getObject("changed", OffsetDateTime.class).toInstant(),
                row.getObject("reported_generation") == null ? null : reported,
                instant(row, "received"),
                List.of(),
                row.getInt("attempts"),
                instant(row, "last_at"),
                row.getString("last_action"));
    }

    /**
     * How an asset stands after a decision.
     *
     * @param due {@code null}: when something is heard
     * @param action {@code null}: as it was, and so are the time and the number of attempts
     */
    record Outcome(
            String asset,
            @Nullable Instant due,
            @Nullable String action,
            int attempts,
            @Nullable String stalled) {}

    void save(List<Outcome> outcomes, Instant now) {
        template.update(
                """
                update twin_reconcile q set due = given.due::timestamptz, stalled = given.stalled, attempts = given.attempts,
                       last_action = coalesce(given.action, q.last_action),
                       last_at = case when given.action is null or given.action = 'parked' then q.last_at else ? end
                from unnest(?::text[], ?::text[], ?::text[], ?::integer[], ?::text[])
                    as given (asset, due, action, attempts, stalled)
                where q.asset = given.asset""",
                now.atOffset(ZoneOffset.UTC),
                outcomes.stream().map(Outcome::asset).toArray(String[]::new),
                outcomes.stream()
                        .map(each -> each.due() == null ? null : each.due().toString())
                        .toArray(String[]::new),
                outcomes.stream().map(Outcome::action).toArray(String[]::new),
                outcomes.stream().map(Outcome::attempts).toArray(Integer[]::new),
                outcomes.stream().map(Outcome::stalled).toArray(String[]::new));
    }

    /** @param inputs JSON of what was known */
    public record Decided(String asset, Instant at, String action, long generation, JsonNode inputs, String outcome) {}

    void record(List<Decided> decided) {
        if (decided.isEmpty()) {
            return;
        }
        template.update(
                """
                insert into twin_decision (asset, at, action, generation, inputs, outcome)
                select asset, at::timestamptz, action, generation, inputs::jsonb, outcome
                from unnest(?::text[], ?::text[], ?::text[], ?::bigint[], ?::text[], ?::text[])
                    as given (asset, at, action, generation, inputs, outcome)""",
                decided.stream().map(Decided::asset).toArray(String[]::new),
                decided.stream().map(each -> each.at().toString()).toArray(String[]::new),
                decided.stream().map(Decided::action).toArray(String[]::new),
                decided.stream().map(Decided::generation).toArray(Long[]::new),
                decided.stream()
                        .map(each -> JSON.writeValueAsString(each.inputs()))
                        .toArray(String[]::new),
                decided.stream().map(Decided::outcome).toArray(String[]::new));
    }

    /** Newest first. */
    public List<Decided> decisions(String asset, int limit) {
        return template.query(
                """
                select asset, at, action, generation, inputs, outcome from twin_decision
                where asset = ? order by id desc limit ?""",
                (row, index) -> new Decided(
                        row.getString("asset"),
                        row.getObject("at", OffsetDateTime.class).toInstant(),
                        row.getString("action"),
                        row.getLong("generation"),
                        JSON.readTree(row.getString("inputs")),
                        row.getString("outcome")),
                asset,
                limit);
    }

    void forgetDecisionsBefore(Instant at) {
        template.update("""
                delete from twin_decision where ctid in (select ctid from twin_decision where at < ? order by at limit ?)
                """, at.atOffset(ZoneOffset.UTC), MAX_FORGOTTEN_AT_ONCE);
    }

    private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
        return time == null ? null : time.toInstant();
    }
}
