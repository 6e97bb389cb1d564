package dev.muster.twin.reported;

import dev.muster.twin.document.ReportOrder.Place;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
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

/** The tables of reports. */
@Component
class ReportedStore {
    /** Reports that are kept of each asset: those that say something else than the one before; now and then some more. */
    static final int HISTORY = 20;

    private static final int TRIMMED_ONCE_IN = 8;

    private final JdbcTemplate template;

    ReportedStore(JdbcTemplate template) {
        this.template = template;
    }

    Set<String> existing(Collection<String> assets) {
        return new HashSet<>(template.queryForList(
                "select id from asset where id = any(?)", String.class, (Object) assets.toArray(String[]::new)));
    }

    /**
     * This transaction does not wait for the disk. Whoever sees it and commits syncs it with his own, since the log is synced in its
     * order; until somebody does, a power cut may lose it.
     */
    void commitWithoutSync() {
        template.execute("set local synchronous_commit = off");
    }

    /** This one does, also when it changes nothing: only who has written to the log waits for it. */
    void commitWithSync() {
        template.execute("select pg_logical_emit_message(true, 'muster', '')");
    }

    private static final String COLUMNS = """
            asset, journal_offset, generation, ts, received, boot_id, past_boots, config, software, updates,
            rejected_generation, rejected_reason, hash, session_at, drift, drift_count, under_way, compared, since, ignored,
            ignored_reason""";

    /** Times are given in microseconds since 1970: PostgreSQL reads a number many times faster than a text. */
    private static final String TIME = "timestamptz 'epoch' + interval '1 microsecond' * given.";

    /** As {@link #columns} gives them. */
    private static final String GIVEN = """
            unnest(?::text[], ?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[], ?::text[], ?::text[], ?::text[], ?::text[],
                ?::text[], ?::bigint[], ?::text[], ?::text[], ?::bigint[], ?::text[], ?::integer[], ?::integer[], ?::bigint[],
                ?::bigint[], ?::bigint[], ?::text[])
                as given (%s)""".formatted(COLUMNS);

    /** The known ones, locked in the order of their ids. */
    Map<String, Observation> lock(Collection<String> assets) {
        Map<String, Observation> found = HashMap.newHashMap(assets.size());
        template.query(
                "select " + COLUMNS + " from twin_reported where asset = any(?) order by asset for no key update",
                row -> {
                    Observation observation = read(row);
                    found.put(observation.asset(), observation);
                },
                (Object) assets.toArray(String[]::new));
        return found;
    }

    /** Of assets that have not reported before, in the order of their ids. */
    void add(List<Observation> all) {
        if (!all.isEmpty()) {
            template.update(
                    """
                    insert into twin_reported (%1$s)
                    select asset, journal_offset, generation, ts, %2$sreceived, boot_id,
                        coalesce(string_to_array(past_boots, chr(10)), '{}'), config::json, software::jsonb, updates::jsonb,
                        rejected_generation, rejected_reason, hash, %2$ssession_at, drift::json, drift_count,
                        under_way, compared, %2$ssince, ignored, ignored_reason
                    from %3$s""".formatted(COLUMNS, TIME, GIVEN),
                    columns(all, texts(all, each -> each.report().config()), texts(all, Observation::drift)));
        }
    }

    /** What is known of an asset by now instead of what was. */
    record Replaced(Observation before, Observation now) {
        @Nullable String newConfig() {
            String config = now.report().config();
            return config.equals(before.report().config()) ? null : config;
        }

        @Nullable String newDrift() {
            return now.drift().equals(before.drift()) ? null : now.drift();
        }
    }

    /** Of assets whose rows are locked. Configuration and drift seldom change, and are then neither sent nor read anew. */
    void replace(List<Replaced> all) {
        if (!all.isEmpty()) {
            template.update(
                    """
                    update twin_reported r set journal_offset = given.journal_offset, generation = given.generation,
                        ts = given.ts, received = %1$sreceived, boot_id = given.boot_id,
                        past_boots = coalesce(string_to_array(given.past_boots, chr(10)), '{}'),
                        config = coalesce(given.config::json, r.config), software = given.software::jsonb,
                        updates = given.updates::jsonb,
                        rejected_generation = given.rejected_generation, rejected_reason = given.rejected_reason,
                        hash = given.hash, session_at = %1$ssession_at, drift = coalesce(given.drift::json, r.drift),
                        drift_count = given.drift_count, under_way = given.under_way, compared = given.compared,
                        since = %1$ssince, ignored = given.ignored, ignored_reason = given.ignored_reason
                    from %2$s where r.asset = given.asset""".formatted(TIME, GIVEN),
                    columns(
                            all.stream().map(Replaced::now).toList(),
                            texts(all, Replaced::newConfig),
                            texts(all, Replaced::newDrift)));
        }
    }

