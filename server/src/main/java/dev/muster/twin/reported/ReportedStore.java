package dev.muster.twin.reported;

import dev.muster.twin.document.ReportOrder.Place;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** The tables of reports. */
@Component
class ReportedStore {
    /** Reports that are kept of each asset: those that say something else than the one before. */
    static final int HISTORY = 20;

    private static final JsonMapper JSON = JsonMapper.shared();

    private final JdbcTemplate template;

    ReportedStore(JdbcTemplate template) {
        this.template = template;
    }

    Set<String> existing(Collection<String> assets) {
        return new HashSet<>(template.queryForList(
                "select id from asset where id = any(?)", String.class, (Object) assets.toArray(String[]::new)));
    }

    /** The known ones, locked in the order of their ids. */
    Map<String, Observation> lock(Collection<String> assets) {
        Map<String, Observation> found = new HashMap<>();
        template.query(
                "select * from twin_reported where asset = any(?) order by asset for no key update",
                row -> {
                    found.put(row.getString("asset"), read(row));
                },
                (Object) assets.toArray(String[]::new));
        return found;
    }

    void save(List<Observation> all) {
        if (all.isEmpty()) {
            return;
        }
        template.update(
                """
                insert into twin_reported (asset, journal_offset, generation, ts, received, boot_id, past_boots, config, software,
                    updates, rejected_generation, rejected_reason, hash, session_at, drift, drift_count, under_way, compared,
                    since, ignored, ignored_reason)
                select asset, journal_offset, generation, ts, received::timestamptz, boot_id,
                    coalesce(string_to_array(past_boots, chr(10)), '{}'), config::json, software::jsonb, updates::jsonb,
                    rejected_generation, rejected_reason, hash, session_at::timestamptz, drift::json, drift_count, under_way,
                    compared, since::timestamptz, ignored, ignored_reason
                from unnest(?::text[], ?::bigint[], ?::bigint[], ?::bigint[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[],
                    ?::text[], ?::bigint[], ?::text[], ?::text[], ?::text[], ?::text[], ?::integer[], ?::integer[], ?::bigint[],
                    ?::text[], ?::bigint[], ?::text[])
                    as given (asset, journal_offset, generation, ts, received, boot_id, past_boots, config, software, updates,
                        rejected_generation, rejected_reason, hash, session_at, drift, drift_count, under_way, compared, since,
                        ignored, ignored_reason)
                on conflict (asset) do update set journal_offset = excluded.journal_offset, generation = excluded.generation,
                    ts = excluded.ts, received = excluded.received, boot_id = excluded.boot_id,
                    past_boots = excluded.past_boots, config = excluded.config, software = excluded.software,
                    updates = excluded.updates, rejected_generation = excluded.rejected_generation,
                    rejected_reason = excluded.rejected_reason, hash = excluded.hash, session_at = excluded.session_at,
                    drift = excluded.drift, drift_count = excluded.drift_count, under_way = excluded.under_way,
                    compared = excluded.compared, since = excluded.since, ignored = excluded.ignored,
                    ignored_reason = excluded.ignored_reason""",
                texts(all, Observation::asset),
                longs(all, each -> each.report().place().offset()),
                longs(all, each -> each.report().place().generation()),
                longs(all, each -> each.report().place().ts()),
                texts(
                        all,
                        each -> Instant.ofEpochMilli(each.report().place().received())
                                .toString()),
                texts(all, each -> each.report().place().bootId()),
                texts(all, each -> each.pastBoots().isEmpty() ? null : String.join("\n", each.pastBoots())),
                texts(all, each -> JSON.writeValueAsString(each.report().config())),
                texts(all, each -> JSON.writeValueAsString(each.report().software())),
                texts(all, each -> JSON.writeValueAsString(each.report().updates())),
                longs(all, each -> each.report().rejectedGeneration()),
                texts(all, each -> each.report().rejectedReason()),
                texts(all, each -> each.report().hash()),
                texts(
                        all,
                        each -> each.sessionAt() == null
                                ? null
                                : each.sessionAt().toString()),
                texts(all, each -> JSON.writeValueAsString(each.drift())),
                all.stream().map(Observation::driftCount).toArray(Integer[]::new),
                all.stream().map(Observation::underWay).toArray(Integer[]::new),
                longs(all, Observation::compared),
                texts(all, each -> each.since().toString()),
                longs(all, Observation::ignored),
                texts(all, Observation::ignoredReason));
    }

    /** A report that says something else than the one before it. */
    record Said(String asset, Report report, int driftCount) {}

    void remember(List<Said> said) {
        if (said.isEmpty()) {
            return;
        }
        template.update(
                """
                insert into twin_reported_history (asset, journal_offset, received, ts, generation, boot_id, report, drift_count)
                select asset, journal_offset, received::timestamptz, ts, generation, boot_id, report::json, drift_count
                from unnest(?::text[], ?::bigint[], ?::text[], ?::bigint[], ?::bigint[], ?::text[], ?::text[], ?::integer[])
                    as given (asset, journal_offset, received, ts, generation, boot_id, report, drift_count)
                on conflict do nothing""",
                texts(said, Said::asset),
                longs(said, each -> each.report().place().offset()),
                texts(
                        said,
                        each -> Instant.ofEpochMilli(each.report().place().received())
                                .toString()),
                longs(said, each -> each.report().place().ts()),
                longs(said, each -> each.report().place().generation()),
                texts(said, each -> each.report().place().bootId()),
                texts(said, each -> JSON.writeValueAsString(each.report().shown())),
                said.stream().map(Said::driftCount).toArray(Integer[]::new));
        template.update("""
                delete from twin_reported_history h
                using (select asset, journal_offset, row_number() over (partition by asset order by received desc, journal_offset desc) as place
                       from twin_reported_history where asset = any(?)) old
                where h.asset = old.asset and h.journal_offset = old.journal_offset and old.place > ?""", said.stream().map(Said::asset).distinct().toArray(String[]::new), HISTORY);
    }

    private static Observation read(ResultSet row) throws SQLException {
        Report report = new Report(
                new Place(
                        row.getLong("journal_offset"),
                        nullable(row, "generation"),
                        nullable(row, "ts"),
                        instant(row, "received").toEpochMilli(),
                        row.getString("boot_id")),
                JSON.readTree(row.getString("config")),
                JSON.readTree(row.getString("software")),
                JSON.readTree(row.getString("updates")),
                nullable(row, "rejected_generation"),
                row.getString("rejected_reason"),
                row.getString("hash"));
        OffsetDateTime session = row.getObject("session_at", OffsetDateTime.class);
        return new Observation(
                row.getString("asset"),
                report,
                strings(row.getArray("past_boots")),
                session == null ? null : session.toInstant(),
                JSON.readTree(row.getString("drift")),
                row.getInt("drift_count"),
                row.getInt("under_way"),
                nullable(row, "compared"),
                instant(row, "since"),
                row.getLong("ignored"),
                row.getString("ignored_reason"));
    }

    private static List<String> strings(Array array) throws SQLException {
        return Arrays.asList((String[]) array.getArray());
    }

    private static @Nullable Long nullable(ResultSet row, String column) throws SQLException {
        long value = row.getLong(column);
        return row.wasNull() ? null : value;
    }

    private static Instant instant(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }

    private static <T> @Nullable String[] texts(List<T> rows, Function<T, @Nullable String> field) {
        return rows.stream().map(field).toArray(String[]::new);
    }

    private static <T> @Nullable Long[] longs(List<T> rows, Function<T, @Nullable Long> field) {
        return rows.stream().map(field).toArray(Long[]::new);
    }
}
