package dev.muster.command;

import dev.muster.protocol.AssetId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The tables {@code command} and {@code command_step}; knows no scope. */
@Component
class CommandStore {
    private static final JsonMapper JSON = JsonMapper.shared();

    private final JdbcClient jdbc;
    private final JdbcTemplate template;

    CommandStore(JdbcClient jdbc, JdbcTemplate template) {
        this.jdbc = jdbc;
        this.template = template;
    }

    /** Many at once, in one statement. */
    void insert(List<Command> commands) {
        template.update(
                """
                insert into command (id, asset_id, asset_type, run_id, name, parameters, timeout_ms, attempt, retry_of,
                                     traceparent, created_at, created_by, status, pending_at, deadline)
                select id, asset, type, run, name, parameters::jsonb, timeout, attempt, retry, traceparent,
                       created::timestamptz, by, status, pending::timestamptz, deadline::timestamptz
                from unnest(?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::bigint[], ?::int[],
                            ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[])
                    as given (id, asset, type, run, name, parameters, timeout, attempt, retry, traceparent,
                              created, by, status, pending, deadline)
                """,
                texts(commands, Command::id),
                texts(commands, command -> command.asset().value()),
                texts(commands, Command::assetType),
                texts(commands, Command::run),
                texts(commands, Command::name),
                texts(commands, command -> command.parameters().toString()),
                commands.stream().map(command -> command.timeout().toMillis()).toArray(Long[]::new),
                commands.stream().map(Command::attempt).toArray(Integer[]::new),
                texts(commands, Command::retryOf),
                texts(commands, Command::traceparent),
                texts(commands, command -> command.createdAt().toString()),
                texts(commands, Command::createdBy),
                texts(commands, command -> command.status().wire()),
                texts(commands, command -> text(command.pendingAt())),
                texts(commands, command -> text(command.progress().deadline())));
    }

    private static String[] texts(
            List<Command> commands, java.util.function.Function<Command, ? extends @Nullable String> field) {
        return commands.stream().map(field).toArray(String[]::new);
    }

    Optional<Command> find(String id) {
        return jdbc.sql("select * from command where id = :id")
                .param("id", id)
                .query(CommandStore::command)
                .optional();
    }

    /** Locked until the transaction ends, in the order of ids, as every writer of several does. */
    List<Command> lock(Collection<String> ids) {
        return jdbc.sql("select * from command where id = any(:ids) order by id for update")
                .param("ids", ids.toArray(String[]::new))
                .query(CommandStore::command)
                .list();
    }

    /** Those past their deadline, locked, without those that somebody else has locked. Index: {@code command_due}. */
    List<Command> lockDue(Instant before, int limit) {
        return jdbc.sql("""
                        select * from command where status in ('pending', 'accepted', 'running') and deadline < :before
                        order by deadline limit :limit for update skip locked""")
                .param("before", utc(before))
                .param("limit", limit)
                .query(CommandStore::command)
                .list();
    }

    /** Queued and pending ones of assets, locked. Index: {@code command_open_of_asset}. */
    List<Command> lockNotTaken(Collection<AssetId> assets) {
        return jdbc.sql("""
                        select * from command where asset_id = any(:assets) and status in ('queued', 'pending')
                        order by id for update""")
                .param("assets", ids(assets))
                .query(CommandStore::command)
                .list();
    }

    /** What of a command can change, and the new lines of its history. */
    record Change(Command after, List<Step> steps, @Nullable JsonNode detail) {}

