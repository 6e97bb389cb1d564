package dev.muster.twin.view;

import dev.muster.registry.selector.SqlCondition;
import dev.muster.twin.TwinState;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads desired and reported state together; writes nothing. Retired assets have no twin. */
@Component
class TwinStore {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String FROM = """
            from (select id, type, presence, presence_since, created from asset where %s and lifecycle <> 'retired') a
            left join twin_desired d on d.asset = a.id
            left join twin_reported r on r.asset = a.id
            left join twin_reconcile q on q.asset = a.id
            """;
    /** Of those that a fresh report says something is missing of. An asset that never reported is not even read. */
    private static final String FROM_OUT_OF_SYNC = """
            from (select id, type, presence, presence_since, created from asset where %s and lifecycle <> 'retired') a
            join twin_desired d on d.asset = a.id
            join twin_reported r on r.asset = a.id
            join twin_reconcile q on q.asset = a.id and q.synced is null
            """;
    /** Of the rows of the reconciliation only the few that say something. */
    private static final String FROM_COUNTED = """
            from (select id, presence from asset where %s and lifecycle <> 'retired') a
            left join twin_desired d on d.asset = a.id
            left join twin_reported r on r.asset = a.id
            left join (select asset, stalled from twin_reconcile where stalled is not null) q on q.asset = a.id
            """;

    private final JdbcTemplate template;

    TwinStore(JdbcTemplate template) {
        this.template = template;
    }

    /**
     * How one asset stands.
     *
     * @param generation of what is desired, 0 for nothing
     * @param drift JSON array of the fields that differ; only to be shown when the state is drifted
     * @param stalled why the reconciliation gave up
     */
    record Row(
            String asset,
            String type,
            TwinState state,
            Instant since,
            @Nullable String reason,
            long generation,
            @Nullable Long reportedGeneration,
            JsonNode drift,
            int driftCount,
            @Nullable String stalled) {}

    /**
     * In the order of the ids, from the one after {@code after}. Those that are not as desired are few among many: they are
     * found by the index {@code twin_reconcile_open} and by having reported.
     *
     * @param states empty for all
     */
    List<Row> page(SqlCondition assets, List<TwinState> states, @Nullable String after, int limit) {
        boolean outOfSync = !states.isEmpty() && TwinState.OUT_OF_SYNC.containsAll(states);
        List<Object> parameters = new ArrayList<>(assets.parameters());
        parameters.add(after == null ? "" : after);
        parameters.add(states.isEmpty());
        parameters.add(states.stream().map(TwinState::wire).toArray(String[]::new));
        parameters.add(limit);
        return template.query(
                """
                select * from (
                    select a.id, a.type, %s as state, %s as since, %s as reason, coalesce(d.generation, 0) as generation,
                           r.generation as reported_generation, coalesce(r.drift, '[]') as drift,
                           coalesce(r.drift_count, 0) as drift_count, q.stalled
                    %s) s
                where ? or state = any(?) order by id limit ?""".formatted(
                                TwinState.SQL,
                                TwinState.SINCE_SQL,
                                TwinState.REASON_SQL,
                                (outOfSync ? FROM_OUT_OF_SYNC : FROM).formatted("(" + assets.sql() + ") and id > ?")),
                (row, index) -> row(row),
                parameters.toArray());
    }

    Optional<Row> find(String asset) {
        return page(SqlCondition.of("id = ?", asset), List.of(), null, 1).stream()
                .findFirst();
    }

    /** @param overdue of those pending, for longer than is allowed; {@code stalled} of those pending or drifted */
    record Counts(Map<TwinState, Long> byState, long overdue, long stalled) {
        static Counts none() {
            return new Counts(new EnumMap<>(TwinState.class), 0, 0);
        }
    }

    Counts count(SqlCondition assets, Instant overdueBefore) {
        List<Object> parameters = new ArrayList<>();
        parameters.add(overdueBefore.atOffset(ZoneOffset.UTC));
        parameters.addAll(assets.parameters());
        Map<TwinState, Long> byState = new EnumMap<>(TwinState.class);
        long[] more = new long[2];
        template.query(
                """
                select state, count(*), count(*) filter (where state = 'pending' and changed < ?) as overdue,
                       count(*) filter (where state in ('pending', 'drifted') and stalled is not null) as stalled
                from (select %s as state, d.changed, q.stalled %s) s group by state""".formatted(TwinState.SQL, FROM_COUNTED.formatted("(" + assets.sql() + ")")),
                row -> {
                    byState.put(TwinState.ofWire(row.getString(1)).orElseThrow(), row.getLong(2));
                    more[0] += row.getLong(3);
                    more[1] += row.getLong(4);
                },
                parameters.toArray());
        return new Counts(byState, more[0], more[1]);
    }

