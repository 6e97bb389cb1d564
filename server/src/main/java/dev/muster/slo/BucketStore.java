package dev.muster.slo;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.springframework.beans.factory.annotation.Autowired;
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
    private final int page;

    @Autowired
    BucketStore(JdbcClient jdbc, JdbcTemplate template) {
        this(jdbc, template, InService.PAGE);
    }

    BucketStore(JdbcClient jdbc, JdbcTemplate template, int page) {
        this.jdbc = jdbc;
        this.template = template;
        this.page = page;
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
     * To write one bucket with, in a transaction.
     *
     * @param add whether the counts are added to what is there; else that goes
     * @param eachPage called with every page of assets
     */
    BucketWriter writer(String sli, Instant at, boolean add, Runnable eachPage) {
        return new BucketWriter(template, sli, at, add, page, eachPage);
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