    /** In one round trip for all. */
    void write(List<Change> changes) {
        template.batchUpdate("""
                update command set status = ?, settled_at = ?, settled_by = ?, late = ?, contradicted = ?, reason = ?,
                       detail = ?::jsonb, output = ?
                where id = ?""", changes, 500, (statement, change) -> {
            Command after = change.after();
            Progress progress = after.progress();
            statement.setString(1, progress.status().wire());
            statement.setObject(2, utc(progress.settledAt()), Types.TIMESTAMP_WITH_TIMEZONE);
            statement.setString(
                    3,
                    progress.settledBy() == null ? null : progress.settledBy().wire());
            statement.setBoolean(4, progress.late());
            statement.setArray(
                    5,
                    statement
                            .getConnection()
                            .createArrayOf(
                                    "text",
                                    progress.contradictions().stream()
                                            .map(Status::wire)
                                            .sorted()
                                            .toArray()));
            statement.setString(6, after.reason());
            statement.setString(
                    7, after.detail() == null ? null : after.detail().toString());
            statement.setString(8, after.output());
            statement.setString(9, after.id());
        });
        record Added(
                String command,
                Step step,
                @Nullable String reason,
                @Nullable JsonNode detail) {}
        List<Added> lines = changes.stream()
                .flatMap(change -> change.steps().stream()
                        .map(step -> new Added(
                                change.after().id(),
                                step,
                                change.after().reason(),
                                // The last one is what the asset said; one before it is a deadline that it missed.
                                step.equals(change.steps().getLast()) ? change.detail() : null)))
                .toList();
        template.batchUpdate("""
                insert into command_step (command_id, n, at, status, contradicts, reason, detail)
                select ?, coalesce(max(n), 0) + 1, ?, ?, ?, ?, ?::jsonb from command_step where command_id = ?""", lines, 500, (statement, line) -> {
            statement.setString(1, line.command());
            statement.setObject(2, utc(line.step().at()));
            statement.setString(3, line.step().status().wire());
            statement.setBoolean(4, line.step().contradicts());
            statement.setString(5, line.reason());
            statement.setString(6, line.detail() == null ? null : line.detail().toString());
            statement.setString(7, line.command());
        });
    }

    /** A line of the history as it is stored. */
    record Line(
            Instant at,
            Status status,
            boolean contradicts,
            @Nullable String reason,
            @Nullable JsonNode detail) {}

    List<Line> history(String id) {
        return jdbc.sql("select * from command_step where command_id = :id order by n")
                .param("id", id)
                .query((row, n) -> line(row))
                .list();
    }

    private static Line line(ResultSet row) throws SQLException {
        return new Line(
                instant(row, "at"),
                status(row.getString("status")),
                row.getBoolean("contradicts"),
                row.getString("reason"),
                json(row.getString("detail")));
    }

    /** The same of several, by command. */
    Map<String, List<Line>> histories(Collection<String> ids) {
        Map<String, List<Line>> histories = new LinkedHashMap<>();
        jdbc.sql("select * from command_step where command_id = any(:ids) order by command_id, n")
                .param("ids", ids.toArray(String[]::new))
                .query(row -> {
                    histories
                            .computeIfAbsent(row.getString("command_id"), _ -> new ArrayList<>())
                            .add(line(row));
                });
        return histories;
    }

    /** Remembers the span of whoever asked for a command. */
    void ofTrace(String id, String span) {
        jdbc.sql("update command set trace_parent = :span where id = :id")
                .param("span", span)
                .param("id", id)
                .update();
    }

    /** Spans of those who asked, as far as they are known. */
    Map<String, Long> traceParents(Collection<String> ids) {
        Map<String, Long> parents = new LinkedHashMap<>();
        jdbc.sql("select id, trace_parent from command where id = any(:ids) and trace_parent is not null")
                .param("ids", ids.toArray(String[]::new))
                .query(row -> {
                    parents.put(row.getString(1), HexFormat.fromHexDigitsToLong(row.getString(2)));
                });
        return parents;
    }

    /** Which commands are asked for; null asks for every one. */
    record Filter(
            @Nullable AssetId asset,
            @Nullable Set<Status> statuses,
            @Nullable String run,
            @Nullable String name) {}

    /** Newest first. Indexes: {@code command_of_asset}, {@code command_of_run}, {@code command_by_status}, the primary key. */
    List<Command> page(Filter filter, @Nullable String after, int limit) {
        List<String> conditions = new ArrayList<>(List.of("true"));
        Map<String, Object> values = new LinkedHashMap<>();
        if (filter.asset() != null) {
            conditions.add("asset_id = :asset");
            values.put("asset", filter.asset().value());
        }
        if (filter.statuses() != null) {
            // Written out, so that the planner sees which partial index fits; wire names need no quoting.
            conditions.add(filter.statuses().stream()
                    .map(status -> "'" + status.wire() + "'")
                    .collect(Collectors.joining(", ", "status in (", ")")));
        }
        if (filter.run() != null) {
            conditions.add("run_id = :run");
            values.put("run", filter.run());
        }
        if (filter.name() != null) {
            conditions.add("name = :name");
            values.put("name", filter.name());
        }
        if (after != null) {
            conditions.add("id < :after");
            values.put("after", after);
        }
        // Conditions are constants; every value is a parameter.
        return jdbc.sql("select * from command where " + String.join(" and ", conditions)
                        + " order by id desc limit :limit")
                .params(values)
                .param("limit", limit)
                .query(CommandStore::command)
                .list();
    }

