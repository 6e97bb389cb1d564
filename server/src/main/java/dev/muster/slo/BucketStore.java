package dev.muster.slo;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
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
import java.util.Set;
import java.util.TreeMap;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The tables {@code sli_…}: buckets and hours by scope, who was not good, how far everything is. */
@Component
class BucketStore {
    /** How long buckets of five minutes are kept; late data corrects them so long. */
    static final Duration KEPT = Duration.ofDays(14);
    /** How long hours are kept. */
    static final Duration HOURS_KEPT = Duration.ofDays(400);
    /** How long it is kept who was not good. */
    static final Duration OFFENDERS_KEPT = Duration.ofDays(8);

    private static final int MAX_FORGOTTEN_AT_ONCE = 50_000;

    private final JdbcClient jdbc;
    private final JdbcTemplate template;

    BucketStore(JdbcClient jdbc, JdbcTemplate template) {
        this.jdbc = jdbc;
        this.template = template;
    }

    // --- who is in service

    /** Something that is another one after each change of any asset: versions only rise, whatever is committed first. */
    String stateOfAssets() {
        return jdbc.sql("select count(*) || ' ' || coalesce(sum(resource_version), 0) from asset")
                .query(String.class)
                .single();
    }

    /** Brings the intervals up to now. */
    void refreshPlaces(Instant now) {
        jdbc.sql("""
                        update sli_place p set to_at = greatest(p.from_at, :now)
                        where p.to_at is null and not exists (
                            select 1 from asset a where a.id = p.asset and a.lifecycle = 'active' and a.type = p.type
                                and a.region = p.region)""").param("now", time(now)).update();
        jdbc.sql("""
                        insert into sli_place (asset, type, region, from_at)
                        select a.id, a.type, a.region, :now from asset a
                        where a.lifecycle = 'active' and not exists (
                            select 1 from sli_place p where p.asset = a.id and p.to_at is null)
                        on conflict (asset, from_at) do update set type = excluded.type, region = excluded.region, to_at = null""").param("now", time(now)).update();
    }

    /** Those in service at a moment, with since when they are what they were then. */
    Map<String, Instant> places(Instant at) {
        Map<String, Instant> places = new HashMap<>();
        template.query(
                "select asset, from_at from sli_place where from_at <= ? and (to_at is null or to_at > ?)",
                row -> {
                    places.put(row.getString(1), instant(row, "from_at"));
                },
                time(at),
                time(at));
        return places;
    }

    Optional<Instant> inServiceSince(String asset) {
        return jdbc.sql("select min(from_at) from sli_place where asset = :asset having min(from_at) is not null")
                .param("asset", asset)
                .query((row, _) -> row.getObject(1, OffsetDateTime.class).toInstant())
                .optional();
    }

    // --- progress

    Optional<Instant> next(String sli) {
        return jdbc.sql("select next from sli_progress where sli = :sli")
                .param("sli", sli)
                .query((row, _) -> instant(row, "next"))
                .optional();
    }

    void advance(String sli, Instant next) {
        jdbc.sql("""
                        insert into sli_progress as known (sli, next) values (:sli, :next)
                        on conflict (sli) do update set next = greatest(known.next, excluded.next)""").param("sli", sli).param("next", time(next)).update();
    }

    // --- buckets

    /**
     * Writes one bucket as a whole, its hour with it; what was there before goes.
     *
     * @param add whether the counts are added to what is there
     */
    void write(String sli, Instant at, Map<String, Tally> byAsset, boolean add) {
        Map<String, Tally> before = new HashMap<>();
        if (!add) {
            template.query(
                    "delete from sli_bucket where sli = ? and at = ? returning scope, good, bad, stale, unknown",
                    row -> {
                        before.put(row.getString(1), tally(row));
                    },
                    sli,
                    time(at));
            template.update("delete from sli_offender where sli = ? and at = ?", sli, time(at));
        }
        insert(sli, at, byAsset, before);
        offenders(sli, at, byAsset);
        hour(sli, Buckets.floor(at, Buckets.HOUR));
    }

