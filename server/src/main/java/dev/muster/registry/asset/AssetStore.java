package dev.muster.registry.asset;

import dev.muster.protocol.AssetId;
import dev.muster.registry.Asset;
import dev.muster.registry.Lifecycle;
import dev.muster.registry.Presence;
import dev.muster.registry.selector.SqlCondition;
import java.sql.Types;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * The table of assets; knows no scope, so what people ask goes through {@link AssetDirectory} and {@link AssetService}.
 *
 * <p>What other packages know better is written here by them: {@link #updatePresence} and {@link #updateReported} by the twin,
 * {@link #setCertificateExpiry} by the PKI. It does not count as a change of the asset.
 */
@Component
public class AssetStore {
    private static final int TYPES_AT_ONCE = 10_000;

    private final JdbcClient jdbc;
    private final JdbcTemplate template;

    public AssetStore(JdbcClient jdbc, JdbcTemplate template) {
        this.jdbc = jdbc;
        this.template = template;
    }

    public Optional<Asset> find(AssetId id) {
        return jdbc.sql("select " + AssetRow.COLUMNS + " from asset where id = :id")
                .param("id", id.value())
                .query(new AssetRow())
                .optional();
    }

    /** The asset, locked against other writers until the end of the transaction. */
    public Optional<Asset> lock(AssetId id) {
        return jdbc.sql("select " + AssetRow.COLUMNS + " from asset where id = :id for no key update")
                .param("id", id.value())
                .query(new AssetRow())
                .optional();
    }

    /** Assets that fulfil a condition in the order of their ids, from the one after {@code after}. */
    public List<Asset> page(SqlCondition condition, @Nullable String after, int limit) {
        List<Object> parameters = new ArrayList<>(condition.parameters());
        parameters.add(after == null ? "" : after);
        parameters.add(limit);
        return template.query(
                "select " + AssetRow.COLUMNS + " from asset where " + condition.sql()
                        + " and id > ? order by id limit ?",
                new AssetRow(),
                parameters.toArray());
    }

    /** As above, in another order, from the one after a place. */
    List<Asset> page(SqlCondition condition, AssetOrder order, AssetOrder.@Nullable Place after, int limit) {
        SqlCondition both = after == null ? condition : condition.and(order.following(after));
        List<Object> parameters = new ArrayList<>(both.parameters());
        parameters.add(limit);
        return template.query(
                "select " + AssetRow.COLUMNS + " from asset where " + both.sql() + " order by " + order.sql()
                        + " limit ?",
                new AssetRow(),
                parameters.toArray());
    }

    /** All assets that fulfil a condition with their groups, in no order: 100,000 take some tens of milliseconds. */
    void members(SqlCondition condition, AssetGrouping grouping, Consumer<AssetGrouping.Member> each) {
        List<Object> parameters = new ArrayList<>(grouping.parameters());
        parameters.addAll(condition.parameters());
        template.query(
                grouping.select(condition),
                row -> {
                    each.accept(new AssetGrouping.Member(row.getString(1), row.getString(2), row.getString(3)));
                },
                parameters.toArray());
    }

    /** Every asset's type, read in pieces: 100,000 take a tenth of a second. */
    public void forEachType(BiConsumer<AssetId, String> each) {
        Map<String, String> shared = new HashMap<>();
        String[] last = {""};
        int[] read = new int[1];
        do {
            read[0] = 0;
            template.query(
                    "select id, type from asset where id > ? order by id limit ?",
                    row -> {
                        read[0]++;
                        last[0] = row.getString(1);
                        each.accept(new AssetId(last[0]), shared.computeIfAbsent(row.getString(2), type -> type));
                    },
                    last[0],
                    TYPES_AT_ONCE);
        } while (read[0] == TYPES_AT_ONCE);
    }

    public long count(SqlCondition condition) {
        Long count = template.queryForObject(
                "select count(*) from asset where " + condition.sql(),
                Long.class,
                condition.parameters().toArray());
        return count == null ? 0 : count;
    }

    /** Counts of a sequential scan: 100,000 assets take some tens of milliseconds. */
    List<AssetTally> tally(SqlCondition condition) {
        return template.query(
                "select region, type, lifecycle, presence, count(*) from asset where " + condition.sql()
                        + " group by region, type, lifecycle, presence order by region, type, lifecycle, presence",
                (row, index) -> new AssetTally(
                        row.getString(1),
                        row.getString(2),
                        Lifecycle.ofWire(row.getString(3)).orElseThrow(),
                        Presence.ofWire(row.getString(4)).orElseThrow(),
                        row.getLong(5)),
                condition.parameters().toArray());
    }

    /** Which of the given ids are assets that fulfil a condition. */
    public Set<AssetId> among(Collection<AssetId> ids, SqlCondition condition) {
        SqlCondition both = SqlCondition.of("id = any(?)", (Object) texts(ids)).and(condition);
        return Set.copyOf(template.query(
                "select id from asset where " + both.sql(),
                (row, index) -> new AssetId(row.getString(1)),
                both.parameters().toArray()));
    }

    public List<Asset> findAll(Collection<AssetId> ids) {
        return page(SqlCondition.of("id = any(?)", (Object) texts(ids)), null, ids.size());
    }

    /** @param lastSeen as the registry has it, which may be an hour behind */
    public record Reach(Presence presence, @Nullable Instant lastSeen) {}

    /** How those of the assets that exist can be reached. */
    public Map<AssetId, Reach> reach(Collection<AssetId> ids) {
        if (ids.isEmpty()) {
            return Map.of();
        }
        Map<AssetId, Reach> found = new HashMap<>();
        template.query(
                "select id, presence, last_seen from asset where id = any(?)",
                row -> {
                    OffsetDateTime seen = row.getObject(3, OffsetDateTime.class);
                    found.put(
                            new AssetId(row.getString(1)),
                            new Reach(
                                    Presence.ofWire(row.getString(2)).orElseThrow(),
                                    seen == null ? null : seen.toInstant()));
                },
                (Object) texts(ids));
        return found;
    }

    /** @return whether it was new */
    boolean insert(Asset asset, Map<String, String> managers) {
        return jdbc.sql("""
                        insert into asset (id, type, labels, owner, region, site, hardware, lifecycle, presence,
                                           presence_since, created, updated, resource_version, managers)
                        values (:id, :type, :labels::jsonb, :owner, :region, :site, :hardware, :lifecycle, :presence,
                                :presenceSince, :created, :updated, :version, :managers::jsonb)
                        on conflict (id) do nothing
                        """)
                        .param("id", asset.id().value())
                        .param("type", asset.type())
                        .param("labels", AssetRow.json(asset.labels()))
                        .param("owner", asset.owner())
                        .param("region", asset.region())
                        .param("site", asset.site())
                        .param("hardware", asset.hardware())
                        .param("lifecycle", asset.lifecycle().wire())
                        .param("presence", asset.presence().wire())
                        .param("presenceSince", time(asset.presenceSince()))
                        .param("created", time(asset.created()))
                        .param("updated", time(asset.updated()))
                        .param("version", asset.resourceVersion())
                        .param("managers", AssetRow.json(managers))
                        .update()
                == 1;
    }

    /** Writes the declared part. */
    void update(Asset asset, Map<String, String> managers) {
        jdbc.sql("""
                        update asset set type = :type, labels = :labels::jsonb, owner = :owner, region = :region,
                               site = :site, hardware = :hardware, lifecycle = :lifecycle, updated = :updated,
                               resource_version = :version, managers = :managers::jsonb
                        where id = :id
                        """)
                .param("id", asset.id().value())
                .param("type", asset.type())
                .param("labels", AssetRow.json(asset.labels()))
                .param("owner", asset.owner())
                .param("region", asset.region())
                .param("site", asset.site())
                .param("hardware", asset.hardware())
                .param("lifecycle", asset.lifecycle().wire())
                .param("updated", time(asset.updated()))
                .param("version", asset.resourceVersion())
                .param("managers", AssetRow.json(managers))
                .update();
    }

    boolean anyProvisioned(Collection<AssetId> ids) {
        return jdbc.sql("select exists (select 1 from asset where id = any(:ids) and lifecycle = 'provisioned')")
                .param("ids", texts(ids))
                .query(Boolean.class)
                .single();
    }

    /** Those of the assets that are provisioned, locked against other writers, in the order of their ids. */
    List<Asset> lockProvisioned(Collection<AssetId> ids) {
        return jdbc.sql("select " + AssetRow.COLUMNS + """
                         from asset where id = any(:ids) and lifecycle = 'provisioned'
                        order by id for no key update""")
                .param("ids", texts(ids))
                .query(new AssetRow())
                .list();
    }

    /** @return the assets as they are now */
    List<Asset> activate(Collection<AssetId> ids, Instant now) {
        return jdbc.sql("""
                        update asset set lifecycle = 'active', updated = :now, resource_version = nextval('resource_version')
                        where id = any(:ids) returning\s""" + AssetRow.COLUMNS)
                .param("now", time(now))
                .param("ids", texts(ids))
                .query(new AssetRow())
                .list();
    }

    void delete(AssetId id) {
        jdbc.sql("delete from asset where id = :id").param("id", id.value()).update();
    }

    /** Who owns which declared field. */
    public Map<String, String> managers(AssetId id) {
        return jdbc.sql("select managers from asset where id = :id")
                .param("id", id.value())
                .query((row, index) -> AssetRow.texts(row.getString(1)))
                .optional()
                .orElse(Map.of());
    }

    public long nextVersion() {
        return jdbc.sql("select nextval('resource_version')").query(Long.class).single();
    }

    /**
     * Stores presence of many assets in one statement; ids that are no assets (any more) are passed over.
     *
     * <p>Groups whose selector asks for presence follow within the interval of their sweep. Rows are locked in the order of
     * their ids, as every batch of the registry does.
     *
     * @param updates at most one for each asset
     */
    public void updatePresence(Collection<PresenceUpdate> updates) {
        if (updates.isEmpty()) {
            return;
        }
        List<PresenceUpdate> ordered = updates.stream()
                .sorted(Comparator.comparing(PresenceUpdate::id))
                .toList();
        template.update(
                """
                with given as (
                    select * from unnest(?::text[], ?::text[], ?::text[]::timestamptz[], ?::text[]::timestamptz[])
                        as given (id, presence, since, seen)),
                locked as (
                    select asset.id from asset join given on asset.id = given.id order by asset.id for no key update of asset)
                update asset
                set presence_since = case when asset.presence = given.presence then asset.presence_since else given.since end,
                    presence = given.presence,
                    last_seen = greatest(asset.last_seen, given.seen)
                from given, locked
                where asset.id = given.id and locked.id = given.id
                """,
                ordered.stream().map(update -> update.id().value()).toArray(String[]::new),
                ordered.stream().map(update -> update.presence().wire()).toArray(String[]::new),
                ordered.stream().map(update -> update.since().toString()).toArray(String[]::new),
                ordered.stream()
                        .map(update -> update.lastSeen() == null
                                ? null
                                : update.lastSeen().toString())
                        .toArray(String[]::new));
    }

    /**
     * Stores what assets report of themselves and selectors ask for; ids that are no assets (any more) are passed over, and rows
     * that say the same already are not written. Rows are locked in the order of their ids.
     *
     * @param updates at most one for each asset
     */
    public void updateReported(Collection<ReportedUpdate> updates) {
        if (updates.isEmpty()) {
            return;
        }
        List<ReportedUpdate> ordered = List.copyOf(updates);
        template.update(
                """
                with given as (
                    select id, software::jsonb as software, drift
                    from unnest(?::text[], ?::text[], ?::integer[]) as given (id, software, drift)),
                locked as (
                    select asset.id from asset join given on asset.id = given.id
                    where asset.software is distinct from given.software or asset.drift is distinct from given.drift
                    order by asset.id for no key update of asset)
                update asset set software = given.software, drift = given.drift
                from given, locked
                where asset.id = given.id and locked.id = given.id
                """,
                ordered.stream().map(update -> update.id().value()).toArray(String[]::new),
                ordered.stream().map(update -> AssetRow.json(update.software())).toArray(String[]::new),
                ordered.stream().map(ReportedUpdate::drift).toArray(Integer[]::new));
    }

    /** @param expires end of the asset's newest valid certificate, {@code null} when it has none (any more) */
    public void setCertificateExpiry(AssetId id, @Nullable Instant expires) {
        jdbc.sql("update asset set certificate_expires = :expires where id = :id")
                .param("id", id.value())
                .param("expires", AssetRow.time(expires), Types.TIMESTAMP_WITH_TIMEZONE)
                .update();
    }

    private static String[] texts(Collection<AssetId> ids) {
        return ids.stream().map(AssetId::value).toArray(String[]::new);
    }

    private static OffsetDateTime time(Instant instant) {
        return instant.atOffset(ZoneOffset.UTC);
    }
}
