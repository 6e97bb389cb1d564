package dev.muster.registry.group;

import dev.muster.registry.selector.SqlCondition;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** The tables of groups and of who belonged to them when. */
@Component
class GroupStore {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String COLUMNS =
            "name, description, selector, refreshed, members, undecided, managers, created, updated, resource_version";
    /** Of the advisory lock between those who change assets (shared) and those who work out a whole group. */
    private static final String LOCK = "hashtextextended('muster.group_membership', 0)";

    private final JdbcClient jdbc;
    private final JdbcTemplate template;
    private final List<MembershipListener> listeners;

    GroupStore(JdbcClient jdbc, JdbcTemplate template, List<MembershipListener> listeners) {
        this.jdbc = jdbc;
        this.template = template;
        this.listeners = List.copyOf(listeners);
    }

    void lockShared() {
        template.query("select pg_advisory_xact_lock_shared(" + LOCK + ")", row -> {});
    }

    void lockExclusively() {
        template.query("select pg_advisory_xact_lock(" + LOCK + ")", row -> {});
    }

    List<Group> page(@Nullable String after, int limit) {
        return jdbc.sql("select " + COLUMNS + " from asset_group where name > :after order by name limit :limit")
                .param("after", after == null ? "" : after)
                .param("limit", limit)
                .query(GroupStore::read)
                .list();
    }

    Optional<Group> find(String name) {
        return jdbc.sql("select " + COLUMNS + " from asset_group where name = :name")
                .param("name", name)
                .query(GroupStore::read)
                .optional();
    }

    int count() {
        return jdbc.sql("select count(*) from asset_group").query(Integer.class).single();
    }

    void save(Group group, boolean isVolatile) {
        jdbc.sql("""
                        insert into asset_group (name, description, selector, volatile, refresh_wanted, managers, created,
                                                 updated, resource_version)
                        values (:name, :description, :selector, :volatile, true, :managers::jsonb, :created, :updated, :version)
                        on conflict (name) do update set
                            description = excluded.description, selector = excluded.selector, volatile = excluded.volatile,
                            refresh_wanted = true, managers = excluded.managers, updated = excluded.updated,
                            resource_version = excluded.resource_version
                        """)
                .param("name", group.name())
                .param("description", group.description())
                .param("selector", group.selector())
                .param("volatile", isVolatile)
                .param("managers", JSON.writeValueAsString(group.managers()))
                .param("created", time(group.created()))
                .param("updated", time(group.updated()))
                .param("version", group.resourceVersion())
                .update();
    }

    void delete(String name) {
        listeners.forEach(listener -> listener.deleting(name));
        jdbc.sql("delete from asset_group where name = :name")
                .param("name", name)
                .update();
    }

    long nextVersion() {
        return jdbc.sql("select nextval('resource_version')").query(Long.class).single();
    }

    void wantRefreshOfAll() {
        jdbc.sql("update asset_group set refresh_wanted = true where not refresh_wanted")
                .update();
    }

    /** Those whose membership may be behind. */
    List<String> toRefresh() {
        return jdbc.sql("select name from asset_group where refresh_wanted or volatile order by name")
                .query((row, index) -> row.getString(1))
                .list();
    }

    void refreshed(String name, Instant at, int members, int undecided) {
        jdbc.sql("""
                        update asset_group set refresh_wanted = false, refreshed = :at, members = :members, undecided = :undecided
                        where name = :name
                        """)
                .param("at", time(at))
                .param("members", members)
                .param("undecided", undecided)
                .param("name", name)
                .update();
    }

    /** Names of the groups to which an asset belongs now. */
    List<String> groupsOf(String asset) {
        return jdbc.sql("select group_name from group_membership where asset_id = :asset and left_at is null")
                .param("asset", asset)
                .query((row, index) -> row.getString(1))
                .list();
    }