    private static Object[] columns(List<Observation> all, @Nullable String[] config, @Nullable String[] drift) {
        return new Object[] {
            texts(all, Observation::asset),
            longs(all, each -> each.report().place().offset()),
            longs(all, each -> each.report().place().generation()),
            longs(all, each -> each.report().place().ts()),
            longs(all, each -> micros(each.report().place().received())),
            texts(all, each -> each.report().place().bootId()),
            texts(all, each -> each.pastBoots().isEmpty() ? null : String.join("\n", each.pastBoots())),
            config,
            texts(all, each -> each.report().software()),
            texts(all, each -> each.report().updates()),
            longs(all, each -> each.report().rejectedGeneration()),
            texts(all, each -> each.report().rejectedReason()),
            texts(all, each -> each.report().hash()),
            longs(all, each -> each.sessionAt() == null ? null : micros(each.sessionAt())),
            drift,
            all.stream().map(Observation::driftCount).toArray(Integer[]::new),
            all.stream().map(Observation::underWay).toArray(Integer[]::new),
            longs(all, Observation::compared),
            longs(all, each -> micros(each.since())),
            longs(all, Observation::ignored),
            texts(all, Observation::ignoredReason)
        };
    }

    private static long micros(Instant at) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, at);
    }

    private static long micros(long millis) {
        return millis * 1_000;
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
                select asset, journal_offset, %sreceived, ts, generation, boot_id, report::json, drift_count
                from unnest(?::text[], ?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[], ?::text[], ?::text[], ?::integer[])
                    as given (asset, journal_offset, received, ts, generation, boot_id, report, drift_count)
                on conflict do nothing""".formatted(TIME),
                texts(said, Said::asset),
                longs(said, each -> each.report().place().offset()),
                longs(said, each -> micros(each.report().place().received())),
                longs(said, each -> each.report().place().ts()),
                longs(said, each -> each.report().place().generation()),
                texts(said, each -> each.report().place().bootId()),
                texts(said, each -> ReportTexts.shown(each.report())),
                said.stream().map(Said::driftCount).toArray(Integer[]::new));
        trim(said.stream()
                .filter(each -> each.report().place().offset() % TRIMMED_ONCE_IN == 0)
                .map(Said::asset)
                .distinct()
                .toArray(String[]::new));
    }

    private void trim(String[] assets) {
        if (assets.length > 0) {
            template.update("""
                    delete from twin_reported_history h
                    using (select asset, journal_offset,
                                  row_number() over (partition by asset order by received desc, journal_offset desc) as place
                           from twin_reported_history where asset = any(?)) old
                    where h.asset = old.asset and h.journal_offset = old.journal_offset and old.place > ?""", assets, HISTORY);
        }
    }

    /** By the places in {@link #COLUMNS}: names would be looked up for each value. */
    private static Observation read(ResultSet row) throws SQLException {
        OffsetDateTime session = row.getObject(14, OffsetDateTime.class);
        return new Observation(
                row.getString(1),
                new Report(
                        new Place(
                                row.getLong(2),
                                nullable(row, 3),
                                nullable(row, 4),
                                instant(row, 5).toEpochMilli(),
                                row.getString(6)),
                        row.getString(8),
                        row.getString(9),
                        row.getString(10),
                        nullable(row, 11),
                        row.getString(12),
                        row.getString(13)),
                strings(row.getArray(7)),
                session == null ? null : session.toInstant(),
                row.getString(15),
                row.getInt(16),
                row.getInt(17),
                nullable(row, 18),
                instant(row, 19),
                row.getLong(20),
                row.getString(21));
    }

    private static List<String> strings(Array array) throws SQLException {
        return List.of((String[]) array.getArray());
    }

    private static @Nullable Long nullable(ResultSet row, int column) throws SQLException {
        long value = row.getLong(column);
        return row.wasNull() ? null : value;
    }

    private static Instant instant(ResultSet row, int column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }

    private static <T> @Nullable String[] texts(List<T> rows, Function<T, @Nullable String> field) {
        return rows.stream().map(field).toArray(String[]::new);
    }

    private static <T> @Nullable Long[] longs(List<T> rows, Function<T, @Nullable Long> field) {
        return rows.stream().map(field).toArray(Long[]::new);
    }
}
