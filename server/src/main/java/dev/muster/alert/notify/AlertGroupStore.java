package dev.muster.alert.notify;

import dev.muster.alert.route.GroupState;
import dev.muster.alert.route.Route;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** The tables {@code alert_group} and {@code alert_decision}. */
@Component
class AlertGroupStore {
    private static final JsonMapper JSON = JsonMapper.shared();

    private final JdbcClient jdbc;

    AlertGroupStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    List<GroupState> all() {
        return jdbc.sql("select * from alert_group")
                .query(AlertGroupStore::read)
                .list();
    }

    void save(GroupState group) {
        jdbc.sql("""
                        insert into alert_group (key, route, receiver, labels, due, told, last_told, first_told, sequence, escalated)
                        values (:key, :route, :receiver, :labels::jsonb, :due, :told::jsonb, :last, :first, :sequence, :escalated)
                        on conflict (key) do update set due = excluded.due, told = excluded.told, last_told = excluded.last_told,
                            first_told = excluded.first_told, sequence = excluded.sequence, escalated = excluded.escalated""")
                .param("key", group.key())
                .param("route", group.route())
                .param("receiver", group.receiver())
                .param("labels", JSON.writeValueAsString(group.labels()))
                .param("due", utc(group.due()))
                .param("told", JSON.writeValueAsString(group.told()))
                .param("last", utc(group.lastTold()), Types.TIMESTAMP_WITH_TIMEZONE)
                .param("first", utc(group.firstTold()), Types.TIMESTAMP_WITH_TIMEZONE)
                .param("sequence", group.sequence())
                .param("escalated", group.escalated())
                .update();
    }

    void delete(String key) {
        jdbc.sql("delete from alert_group where key = :key").param("key", key).update();
    }

    /** One step of what was decided about an alert. */
    record Decided(Instant at, String group, String route, String receiver, String outcome, List<Route.Asked> asked) {}

    void decided(String fingerprint, Decided decided) {
        jdbc.sql("""
                        insert into alert_decision (at, fingerprint, group_key, route, receiver, outcome, asked)
                        values (:at, :fingerprint, :group, :route, :receiver, :outcome, :asked::jsonb)""")
                .param("at", utc(decided.at()))
                .param("fingerprint", fingerprint)
                .param("group", decided.group())
                .param("route", decided.route())
                .param("receiver", decided.receiver())
                .param("outcome", decided.outcome())
                .param("asked", JSON.writeValueAsString(decided.asked()))
                .update();
    }

    /** The oldest first. */
    List<Decided> decisions(String fingerprint, int limit) {
        return jdbc.sql(
                        "select * from (select * from alert_decision where fingerprint = :fingerprint order by id desc limit :limit) d"
                                + " order by id")
                .param("fingerprint", fingerprint)
                .param("limit", limit)
                .query((row, _) -> new Decided(
                        row.getObject("at", OffsetDateTime.class).toInstant(),
                        row.getString("group_key"),
                        row.getString("route"),
                        row.getString("receiver"),
                        row.getString("outcome"),
                        JSON.readValue(row.getString("asked"), new TypeReference<List<Route.Asked>>() {})))
                .list();
    }

    void forget(Instant before) {
        jdbc.sql("delete from alert_decision where at < :before")
                .param("before", utc(before))
                .update();
    }

    private static GroupState read(ResultSet row, int number) throws SQLException {
        return new GroupState(
                row.getString("key"),
                row.getString("route"),
                row.getString("receiver"),
                JSON.readValue(row.getString("labels"), new TypeReference<TreeMap<String, String>>() {}),
                row.getObject("due", OffsetDateTime.class).toInstant(),
                JSON.readValue(row.getString("told"), new TypeReference<TreeSet<String>>() {}),
                time(row, "last_told"),
                time(row, "first_told"),
                row.getLong("sequence"),
                row.getInt("escalated"));
    }

    private static @Nullable Instant time(ResultSet row, String column) throws SQLException {
        OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
        return time == null ? null : time.toInstant();
    }

    private static @Nullable OffsetDateTime utc(@Nullable Instant time) {
        return time == null ? null : time.atOffset(ZoneOffset.UTC);
    }
}
