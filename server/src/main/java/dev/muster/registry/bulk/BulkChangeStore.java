package dev.muster.registry.bulk;

import dev.muster.identity.Actor;
import dev.muster.identity.ActorKind;
import dev.muster.identity.Role;
import dev.muster.identity.Scope;
import dev.muster.registry.bulk.BulkChange.LeftOut;
import dev.muster.registry.bulk.BulkChange.Selection;
import dev.muster.registry.bulk.BulkChange.State;
import dev.muster.registry.bulk.BulkChange.Tally;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** The table {@code asset_change}. */
@Component
class BulkChangeStore {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final TypeReference<Map<String, Integer>> COUNTS = new TypeReference<>() {};
    private static final TypeReference<List<LeftOut>> LEFT = new TypeReference<>() {};

    private final JdbcClient jdbc;

    BulkChangeStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    void insert(BulkChange fresh) {
        jdbc.sql("""
                        insert into asset_change (id, scope, role, actor_kind, created_by, selection, edit, at_most, state, created_at)
                        values (:id, :scope, :role, :kind, :by, :selection::jsonb, :edit::jsonb, :atMost, :state, :at)
                        """)
                .param("id", fresh.id())
                .param("scope", fresh.actor().scope().selector(), Types.VARCHAR)
                .param("role", fresh.actor().role().name())
                .param("kind", fresh.actor().kind().name())
                .param("by", fresh.actor().id())
                .param("selection", JSON.writeValueAsString(fresh.selection()))
                .param("edit", JSON.writeValueAsString(fresh.edit()))
                .param("atMost", fresh.atMost(), Types.INTEGER)
                .param("state", fresh.state().wire())
                .param("at", fresh.createdAt().atOffset(ZoneOffset.UTC))
                .update();
    }

    Optional<BulkChange> find(String id) {
        return jdbc.sql("select * from asset_change where id = :id")
                .param("id", id)
                .query(BulkChangeStore::read)
                .optional();
    }

    /** As it is, locked against other writers until the end of the transaction. */
    Optional<BulkChange> lock(String id) {
        return jdbc.sql("select * from asset_change where id = :id for no key update")
                .param("id", id)
                .query(BulkChangeStore::read)
                .optional();
    }

    /** Newest first. @param scope of who started them, exactly; null for every one */
    List<BulkChange> page(@Nullable Scope scope, @Nullable String after, int limit) {
        return jdbc.sql("""
                        select * from asset_change
                        where (:after::text is null or id < :after) and (:everyScope or scope is not distinct from :scope)
                        order by id desc limit :limit
                        """)
                .param("after", after, Types.VARCHAR)
                .param("everyScope", scope == null)
                .param("scope", scope == null ? null : scope.selector(), Types.VARCHAR)
                .param("limit", limit)
                .query(BulkChangeStore::read)
                .list();
    }

    /** The oldest first, by the index on those that run. */
    List<String> running(int limit) {
        return jdbc.sql("select id from asset_change where state = 'running' order by id limit :limit")
                .param("limit", limit)
                .query((row, number) -> row.getString("id"))
                .list();
    }

    int runningCount() {
        return jdbc.sql("select count(*) from asset_change where state = 'running'")
                .query(Integer.class)
                .single();
    }

    void progress(BulkChange now) {
        Instant ended = now.endedAt();
        jdbc.sql("""
                        update asset_change
                        set state = :state, stopped = :stopped, done_to = :doneTo, changed = :changed, unchanged = :unchanged,
                            left_out = :leftOut::jsonb, left_sample = :sample::jsonb, ended_at = :endedAt
                        where id = :id
                        """)
                .param("id", now.id())
                .param("state", now.state().wire())
                .param("stopped", now.stopped(), Types.VARCHAR)
                .param("doneTo", now.doneTo())
                .param("changed", now.tally().changed())
                .param("unchanged", now.tally().unchanged())
                .param("leftOut", JSON.writeValueAsString(now.tally().leftOut()))
                .param("sample", JSON.writeValueAsString(now.tally().sample()))
                .param("endedAt", ended == null ? null : ended.atOffset(ZoneOffset.UTC), Types.TIMESTAMP_WITH_TIMEZONE)
                .update();
    }

    /** Those that ended long ago; their entries in the audit trail stay. */
    int deleteEnded(Instant before, int limit) {
        return jdbc.sql("""
                        delete from asset_change where id in (
                            select id from asset_change where ended_at < :before order by id limit :limit)
                        """)
                .param("before", before.atOffset(ZoneOffset.UTC))
                .param("limit", limit)
                .update();
    }

    private static BulkChange read(ResultSet row, int index) throws SQLException {
        int atMost = row.getInt("at_most");
        boolean bounded = !row.wasNull();
        OffsetDateTime ended = row.getObject("ended_at", OffsetDateTime.class);
        return new BulkChange(
                row.getString("id"),
                new Actor(
                        row.getString("created_by"),
                        ActorKind.valueOf(row.getString("actor_kind")),
                        Role.valueOf(row.getString("role")),
                        new Scope(row.getString("scope"))),
                JSON.readValue(row.getString("selection"), Selection.class),
                JSON.readValue(row.getString("edit"), AssetEdit.class),
                bounded ? atMost : null,
                State.valueOf(row.getString("state").toUpperCase(Locale.ROOT)),
                row.getString("stopped"),
                row.getString("done_to"),
                new Tally(
                        row.getInt("changed"),
                        row.getInt("unchanged"),
                        JSON.readValue(row.getString("left_out"), COUNTS),
                        JSON.readValue(row.getString("left_sample"), LEFT)),
                row.getObject("created_at", OffsetDateTime.class).toInstant(),
                ended == null ? null : ended.toInstant());
    }
}