    void join(String group, String asset, Instant at) {
        jdbc.sql("""
                        insert into group_membership (group_name, asset_id, joined_at) values (:group, :asset, :at)
                        on conflict (group_name, asset_id, joined_at) do update set left_at = null
                        """)
                .param("group", group)
                .param("asset", asset)
                .param("at", time(at))
                .update();
    }

    /** Ends memberships; one that would end before it began, because the clock went back, ends where it began. */
    void leave(Collection<String> groups, String asset, Instant at) {
        template.update("""
                update group_membership set left_at = greatest(joined_at, ?)
                where asset_id = ? and group_name = any(?) and left_at is null
                """, time(at), asset, groups.toArray(String[]::new));
    }

    /**
     * Makes the assets that fulfil a condition, and no others, the members. @return how many there are
     *
     * <p>A full join is hashed or merged whatever the statistics say; after an import there are none, and a nested loop over
     * all members takes minutes.
     */
    int setMembers(String group, SqlCondition condition, Instant at) {
        List<Object> parameters = new ArrayList<>(condition.parameters());
        parameters.add(group);
        List<String> joining = new ArrayList<>();
        List<String> leaving = new ArrayList<>();
        template.query(
                """
                select matched.id, member.asset_id
                from (select id from asset where %s) matched
                full join (select asset_id from group_membership where group_name = ? and left_at is null) member
                    on matched.id = member.asset_id
                where matched.id is null or member.asset_id is null
                """.formatted(condition.sql()),
                row -> {
                    String id = row.getString(1);
                    if (id == null) {
                        leaving.add(row.getString(2));
                    } else {
                        joining.add(id);
                    }
                },
                parameters.toArray());
        template.update("""
                update group_membership set left_at = greatest(joined_at, ?)
                where group_name = ? and asset_id = any(?) and left_at is null
                """, time(at), group, leaving.toArray(String[]::new));
        template.update("""
                insert into group_membership (group_name, asset_id, joined_at)
                select ?, id, ? from unnest(?::text[]) as joining (id)
                on conflict (group_name, asset_id, joined_at) do update set left_at = null
                """, group, time(at), joining.toArray(String[]::new));
        tell(group, joining, leaving);
        return jdbc.sql("select count(*) from group_membership where group_name = :group and left_at is null")
                .param("group", group)
                .query(Integer.class)
                .single();
    }

    private void tell(String group, List<String> joining, List<String> leaving) {
        List<String> changed = new ArrayList<>(joining);
        changed.addAll(leaving);
        if (!changed.isEmpty()) {
            listeners.forEach(listener -> listener.changed(group, changed));
        }
    }

    /** Who belonged to a group at a moment, in the order of the assets' ids. */
    List<Membership> members(String group, Instant at, @Nullable String after, int limit) {
        return jdbc.sql("""
                        select asset_id, joined_at, left_at from group_membership
                        where group_name = :group and joined_at <= :at and (left_at is null or left_at > :at)
                          and asset_id > :after
                        order by asset_id limit :limit
                        """)
                .param("group", group)
                .param("at", time(at))
                .param("after", after == null ? "" : after)
                .param("limit", limit)
                .query((row, index) ->
                        new Membership(row.getString(1), instant(row, "joined_at"), nullableInstant(row, "left_at")))
                .list();
    }

    private static Group read(ResultSet row, int index) throws SQLException {
        return new Group(
                row.getString("name"),
                row.getString("description"),
                row.getString("selector"),
                nullableInstant(row, "refreshed"),
                row.getInt("members"),
                row.getInt("undecided"),
                JSON.readValue(row.getString("managers"), new TypeReference<Map<String, String>>() {}),
                instant(row, "created"),
                instant(row, "updated"),
                row.getLong("resource_version"));
    }

    private static Instant instant(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }

    private static @Nullable Instant nullableInstant(ResultSet row, String column) throws SQLException {
        OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
        return time == null ? null : time.toInstant();
    }

    private static OffsetDateTime time(Instant instant) {
        return instant.atOffset(ZoneOffset.UTC);
    }
}