    private void insert(String sli, Instant at, Map<String, Tally> byAsset, Map<String, Tally> before) {
        Instant last = at.plus(Buckets.SIZE).minusMillis(1);
        Columns columns = new Columns(byAsset.entrySet());
        Map<String, Tally> gained = new LinkedHashMap<>();
        template.query(
                """
                with counted as (
                    select * from unnest(?::text[], ?::float8[], ?::float8[], ?::float8[], ?::float8[])
                        as counted (asset, good, bad, stale, unknown)),
                placed as (
                    select c.*, p.type, p.region from counted c join sli_place p on p.asset = c.asset
                        and p.from_at <= ? and (p.to_at is null or p.to_at > ?)),
                scoped as (
                    select 'fleet' as scope, good, bad, stale, unknown from counted
                    union all select 'type/' || type, good, bad, stale, unknown from placed
                    union all select 'region/' || region, good, bad, stale, unknown from placed where region <> ''
                    union all select 'group/' || m.group_name, c.good, c.bad, c.stale, c.unknown
                        from counted c join group_membership m on m.asset_id = c.asset
                            and m.joined_at <= ? and (m.left_at is null or m.left_at > ?)),
                summed as (
                    insert into sli_bucket as known (sli, scope, at, good, bad, stale, unknown)
                    select ?, scope, ?, sum(good), sum(bad), sum(stale), sum(unknown) from scoped group by scope
                    on conflict (sli, scope, at) do update set good = known.good + excluded.good,
                        bad = known.bad + excluded.bad, stale = known.stale + excluded.stale,
                        unknown = known.unknown + excluded.unknown)
                select scope, sum(good) as good, sum(bad) as bad, sum(stale) as stale, sum(unknown) as unknown
                from scoped group by scope order by scope""",
                row -> {
                    Tally was = before.getOrDefault(row.getString("scope"), Tally.NONE);
                    Tally now = tally(row);
                    gained.put(
                            row.getString("scope"),
                            new Tally(
                                    Math.max(0, now.good() - was.good()),
                                    Math.max(0, now.bad() - was.bad()),
                                    Math.max(0, now.stale() - was.stale()),
                                    Math.max(0, now.unknown() - was.unknown())));
                },
                columns.keys,
                columns.good,
                columns.bad,
                columns.stale,
                columns.unknown,
                time(last),
                time(last),
                time(last),
                time(last),
                sli,
                time(at));
        total(sli, gained);
    }

    private void total(String sli, Map<String, Tally> gained) {
        Columns columns = new Columns(gained.entrySet());
        template.update("""
                insert into sli_total as known (sli, scope, good, bad, stale, unknown)
                select ?, * from unnest(?::text[], ?::float8[], ?::float8[], ?::float8[], ?::float8[])
                on conflict (sli, scope) do update set good = known.good + excluded.good, bad = known.bad + excluded.bad,
                    stale = known.stale + excluded.stale, unknown = known.unknown + excluded.unknown""", sli, columns.keys, columns.good, columns.bad, columns.stale, columns.unknown);
    }

    private void offenders(String sli, Instant at, Map<String, Tally> byAsset) {
        Columns columns = new Columns(byAsset.entrySet().stream()
                .filter(entry -> {
                    Tally tally = entry.getValue();
                    return tally.bad() > 0 || tally.stale() > 0 || tally.unknown() > 0;
                })
                .sorted(Map.Entry.comparingByKey())
                .toList());
        template.update("""
                insert into sli_offender as known (sli, at, asset, bad, stale, unknown)
                select ?, ?, * from unnest(?::text[], ?::float8[], ?::float8[], ?::float8[])
                on conflict (sli, at, asset) do update set bad = known.bad + excluded.bad, stale = known.stale + excluded.stale,
                    unknown = known.unknown + excluded.unknown""", sli, time(at), columns.keys, columns.bad, columns.stale, columns.unknown);
    }

    private void hour(String sli, Instant hour) {
        template.update("delete from sli_hour where sli = ? and at = ?", sli, time(hour));
        template.update("""
                insert into sli_hour (sli, scope, at, good, bad, stale, unknown)
                select sli, scope, ?, sum(good), sum(bad), sum(stale), sum(unknown) from sli_bucket
                where sli = ? and at >= ? and at < ? group by sli, scope""", time(hour), sli, time(hour), time(hour.plus(Buckets.HOUR)));
    }

