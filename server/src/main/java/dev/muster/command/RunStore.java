package dev.muster.command;

import static dev.muster.command.CommandStore.instant;
import static dev.muster.command.CommandStore.instantOrNull;
import static dev.muster.command.CommandStore.utc;

import dev.muster.identity.Scope;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** The table {@code command_run}, and its commands as a whole. */
@Component
class RunStore {
    private static final JsonMapper JSON = JsonMapper.shared();

    private final JdbcClient jdbc;

    RunStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    void insert(Run run) {
        jdbc.sql("""
                        insert into command_run (id, name, selector, retry_of, scope, parameters, concurrency, max_failures,
                                                 state, assets, skipped, created_at, created_by, deadline)
                        values (:id, :name, :selector, :retryOf, :scope, :parameters::jsonb, :concurrency, :maxFailures,
                                :state, :assets, :skipped, :createdAt, :createdBy, :deadline)""")
                .param("id", run.id())
                .param("name", run.name())
                .param("selector", run.selector(), Types.VARCHAR)
                .param("retryOf", run.retryOf(), Types.VARCHAR)
                .param("scope", run.scope().selector(), Types.VARCHAR)
                .param("parameters", run.parameters().toString())
                .param("concurrency", run.concurrency())
                .param("maxFailures", run.maxFailures(), Types.INTEGER)
                .param("state", run.state().wire())
                .param("assets", run.assets())
                .param("skipped", run.skipped())
                .param("createdAt", utc(run.createdAt()))
                .param("createdBy", run.createdBy())
                .param("deadline", utc(run.deadline()))
                .update();
    }

    void sized(String id, int assets, int skipped) {
        jdbc.sql("update command_run set assets = :assets, skipped = :skipped where id = :id")
                .param("assets", assets)
                .param("skipped", skipped)
                .param("id", id)
                .update();
    }

    Optional<Run> find(String id) {
        return jdbc.sql("select * from command_run where id = :id")
                .param("id", id)
                .query(RunStore::run)
                .optional();
    }

    Optional<Run> lock(String id) {
        return jdbc.sql("select * from command_run where id = :id for update")
                .param("id", id)
                .query(RunStore::run)
                .optional();
    }

    /** Oldest first. Index: {@code command_run_active}. */
    List<String> active() {
        return jdbc.sql("select id from command_run where state <> 'ended' order by id")
                .query((row, n) -> row.getString("id"))
                .list();
    }

    /**
     * Newest first, by the primary key.
     *
     * @param scope of who started them, exactly; null for every one
     */
    List<Run> page(@Nullable Scope scope, boolean onlyActive, @Nullable String after, int limit) {
        return jdbc.sql("""
                        select * from command_run
                        where (:after::text is null or id < :after) and (:everyScope or scope is not distinct from :scope)
                          and (not :onlyActive or state <> 'ended')
                        order by id desc limit :limit""")
                .param("after", after, Types.VARCHAR)
                .param("everyScope", scope == null)
                .param("scope", scope == null ? null : scope.selector(), Types.VARCHAR)
                .param("onlyActive", onlyActive)
                .param("limit", limit)
                .query(RunStore::run)
                .list();
    }

    void stop(String id, String reason) {
        jdbc.sql("update command_run set state = 'stopping', stopped = :reason where id = :id")
                .param("reason", reason)
                .param("id", id)
                .update();
    }

    void end(String id, Instant at) {
        jdbc.sql("update command_run set state = 'ended', ended_at = :at where id = :id")
                .param("at", utc(at))
                .param("id", id)
                .update();
    }

    /** How many of its commands are where. Index: {@code command_of_run}. */
    Map<Status, Integer> counts(String id) {
        Map<Status, Integer> counts = new EnumMap<>(Status.class);
        jdbc.sql("select status, count(*) from command where run_id = :run group by status")
                .param("run", id)
                .query((row, n) -> counts.put(CommandStore.status(row.getString(1)), row.getInt(2)))
                .list();
        return counts;
    }

