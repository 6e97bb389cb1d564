package dev.muster.slo;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Writes one bucket as a whole within the transaction of the caller, its hour with it. What is given is put into a table of the
 * connection page by page, so that no more than a page is in memory however large the fleet is, and summed up there once.
 */
class BucketWriter implements TallySink {
    private final JdbcTemplate template;
    private final String sli;
    private final Instant at;
    private final int page;
    private final Runnable eachPage;
    private final Map<String, Tally> before = new HashMap<>();
    private final Map<String, Tally> waiting = new HashMap<>();

    /**
     * @param add whether the counts are added to what is there; else that goes
     * @param page assets that are kept in memory at most
     * @param eachPage called with every page that was put away
     */
    BucketWriter(JdbcTemplate template, String sli, Instant at, boolean add, int page, Runnable eachPage) {
        this.template = template;
        this.sli = sli;
        this.at = at;
        this.page = page;
        this.eachPage = eachPage;
        begin(add);
    }

    private void begin(boolean add) {
        template.execute("""
                create temporary table if not exists sli_counted (
                    asset text collate "C" not null, good float8 not null, bad float8 not null, stale float8 not null,
                    unknown float8 not null) on commit delete rows""");
        template.update("delete from sli_counted"); // of another bucket of the transaction
        template.query(
                (add
                        ? "select scope, good, bad, stale, unknown from sli_bucket where sli = ? and at = ?"
                        : "delete from sli_bucket where sli = ? and at = ? returning scope, good, bad, stale, unknown"),
                row -> {
                    before.put(row.getString(1), tally(row));
                },
                sli,
                time(at));
        if (!add) {
            template.update("delete from sli_offender where sli = ? and at = ?", sli, time(at));
        }
    }

    @Override
    public void add(String asset, Tally tally) {
        if (!tally.isNone()) {
            waiting.merge(asset, tally, Tally::plus);
            if (waiting.size() >= page) {
                flush();
            }
        }
    }

    private void flush() {
        Columns columns = new Columns(waiting);
        waiting.clear();
        template.update(
                "insert into sli_counted select * from unnest(?::text[], ?::float8[], ?::float8[], ?::float8[], ?::float8[])",
                columns.keys,
                columns.good,
                columns.bad,
                columns.stale,
                columns.unknown);
        eachPage.run();
    }

    /** Writes what was given. */
    void finish() {
        if (!waiting.isEmpty()) {
            flush();
        }
        total(sums());
        offenders();
        hour(Buckets.floor(at, Buckets.HOUR));
    }

    /** @return by scope, what the bucket holds more than before */
    private Map<String, Tally> sums() {
        OffsetDateTime last = time(at.plus(Buckets.SIZE).minusMillis(1));
        Map<String, Tally> gained = new TreeMap<>();
        template.query(
                """
                with placed as (
                    select p.type, p.region, sum(good) as good, sum(bad) as bad, sum(stale) as stale, sum(unknown) as unknown
                    from sli_counted c join sli_place p on p.asset = c.asset
                        and p.from_at <= ? and (p.to_at is null or p.to_at > ?) group by p.type, p.region),
                scoped as (
                    select 'fleet' as scope, sum(good) as good, sum(bad) as bad, sum(stale) as stale, sum(unknown) as unknown
                        from sli_counted having count(*) > 0
                    union all select 'type/' || type, sum(good), sum(bad), sum(stale), sum(unknown) from placed group by type
                    union all select 'region/' || region, sum(good), sum(bad), sum(stale), sum(unknown)
                        from placed where region <> '' group by region
                    union all select 'group/' || m.group_name, sum(good), sum(bad), sum(stale), sum(unknown)
                        from sli_counted c join group_membership m on m.asset_id = c.asset
                            and m.joined_at <= ? and (m.left_at is null or m.left_at > ?) group by m.group_name)
                insert into sli_bucket as known (sli, scope, at, good, bad, stale, unknown)
                select ?, scope, ?, good, bad, stale, unknown from scoped
                on conflict (sli, scope, at) do update set good = known.good + excluded.good,
                    bad = known.bad + excluded.bad, stale = known.stale + excluded.stale,
                    unknown = known.unknown + excluded.unknown
                returning scope, good, bad, stale, unknown""",
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
                last,
                last,
                last,
                last,
                sli,
                time(at));
        return gained;
    }

    /** Corrections only ever add. */
    private void total(Map<String, Tally> gained) {
        Columns columns = new Columns(gained);
        template.update("""
                insert into sli_total as known (sli, scope, good, bad, stale, unknown)
                select ?, * from unnest(?::text[], ?::float8[], ?::float8[], ?::float8[], ?::float8[])
                on conflict (sli, scope) do update set good = known.good + excluded.good, bad = known.bad + excluded.bad,
                    stale = known.stale + excluded.stale, unknown = known.unknown + excluded.unknown""", sli, columns.keys, columns.good, columns.bad, columns.stale, columns.unknown);
    }

    private void offenders() {
        template.update("""
                insert into sli_offender as known (sli, at, asset, bad, stale, unknown)
                select ?, ?, asset, sum(bad), sum(stale), sum(unknown) from sli_counted
                where bad > 0 or stale > 0 or unknown > 0 group by asset order by asset
                on conflict (sli, at, asset) do update set bad = known.bad + excluded.bad, stale = known.stale + excluded.stale,
                    unknown = known.unknown + excluded.unknown""", sli, time(at));
    }

    private void hour(Instant hour) {
        template.update("delete from sli_hour where sli = ? and at = ?", sli, time(hour));
        template.update("""
                insert into sli_hour (sli, scope, at, good, bad, stale, unknown)
                select sli, scope, ?, sum(good), sum(bad), sum(stale), sum(unknown) from sli_bucket
                where sli = ? and at >= ? and at < ? group by sli, scope""", time(hour), sli, time(hour), time(hour.plus(Buckets.HOUR)));
    }

    private static final class Columns {
        private final String[] keys;
        private final double[] good;
        private final double[] bad;
        private final double[] stale;
        private final double[] unknown;

        Columns(Map<String, Tally> tallies) {
            int size = tallies.size();
            keys = new String[size];
            good = new double[size];
            bad = new double[size];
            stale = new double[size];
            unknown = new double[size];
            int i = 0;
            for (Map.Entry<String, Tally> entry : tallies.entrySet()) {
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

    private static OffsetDateTime time(Instant instant) {
        return instant.atOffset(ZoneOffset.UTC);
    }
}