    /** Of one scope: whole hours from the hours, what is left of them at both ends from the buckets. Index: primary keys. */
    Tally sum(String sli, SliScope scope, Instant from, Instant to) {
        Instant first = Buckets.ceil(from, Buckets.HOUR);
        Instant last = Buckets.floor(to, Buckets.HOUR);
        if (!first.isBefore(last)) {
            first = to;
            last = to;
        }
        return jdbc.sql("""
                        select coalesce(sum(good), 0) as good, coalesce(sum(bad), 0) as bad, coalesce(sum(stale), 0) as stale,
                               coalesce(sum(unknown), 0) as unknown
                        from (
                            select good, bad, stale, unknown from sli_hour
                            where sli = :sli and scope = :scope and at >= :first and at < :last
                            union all
                            select good, bad, stale, unknown from sli_bucket
                            where sli = :sli and scope = :scope and (at >= :from and at < :first or at >= :last and at < :to)) s""")
                .param("sli", sli)
                .param("scope", scope.wire())
                .param("from", time(from))
                .param("first", time(first))
                .param("last", time(last))
                .param("to", time(to))
                .query((row, _) -> tally(row))
                .single();
    }

    /** By step, those without anything left out. @param step whole buckets; from an hour on whole hours */
    Map<Instant, Tally> series(String sli, SliScope scope, Instant from, Instant to, Duration step) {
        String table = step.compareTo(Buckets.HOUR) >= 0 ? "sli_hour" : "sli_bucket";
        Map<Instant, Tally> found = new TreeMap<>();
        jdbc.sql("""
                        select date_bin(cast(:step as interval), at, timestamptz 'epoch') as at, sum(good) as good,
                               sum(bad) as bad, sum(stale) as stale, sum(unknown) as unknown
                        from %s where sli = :sli and scope = :scope and at >= :from and at < :to group by 1 order by 1""".formatted(table))
                .param("step", step.toSeconds() + " seconds")
                .param("sli", sli)
                .param("scope", scope.wire())
                .param("from", time(from))
                .param("to", time(to))
                .query(row -> {
                    found.put(instant(row, "at"), tally(row));
                });
        return found;
    }

    /** An asset that was not good, and in what. */
    record Offender(String asset, double bad, double stale, double unknown) {}

    /** The worst first. @param group empty for none */
    List<Offender> offenders(String sli, SliScope scope, Instant from, Instant to, int limit) {
        return jdbc.sql("""
                        select asset, sum(bad) as bad, sum(stale) as stale, sum(unknown) as unknown from sli_offender o
                        where sli = :sli and at >= :from and at < :to and %s
                        group by asset having sum(bad) > 0 order by 2 desc, asset limit :limit""".formatted(narrowed(scope)))
                .param("sli", sli)
                .param("from", time(from))
                .param("to", time(to))
                .param("name", scope.name())
                .param("limit", limit)
                .query((row, _) -> new Offender(
                        row.getString("asset"), row.getDouble("bad"), row.getDouble("stale"), row.getDouble("unknown")))
                .list();
    }

    /** Of the table {@code o}: those who belonged to the scope at the time of each bucket. */
    private static String narrowed(SliScope scope) {
        return switch (scope) {
            case SliScope.Fleet _ -> "true";
            case SliScope.Type _ ->
                "exists (select 1 from sli_place p where p.asset = o.asset and p.type = :name"
                        + " and p.from_at <= o.at + interval '5 minutes' and (p.to_at is null or p.to_at > o.at))";
            case SliScope.Region _ ->
                "exists (select 1 from sli_place p where p.asset = o.asset and p.region = :name"
                        + " and p.from_at <= o.at + interval '5 minutes' and (p.to_at is null or p.to_at > o.at))";
            case SliScope.Group _ ->
                "exists (select 1 from group_membership m where m.asset_id = o.asset and m.group_name = :name"
                        + " and m.joined_at <= o.at + interval '5 minutes' and (m.left_at is null or m.left_at > o.at))";
            case SliScope.One _ -> "o.asset = :name";
        };
    }