    /**
     * Where the commands of a run are.
     *
     * @param late those that succeeded after their deadline
     */
    record Tally(Map<Status, Integer> counts, int late) {
        static final Tally NONE = new Tally(Map.of(), 0);
    }

    /** Of many runs at once; those without commands are left out. Index: {@code command_of_run}. */
    Map<String, Tally> tallies(Collection<String> ids) {
        Map<String, Tally> tallies = new HashMap<>();
        jdbc.sql("""
                        select run_id, status, count(*), count(*) filter (where status = 'succeeded' and late)
                        from command where run_id = any(:runs) group by run_id, status""")
                .param("runs", ids.toArray(String[]::new))
                .query((row, n) -> {
                    Tally tally = tallies.getOrDefault(row.getString(1), Tally.NONE);
                    Map<Status, Integer> counts = new EnumMap<>(Status.class);
                    counts.putAll(tally.counts());
                    counts.put(CommandStore.status(row.getString(2)), row.getInt(3));
                    return tallies.put(row.getString(1), new Tally(counts, tally.late() + row.getInt(4)));
                })
                .list();
        return tallies;
    }

    /** A queued command whose turn has come. */
    record Next(String id, String asset, int attempt, Duration timeout, boolean canBeTold) {}

    /** The oldest queued ones, locked. Index: {@code command_of_run}. */
    List<Next> lockQueued(String run, int limit) {
        return jdbc.sql("""
                        select command.id, asset_id, attempt, timeout_ms,
                               coalesce(asset.lifecycle not in ('retired', 'quarantined'), false) as can_be_told
                        from command left join asset on asset.id = command.asset_id
                        where run_id = :run and status = 'queued'
                        order by command.id limit :limit for update of command""")
                .param("run", run)
                .param("limit", limit)
                .query((row, n) -> new Next(
                        row.getString("id"),
                        row.getString("asset_id"),
                        row.getInt("attempt"),
                        Duration.ofMillis(row.getLong("timeout_ms")),
                        row.getBoolean("can_be_told")))
                .list();
    }

    /** Each with a deadline of its own. */
    void give(List<String> ids, Instant now) {
        jdbc.sql("""
                        update command set status = 'pending', pending_at = :now,
                               deadline = :now::timestamptz + timeout_ms * interval '1 millisecond'
                        where id = any(:ids)""")
                .param("now", utc(now))
                .param("ids", ids.toArray(String[]::new))
                .update();
    }

    /** A retry of what did not succeed: those commands of a run, oldest asset first. */
    record Left(String id, String asset, int attempt) {}

    List<Left> left(String run, @Nullable String after, int limit) {
        return jdbc.sql("""
                        select id, asset_id, attempt from command
                        where run_id = :run and id > :after
                          and status in ('failed', 'rejected', 'expired', 'indeterminate', 'cancelled')
                        order by id limit :limit""")
                .param("run", run)
                .param("after", after == null ? "" : after)
                .param("limit", limit)
                .query((row, n) -> new Left(row.getString("id"), row.getString("asset_id"), row.getInt("attempt")))
                .list();
    }

    /** Ended ones from before a time that have no commands any more. */
    int forget(Instant before, int limit) {
        return jdbc.sql("""
                        delete from command_run where id in (
                            select id from command_run where ended_at < :before
                            and not exists (select from command where run_id = command_run.id) limit :limit)""").param("before", utc(before)).param("limit", limit).update();
    }

    private static Run run(ResultSet row, int n) throws SQLException {
        int maxFailures = row.getInt("max_failures");
        Integer bound = row.wasNull() ? null : maxFailures;
        return new Run(
                row.getString("id"),
                row.getString("name"),
                row.getString("selector"),
                row.getString("retry_of"),
                new Scope(row.getString("scope")),
                JSON.readTree(row.getString("parameters")),
                row.getInt("concurrency"),
                bound,
                Run.State.ofWire(row.getString("state")),
                row.getString("stopped"),
                row.getInt("assets"),
                row.getInt("skipped"),
                instant(row, "created_at"),
                row.getString("created_by"),
                instant(row, "deadline"),
                instantOrNull(row, "ended_at"));
    }
}