    /** How many commands without a run an asset has open. Index: {@code command_open_of_asset}. */
    int openWithoutRun(AssetId asset) {
        return jdbc.sql("""
                        select count(*) from command where asset_id = :asset and run_id is null
                        and status in ('queued', 'pending', 'accepted', 'running')""").param("asset", asset.value()).query(Integer.class).single();
    }

    /** How many commands are open, by status. Index: {@code command_by_status}. */
    Map<Status, Integer> open() {
        Map<Status, Integer> counts = new EnumMap<>(Status.class);
        jdbc.sql("""
                        select status, count(*) from command where status in ('queued', 'pending', 'accepted', 'running')
                        group by status""")
                .query((row, n) -> counts.put(status(row.getString(1)), row.getInt(2)))
                .list();
        return counts;
    }

    /**
     * What waits for assets that can be told, oldest first, until their deadlines. Index: {@code command_open_of_asset}.
     *
     * @param each at most for one asset
     */
    List<Command> pending(Collection<AssetId> assets, Instant now, int each) {
        return jdbc.sql("""
                        select command.* from unnest(:assets::text[]) as asked (asset)
                        join asset on asset.id = asked.asset and asset.lifecycle not in ('retired', 'quarantined')
                        cross join lateral (
                            select * from command where asset_id = asked.asset and status = 'pending' and deadline > :now
                            order by id limit :each) as command
                        order by command.asset_id, command.id""")
                .param("assets", ids(assets))
                .param("now", utc(now))
                .param("each", each)
                .query(CommandStore::command)
                .list();
    }

    /** Those that had not been handed to a session before. */
    void markSent(Collection<String> ids, Instant at) {
        jdbc.sql("""
                        update command set sent_at = :at where id in (
                            select id from command where id = any(:ids) and sent_at is null order by id for update)""")
                .param("at", utc(at))
                .param("ids", ids.toArray(String[]::new))
                .update();
    }

    /** Settled ones from before a time, a bounded number at once. @return how many are gone */
    int forget(Instant before, int limit) {
        return jdbc.sql("""
                        delete from command where id in (
                            select id from command where created_at < :before and settled_at is not null
                            order by id limit :limit)""").param("before", utc(before)).param("limit", limit).update();
    }

    static Command command(ResultSet row, int n) throws SQLException {
        String settledBy = row.getString("settled_by");
        return new Command(
                row.getString("id"),
                new AssetId(row.getString("asset_id")),
                row.getString("asset_type"),
                row.getString("run_id"),
                row.getString("name"),
                JSON.readTree(row.getString("parameters")),
                Duration.ofMillis(row.getLong("timeout_ms")),
                row.getInt("attempt"),
                row.getString("retry_of"),
                row.getString("traceparent"),
                instant(row, "created_at"),
                row.getString("created_by"),
                instantOrNull(row, "pending_at"),
                instantOrNull(row, "sent_at"),
                new Progress(
                        status(row.getString("status")),
                        instantOrNull(row, "deadline"),
                        instantOrNull(row, "settled_at"),
                        settledBy == null ? null : Settler.ofWire(settledBy),
                        row.getBoolean("late"),
                        contradictions(row)),
                row.getString("reason"),
                json(row.getString("detail")),
                row.getString("output"));
    }

    private static Set<Status> contradictions(ResultSet row) throws SQLException {
        return Arrays.stream((String[]) row.getArray("contradicted").getArray())
                .map(CommandStore::status)
                .collect(Collectors.toSet());
    }

    static Status status(String wire) {
        return Status.ofWire(wire)
                .orElseThrow(() -> new IllegalStateException("status \"" + wire + "\" in the database is not known"));
    }

    private static String[] ids(Collection<AssetId> assets) {
        return assets.stream().map(AssetId::value).toArray(String[]::new);
    }

    static @Nullable JsonNode json(@Nullable String text) {
        return text == null ? null : JSON.readTree(text);
    }

    static Instant instant(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }

    static @Nullable Instant instantOrNull(ResultSet row, String column) throws SQLException {
        OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
        return time == null ? null : time.toInstant();
    }

    static @Nullable OffsetDateTime utc(@Nullable Instant time) {
        return time == null ? null : time.atOffset(ZoneOffset.UTC);
    }

    private static @Nullable String text(@Nullable Instant time) {
        return time == null ? null : time.toString();
    }
}