    /**
     * What the assets that were not good have in common, as the registry knows them now.
     *
     * @param by {@code asset}, {@code type}, {@code region}, {@code site}, {@code hardware}, {@code owner}, {@code group} or {@code release}
     * @param bad of all that was bad
     * @param assets that were not good
     */
    record Share(String by, String name, double bad, int assets) {}

    /** The worst first, of each kind at most {@code limit}. Index: primary key of {@code sli_offender}. */
    List<Share> causes(String sli, SliScope scope, Instant from, Instant to, int limit) {
        return jdbc.sql("""
                        with wrong as (
                            select o.asset, sum(o.bad) as bad from sli_offender o
                            where o.sli = :sli and o.at >= :from and o.at < :to and %s group by o.asset having sum(o.bad) > 0),
                        named as (
                            select w.asset, w.bad, a.type, a.region, a.site, a.hardware, a.owner, a.software
                            from wrong w left join asset a on a.id = w.asset),
                        shares as (
                            select 'asset' as by, asset as name, bad, 1 as assets from named
                            union all select 'type', type, sum(bad), count(*) from named where type <> '' group by type
                            union all select 'region', region, sum(bad), count(*) from named where region <> '' group by region
                            union all select 'site', site, sum(bad), count(*) from named where site <> '' group by site
                            union all select 'hardware', hardware, sum(bad), count(*) from named where hardware <> '' group by hardware
                            union all select 'owner', owner, sum(bad), count(*) from named where owner <> '' group by owner
                            union all select 'release', s.key || '@' || s.value, sum(n.bad), count(*)
                                from named n cross join lateral jsonb_each_text(coalesce(n.software, '{}')) s group by 2
                            union all select 'group', m.group_name, sum(n.bad), count(*)
                                from named n join group_membership m on m.asset_id = n.asset and m.left_at is null group by 2),
                        ranked as (select *, row_number() over (partition by by order by bad desc, name) as rank from shares)
                        select by, name, bad, assets from ranked where rank <= :limit
                        union all select 'all', '', coalesce(sum(bad), 0), count(*) from wrong
                        order by 1, 3 desc, 2""".formatted(narrowed(scope)))
                .param("sli", sli)
                .param("from", time(from))
                .param("to", time(to))
                .param("name", scope.name())
                .param("limit", limit)
                .query((row, _) -> new Share(
                        row.getString("by"), row.getString("name"), row.getDouble("bad"), row.getInt("assets")))
                .list();
    }

    /** What one asset was not good in. Index: {@code sli_offender_asset}. */
    Tally offences(String sli, String asset, Instant from, Instant to) {
        return jdbc.sql("""
                        select 0 as good, coalesce(sum(bad), 0) as bad, coalesce(sum(stale), 0) as stale,
                               coalesce(sum(unknown), 0) as unknown
                        from sli_offender where asset = :asset and sli = :sli and at >= :from and at < :to""")
                .param("asset", asset)
                .param("sli", sli)
                .param("from", time(from))
                .param("to", time(to))
                .query((row, _) -> tally(row))
                .single();
    }

    /** How many buckets of the fleet hold anything. */
    int written(String sli, Instant from, Instant to) {
        return jdbc.sql("""
                        select count(*) from sli_bucket where sli = :sli and scope = 'fleet' and at >= :from and at < :to""")
                .param("sli", sli)
                .param("from", time(from))
                .param("to", time(to))
                .query(Integer.class)
                .single();
    }

    /** Buckets of the fleet that hold something unknown, the oldest first. */
    List<Instant> unsettled(String sli, Instant from) {
        return jdbc.sql("""
                        select at from sli_bucket where sli = :sli and scope = 'fleet' and at >= :from and unknown > 0
                        order by at""")
                .param("sli", sli)
                .param("from", time(from))
                .query((row, _) -> instant(row, "at"))
                .list();
    }

    // --- what comes after its time

    record Late(Instant at, String type, Instant marked) {}

