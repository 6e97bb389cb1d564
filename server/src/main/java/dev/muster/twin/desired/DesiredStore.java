package dev.muster.twin.desired;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/** The tables of desired documents and of the marks that say which of them are behind. */
@Component
public class DesiredStore {
    /** Generations that are kept of each asset. */
    static final int HISTORY = 50;

    private final JdbcTemplate template;
    private final RecentTexts bodies = new RecentTexts();

    public DesiredStore(JdbcTemplate template) {
        this.template = template;
    }

    // ---- documents

    /** Those of the assets for which something is desired. Of texts that many share only those are read that were not seen lately. */
    public Map<String, DesiredState> find(Collection<String> assets) {
        List<Standing> standing = template.query(
                """
                select asset, generation, content, origins, changed, reason, problem from twin_desired
                where asset = any(?) and content is not null and origins is not null""",
                (row, number) -> new Standing(
                        row.getString(1),
                        row.getLong(2),
                        row.getLong(3),
                        row.getLong(4),
                        row.getObject(5, OffsetDateTime.class).toInstant(),
                        row.getString(6),
                        row.getString(7)),
                (Object) assets.toArray(String[]::new));
        Map<Long, String> texts = bodies.of(
                standing.stream().flatMap(each -> Stream.of(each.content(), each.origins())), this::readBodies);
        Map<String, DesiredState> found = HashMap.newHashMap(standing.size());
        for (Standing each : standing) {
            String body = texts.get(each.content());
            String origins = texts.get(each.origins());
            if (body != null && origins != null) {
                found.put(
                        each.asset(),
                        new DesiredState(
                                each.asset(),
                                each.generation(),
                                body,
                                origins,
                                each.changed(),
                                each.reason(),
                                each.problem()));
            }
        }
        return found;
    }

    private record Standing(
            String asset,
            long generation,
            long content,
            long origins,
            Instant changed,
            String reason,
            @Nullable String problem) {}

    private Map<Long, String> readBodies(Collection<Long> ids) {
        Map<Long, String> read = new HashMap<>();
        template.query(
                "select id, body from twin_text where id = any(?)",
                row -> {
                    read.put(row.getLong(1), row.getString(2));
                },
                (Object) ids.toArray(Long[]::new));
        return read;
    }

    public Optional<DesiredState> find(String asset) {
        return Optional.ofNullable(find(List.of(asset)).get(asset));
    }

    /** @param body {@code null}: from then on nothing was desired */
    public record Generation(
            long generation, Instant at, @Nullable String body, String reason) {}

    /** Newest first. */
    public List<Generation> history(String asset, int limit) {
        return template.query(
                """
                select h.generation, h.at, t.body, h.reason
                from twin_desired_history h left join twin_text t on t.id = h.content
                where h.asset = ? order by h.generation desc limit ?""",
                (row, index) -> new Generation(
                        row.getLong("generation"), instant(row, "at"), row.getString("body"), row.getString("reason")),
                asset,
                limit);
    }

    /** A row as it stands, locked. @param reported the generation that the asset reported last */
    record Row(
            String asset,
            long generation,
            @Nullable Long content,
            @Nullable Long origins,
            long assetVersion,
            @Nullable String problem,
            @Nullable Long reported) {}

    /** Makes a row for each that is an asset and has none. */
    void ensure(Collection<String> assets) {
        template.update("""
                insert into twin_desired (asset, generation, changed, reason, asset_version)
                select a.id, 0, now(), '', 0 from unnest(?::text[]) as given (id) join asset a on a.id = given.id
                where not exists (select 1 from twin_desired d where d.asset = given.id) order by a.id
                on conflict (asset) do nothing""", (Object) assets.toArray(String[]::new));
    }

    /** Locks the rows until the end of the transaction, in the order of the ids. @param wait or leave out those that others hold */
    List<String> lock(Collection<String> assets, boolean wait) {
        return template.query(
                "select asset from twin_desired where asset = any(?) order by asset for no key update"
                        + (wait ? "" : " skip locked"),
                (row, index) -> row.getString(1),
                (Object) assets.toArray(String[]::new));
    }

    Map<String, Row> rows(Collection<String> assets) {
        Map<String, Row> rows = new HashMap<>();
        template.query(
                """
                select d.asset, d.generation, d.content, d.origins, d.asset_version, d.problem, r.generation as reported
                from twin_desired d left join twin_reported r on r.asset = d.asset
                where d.asset = any(?)""",
                row -> {
                    rows.put(
                            row.getString("asset"),
                            new Row(
                                    row.getString("asset"),
                                    row.getLong("generation"),
                                    nullable(row, "content"),
                                    nullable(row, "origins"),
                                    row.getLong("asset_version"),
                                    row.getString("problem"),
                                    nullable(row, "reported")));
                },
                (Object) assets.toArray(String[]::new));
        return rows;
    }

    /** @param bumped whether it is a new generation; otherwise its time and reason stay */
    record Written(Row row, boolean bumped, String reason) {}