    /** Of all that something is desired of. */
    void standings(OffsetDateTime overdueBefore, BiConsumer<String, DriftStates.Standing> each) {
        template.query(
                """
                select id, case when state = 'in_sync' or state = 'pending' and changed >= ? then 'IN_SYNC'
                                when state = 'unknown' and reported then 'STALE'
                                when state = 'unknown' then 'NEVER_REPORTED' else 'OUT_OF_SYNC' end
                from (select a.id, %s as state, d.changed, r.asset is not null as reported %s) s
                where state <> 'unmanaged'""".formatted(TwinState.SQL, FROM_COUNTED.formatted("true")),
                row -> {
                    each.accept(row.getString(1), DriftStates.Standing.valueOf(row.getString(2)));
                },
                overdueBefore);
    }

    /** The newest report of an asset as it is shown. */
    record Reported(
            @Nullable Long generation,
            Instant received,
            @Nullable Long ts,
            @Nullable String bootId,
            JsonNode config,
            JsonNode software,
            JsonNode updates,
            @Nullable Long rejectedGeneration,
            @Nullable String rejectedReason,
            long ignored,
            @Nullable String ignoredReason) {}

    Optional<Reported> reported(String asset) {
        return template
                .query(
                        "select * from twin_reported where asset = ?",
                        (row, index) -> new Reported(
                                nullable(row, "generation"),
                                instant(row, "received"),
                                nullable(row, "ts"),
                                row.getString("boot_id"),
                                JSON.readTree(row.getString("config")),
                                JSON.readTree(row.getString("software")),
                                JSON.readTree(row.getString("updates")),
                                nullable(row, "rejected_generation"),
                                row.getString("rejected_reason"),
                                row.getLong("ignored"),
                                row.getString("ignored_reason")),
                        asset)
                .stream()
                .findFirst();
    }

    /** @param report as it was said */
    record Said(
            Instant received,
            @Nullable Long ts,
            @Nullable Long generation,
            @Nullable String bootId,
            int driftCount,
            JsonNode report) {}

    /** Newest first. */
    List<Said> history(String asset, int limit) {
        return template.query(
                """
                select received, ts, generation, boot_id, drift_count, report from twin_reported_history
                where asset = ? order by received desc, journal_offset desc limit ?""",
                (row, index) -> new Said(
                        instant(row, "received"),
                        nullable(row, "ts"),
                        nullable(row, "generation"),
                        row.getString("boot_id"),
                        row.getInt("drift_count"),
                        JSON.readTree(row.getString("report"))),
                asset,
                limit);
    }

    /** What the reconciliation is about to do. */
    record Reconciliation(
            int attempts,
            @Nullable Instant due,
            @Nullable String stalled,
            @Nullable String lastAction,
            @Nullable Instant lastAt) {}

    Optional<Reconciliation> reconciliation(String asset) {
        return template
                .query(
                        "select attempts, due, stalled, last_action, last_at from twin_reconcile where asset = ?",
                        (row, index) -> new Reconciliation(
                                row.getInt("attempts"),
                                nullableInstant(row, "due"),
                                row.getString("stalled"),
                                row.getString("last_action"),
                                nullableInstant(row, "last_at")),
                        asset)
                .stream()
                .findFirst();
    }

    private static Row row(ResultSet row) throws SQLException {
        return new Row(
                row.getString("id"),
                row.getString("type"),
                TwinState.ofWire(row.getString("state")).orElseThrow(),
                instant(row, "since"),
                row.getString("reason"),
                row.getLong("generation"),
                nullable(row, "reported_generation"),
                JSON.readTree(row.getString("drift")),
                row.getInt("drift_count"),
                row.getString("stalled"));
    }

    private static @Nullable Long nullable(ResultSet row, String column) throws SQLException {
        long value = row.getLong(column);
        return row.wasNull() ? null : value;
    }

    private static Instant instant(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }

    private static @Nullable Instant nullableInstant(ResultSet row, String column) throws SQLException {
        OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
        return time == null ? null : time.toInstant();
    }
}