    void markLate(Map<Instant, Set<String>> late, Instant now) {
        List<OffsetDateTime> ats = new ArrayList<>();
        List<String> types = new ArrayList<>();
        late.forEach((at, of) -> of.forEach(type -> {
            ats.add(time(at));
            types.add(type);
        }));
        template.update(
                """
                insert into sli_late (at, type, marked) select at, type, ? from unnest(?::timestamptz[], ?::text[]) as late (at, type)
                on conflict (at, type) do update set marked = excluded.marked""",
                time(now),
                ats.stream().map(OffsetDateTime::toString).toArray(String[]::new),
                types.toArray(String[]::new));
    }

    List<Late> late(Instant markedBefore, int limit) {
        return jdbc.sql("select at, type, marked from sli_late where marked <= :before order by at, type limit :limit")
                .param("before", time(markedBefore))
                .param("limit", limit)
                .query((row, _) -> new Late(instant(row, "at"), row.getString("type"), instant(row, "marked")))
                .list();
    }

    /** One that was marked again meanwhile stays. */
    void done(Late late) {
        jdbc.sql("delete from sli_late where at = :at and type = :type and marked = :marked")
                .param("at", time(late.at()))
                .param("type", late.type())
                .param("marked", time(late.marked()))
                .update();
    }

    // --- counters

    Map<String, Map<String, Tally>> totals() {
        Map<String, Map<String, Tally>> totals = new TreeMap<>();
        template.query("select sli, scope, good, bad, stale, unknown from sli_total", row -> {
            totals.computeIfAbsent(row.getString("sli"), _ -> new TreeMap<>()).put(row.getString("scope"), tally(row));
        });
        return totals;
    }

    /** What nobody asks for any more, a bounded number at a time. @return whether there is more */
    boolean forget(Instant now) {
        int most = 0;
        for (String[] table : new String[][] {
            {"sli_bucket", KEPT.toSeconds() + ""},
            {"sli_hour", HOURS_KEPT.toSeconds() + ""},
            {"sli_offender", OFFENDERS_KEPT.toSeconds() + ""}
        }) {
            most = Math.max(
                    most,
                    template.update(
                            "delete from " + table[0] + " where ctid in (select ctid from " + table[0]
                                    + " where at < ? limit ?)",
                            time(now.minusSeconds(Long.parseLong(table[1]))),
                            MAX_FORGOTTEN_AT_ONCE));
        }
        most = Math.max(
                most,
                template.update(
                        "delete from sli_place where ctid in (select ctid from sli_place where to_at < ? limit ?)",
                        time(now.minus(KEPT)),
                        MAX_FORGOTTEN_AT_ONCE));
        return most == MAX_FORGOTTEN_AT_ONCE;
    }

    /** With all that was counted of it. */
    void forget(String sli) {
        for (String table : List.of("sli_bucket", "sli_hour", "sli_offender", "sli_progress", "sli_total")) {
            template.update("delete from " + table + " where sli = ?", sli);
        }
    }

    /** Of a million assets: numbers and no objects. */
    private static final class Columns {
        private final String[] keys;
        private final double[] good;
        private final double[] bad;
        private final double[] stale;
        private final double[] unknown;

        Columns(Collection<Map.Entry<String, Tally>> tallies) {
            int size = tallies.size();
            keys = new String[size];
            good = new double[size];
            bad = new double[size];
            stale = new double[size];
            unknown = new double[size];
            int i = 0;
            for (Map.Entry<String, Tally> entry : tallies) {
                keys[i] = entry.getKey();
                good[i] = entry.getValue().good();
                bad[i] = entry.getValue().bad();
                stale[i] = entry.getValue().stale();
                unknown[i] = entry.getValue().unknown();
                i++;
            }
        }
    }

    private static Tally tally(ResultSet row) throws SQLException {
        return new Tally(row.getDouble("good"), row.getDouble("bad"), row.getDouble("stale"), row.getDouble("unknown"));
    }

    private static Instant instant(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }

    private static OffsetDateTime time(Instant instant) {
        return instant.atOffset(ZoneOffset.UTC);
    }
}