    void write(List<Written> written, Instant now) {
        if (written.isEmpty()) {
            return;
        }
        OffsetDateTime at = now.atOffset(ZoneOffset.UTC);
        template.update(
                """
                update twin_desired d set generation = given.generation, content = given.content, origins = given.origins,
                       changed = case when given.bumped then ? else d.changed end,
                       reason = case when given.bumped then given.reason else d.reason end,
                       asset_version = given.version, problem = given.problem
                from unnest(?::text[], ?::bigint[], ?::bigint[], ?::bigint[], ?::boolean[], ?::text[], ?::bigint[], ?::text[])
                    as given (asset, generation, content, origins, bumped, reason, version, problem)
                where d.asset = given.asset""",
                at,
                written.stream().map(each -> each.row().asset()).toArray(String[]::new),
                written.stream().map(each -> each.row().generation()).toArray(Long[]::new),
                written.stream().map(each -> each.row().content()).toArray(Long[]::new),
                written.stream().map(each -> each.row().origins()).toArray(Long[]::new),
                written.stream().map(Written::bumped).toArray(Boolean[]::new),
                written.stream().map(Written::reason).toArray(String[]::new),
                written.stream().map(each -> each.row().assetVersion()).toArray(Long[]::new),
                written.stream().map(each -> each.row().problem()).toArray(String[]::new));
        List<Written> bumped = written.stream().filter(Written::bumped).toList();
        if (bumped.isEmpty()) {
            return;
        }
        String[] assets = bumped.stream().map(each -> each.row().asset()).toArray(String[]::new);
        Long[] generations =
                bumped.stream().map(each -> each.row().generation()).toArray(Long[]::new);
        template.update(
                """
                insert into twin_desired_history (asset, generation, at, content, reason)
                select asset, generation, ?, content, reason
                from unnest(?::text[], ?::bigint[], ?::bigint[], ?::text[]) as given (asset, generation, content, reason)
                on conflict do nothing""",
                at,
                assets,
                generations,
                bumped.stream().map(each -> each.row().content()).toArray(Long[]::new),
                bumped.stream().map(Written::reason).toArray(String[]::new));
        template.update("""
                delete from twin_desired_history h using unnest(?::text[], ?::bigint[]) as given (asset, generation)
                where h.asset = given.asset and h.generation <= given.generation - ?""", assets, generations, HISTORY);
    }

    // ---- marks

    record Mark(long seq, String asset, String reason, boolean reapply) {}

    /** The oldest marks of single assets. */
    List<Mark> marks(int limit) {
        return template.query(
                "select seq, name, reason, reapply from twin_mark where kind = 'asset' order by seq limit ?",
                (row, index) -> new Mark(row.getLong(1), row.getString(2), row.getString(3), row.getBoolean(4)),
                limit);
    }

    void deleteMarks(Collection<Long> seqs) {
        template.update("delete from twin_mark where seq = any(?)", (Object) seqs.toArray(Long[]::new));
    }

    /** Replaces marks of groups, types and changes by marks of the assets that they mean. */
    void spread() {
        record Wide(long seq, String kind, String name, String reason) {}
        List<Wide> all = template.query(
                "delete from twin_mark where kind <> 'asset' returning seq, kind, name, reason",
                (row, index) -> new Wide(row.getLong(1), row.getString(2), row.getString(3), row.getString(4)));
        Map<String, Wide> distinct = new LinkedHashMap<>();
        all.forEach(wide -> distinct.put(wide.kind() + " " + wide.name(), wide));
        for (Wide wide : distinct.values()) {
            switch (wide.kind()) {
                case "group" -> template.update("""
                            insert into twin_mark (kind, name, reason) select 'asset', asset_id, ? from group_membership
                            where group_name = ? and left_at is null""", wide.reason(), wide.name());
                case "type" -> template.update("""
                            insert into twin_mark (kind, name, reason) select 'asset', id, ? from asset where type = ?
                            """, wide.reason(), wide.name());
                case "changed" -> template.update("""
                            insert into twin_mark (kind, name, reason)
                            select 'asset', a.id, ? from asset a left join twin_desired d on d.asset = a.id
                            where d.asset is null or d.asset_version <> a.resource_version""", wide.reason());
                default -> throw new IllegalStateException("mark of kind " + wide.kind() + " is not known");
            }
        }
    }

    long countMarks() {
        Long count = template.queryForObject("select count(*) from twin_mark where kind = 'asset'", Long.class);
        return count == null ? 0 : count;
    }

    // ---- baselines

    /** Something that changes with every change of any type. */
    String stateOfTypes() {
        return String.valueOf(template.queryForObject(
                "select count(*) || ' ' || coalesce(max(resource_version), 0) from asset_type", String.class));
    }

    /** Remembers the baselines as they are. @return the types whose baseline is another than it was */
    List<String> changedBaselines() {
        List<String> changed = new ArrayList<>(template.queryForList("""
                with now as (select name, md5(coalesce(spec ->> 'baseline', '')) as hash from asset_type)
                insert into twin_baseline as known (type, hash) select name, hash from now
                on conflict (type) do update set hash = excluded.hash where known.hash <> excluded.hash
                returning type""", String.class));
        template.update("delete from twin_baseline where type not in (select name from asset_type)");
        return changed;
    }

    /** What belonged to assets that are deleted. */
    void forget(Collection<String> deleted) {
        if (deleted.isEmpty()) {
            return;
        }
        String[] assets = deleted.toArray(String[]::new);
        for (String table : List.of(
                "twin_software",
                "twin_configuration",
                "twin_reported",
                "twin_reported_history",
                "twin_reconcile",
                "twin_decision",
                "twin_desired_history")) {
            template.update("delete from " + table + " where asset = any(?)", (Object) assets);
        }
        template.update(
                "delete from configuration where local_base is not null and target_asset = any(?)", (Object) assets);
    }

    private static @Nullable Long nullable(ResultSet row, String column) throws SQLException {
        long value = row.getLong(column);
        return row.wasNull() ? null : value;
    }

    private static Instant instant(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }
}
