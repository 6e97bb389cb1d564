package dev.muster.rollout;

import static dev.muster.rollout.RolloutStore.time;

import dev.muster.protocol.AssetId;
import dev.muster.registry.selector.SqlCondition;
import dev.muster.release.ReleaseName;
import dev.muster.rollout.engine.Decided.Move;
import dev.muster.rollout.engine.Place;
import dev.muster.rollout.engine.Reason;
import dev.muster.rollout.engine.Stage;
import dev.muster.rollout.engine.Target;
import dev.muster.rollout.engine.Wanted;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyManager;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/** The tables {@code rollout_target}, {@code rollout_nudge} and {@code rollout_step}; thousands of rows in a statement. */
@Component
class TargetStore {
    private static final String COLUMNS =
            "ord, wave, stratum, stage, reason, attempt, retries, place, since, began_ms, due_ms, asset, previous, boot, detail";
    private static final int COPY_CHUNK = 50_000;

    private final JdbcTemplate template;

    TargetStore(JdbcTemplate template) {
        this.template = template;
    }

    // --- what is to be looked at

    /**
     * Takes nudges, oldest first: they are gone when the transaction commits. A range of the key, whatever the statistics say; with a
     * list of keys a hundred thousand of them took minutes.
     *
     * @return positions, each once
     */
    Set<Integer> takeNudges(int rollout, int limit) {
        return new HashSet<>(template.query("""
                delete from rollout_nudge where rollout = ? and seq <= (
                    select max(seq) from (select seq from rollout_nudge where rollout = ? order by seq limit ?) oldest)
                returning ord""", (row, number) -> row.getInt(1), rollout, rollout, limit));
    }

    /** By the partial index on due_ms. */
    List<Target> due(int rollout, long elapsed, int limit) {
        return template.query(
                "select " + COLUMNS + " from rollout_target where rollout = ? and due_ms <= ? order by due_ms limit ?",
                TargetStore::read,
                rollout,
                elapsed,
                limit);
    }

    List<Target> at(int rollout, Collection<Integer> ords) {
        return ords.isEmpty()
                ? List.of()
                : template.query(
                        "select " + COLUMNS + " from rollout_target where rollout = ? and ord = any(?)",
                        TargetStore::read,
                        rollout,
                        ords.toArray(Integer[]::new));
    }

    /** The next ones for orders; by the index on lanes, which is the only one that knows them. */
    List<Target> wanted(int rollout, Wanted wanted) {
        List<Target> found = new ArrayList<>();
        for (Stage stage : wanted.stages().stream().sorted().toList()) {
            int left = wanted.most() - found.size();
            if (left > 0) {
                found.addAll(template.query(
                        "select " + COLUMNS + " from rollout_target where lane = ? and ord >= ? and ord < ?"
                                + (stage.inFlight() ? " and stage = " + stage.code() : "")
                                + (wanted.strata().isEmpty() ? "" : " and stratum = any(?)")
                                + " order by ord limit ?",
                        TargetStore::read,
                        parameters(rollout, stage, wanted, left)));
            }
        }
        return found;
    }

    private static Object[] parameters(int rollout, Stage stage, Wanted wanted, int most) {
        List<Object> parameters = new ArrayList<>(List.of(stage.lane(rollout), wanted.from(), wanted.below()));
        if (!wanted.strata().isEmpty()) {
            parameters.add(numbers(wanted.strata()));
        }
        parameters.add(most);
        return parameters.toArray();
    }

    private static Short[] numbers(Set<Integer> strata) {
        return strata.stream().map(Integer::shortValue).toArray(Short[]::new);
    }

    /** Whether there is something new to observe or something is due. */
    boolean hasWork(int rollout, long elapsed) {
        // The least one, by the index: whether there is any that is due was answered by reading all of them, when none
        // was.
        return Boolean.TRUE.equals(template.queryForObject("""
                select exists (select 1 from rollout_nudge where rollout = ?) or coalesce(
                    (select due_ms from rollout_target where rollout = ? and due_ms is not null order by due_ms limit 1) <= ?,
                    false)""", Boolean.class, rollout, rollout, elapsed));
    }

    // --- what was decided

    /** Targets of a rollout that starts, and those that join it; all pending. */
    void copyIn(int rollout, String component, List<Target> targets) {
        template.execute((ConnectionCallback<Boolean>) connection -> {
            CopyManager copy = connection.unwrap(PGConnection.class).getCopyAPI();
            for (int i = 0; i < targets.size(); i += COPY_CHUNK) {
                StringBuilder rows = new StringBuilder();
                for (Target target : targets.subList(i, Math.min(i + COPY_CHUNK, targets.size()))) {
                    // an asset id and a component hold nothing that COPY would read as more than themselves
                    rows.append(rollout)
                            .append('\t')
                            .append(target.ord())
                            .append('\t')
                            .append(target.wave())
                            .append('\t')
                            .append(target.stratum())
                            .append('\t')
                            .append(target.stage().code())
                            .append('\t')
                            .append(target.since())
                            .append('\t')
                            .append(target.asset().value())
                            .append('\t')
                            .append(component)
                            .append('\n');
                }
                copyRows(copy, rows.toString());
            }
            return Boolean.TRUE;
        });
    }

    private static void copyRows(CopyManager copy, String rows) throws SQLException {
        try {
            copy.copyIn(
                    "copy rollout_target (rollout, ord, wave, stratum, stage, since, asset, component) from stdin",
                    new StringReader(rows));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read rows out of memory", e);
        }
    }

    /** What a person wants once more: their retries are counted anew. */
    void move(int rollout, Move move) {
        template.update(
                """
                update rollout_target set stage = ?, reason = ?, detail = null, boot = null, due_ms = null, retries = 0
                where rollout = ? and stage = any(?) and (? or stratum = any(?))""",
                move.to().code(),
                move.reason().code(),
                rollout,
                move.from().stream().map(stage -> (short) stage.code()).toArray(Short[]::new),
                move.strata().isEmpty(),
                numbers(move.strata()));
    }

    /**
     * Stores targets as they are from now on, and the step that each took.
     *
     * @param ordered those that got an order just now
     * @return those that took one
     */
    List<Target> save(int rollout, List<Target> targets, Set<Integer> ordered, Instant now) {
        if (targets.isEmpty()) {
            return List.of();
        }
        // One statement for both, so that nothing is sent or read twice; who took no step keeps the time of his last
        // one.
        template.update(
                """
                with given as (
                    select * from unnest(?::integer[], ?::smallint[], ?::smallint[], ?::smallint[], ?::smallint[], ?::text[],
                            ?::bigint[], ?::bigint[], ?::text[], ?::text[], ?::text[], ?::boolean[], ?::boolean[])
                        as given (ord, stage, reason, attempt, retries, place, began, due, previous, boot, detail, ordered, stepped)),
                step as (
                    insert into rollout_step (rollout, ord, at, stage, reason, attempt, detail)
                    select ?, ord, ?::timestamptz, stage, reason, attempt, detail from given where stepped)
                update rollout_target t set stage = given.stage, reason = given.reason, attempt = given.attempt,
                       retries = given.retries, place = given.place, began_ms = given.began, due_ms = given.due,
                       previous = given.previous, boot = given.boot, detail = given.detail,
                       since = case when given.stepped then ?::timestamptz else t.since end,
                       ordered_at = case when given.ordered then ?::timestamptz else t.ordered_at end,
                       alone = t.alone or given.ordered
                from given where t.rollout = ? and t.ord = given.ord""",
                column(targets, Integer[]::new, Target::ord),
                column(targets, Short[]::new, target -> (short) target.stage().code()),
                column(targets, Short[]::new, TargetStore::reason),
                column(targets, Short[]::new, target -> (short) target.attempt()),
                column(targets, Short[]::new, target -> (short) target.retries()),
                column(targets, String[]::new, Target::place),
                column(targets, Long[]::new, Target::began),
                column(targets, Long[]::new, target -> target.due() == Target.NEVER ? null : target.due()),
                column(targets, String[]::new, Target::previous),
                column(targets, String[]::new, Target::boot),
                column(targets, String[]::new, Target::detail),
                column(targets, Boolean[]::new, target -> ordered.contains(target.ord())),
                column(targets, Boolean[]::new, target -> target.since().equals(now)),
                rollout,
                time(now),
                time(now),
                time(now),
                rollout);
        return targets.stream().filter(target -> target.since().equals(now)).toList();
    }

    /** Places to which orders went just now. */
    void save(int rollout, List<Place> places) {
        if (places.isEmpty()) {
            return;
        }
        template.update(
                """
                insert into rollout_place (rollout, place, order_at_us)
                select ?, place, order_at from unnest(?::text[], ?::bigint[]) as given (place, order_at)
                on conflict (rollout, place) do update set order_at_us = excluded.order_at_us""",
                rollout,
                places.stream().map(Place::name).toArray(String[]::new),
                places.stream().map(Place::orderAt).toArray(Long[]::new));
    }

    /** How places stand; what is in flight is counted, by the index on lanes, which is bounded by maxInFlight. */
    Map<String, Place> places(int rollout, Collection<String> names) {
        if (names.isEmpty()) {
            return Map.of();
        }
        String[] asked = names.toArray(String[]::new);
        Map<String, Integer> inFlight = new HashMap<>();
        template.query(
                """
                select place, count(*) as targets from rollout_target
                where lane = ? and place = any(?) group by place""",
                row -> {
                    inFlight.put(row.getString("place"), row.getInt("targets"));
                },
                Stage.ORDERED.lane(rollout),
                asked);
        Map<String, Long> orderAt = new HashMap<>();
        template.query(
                "select place, order_at_us from rollout_place where rollout = ? and place = any(?)",
                row -> {
                    orderAt.put(row.getString("place"), row.getLong("order_at_us"));
                },
                rollout,
                asked);
        Map<String, Place> places = new HashMap<>();
        for (String name : asked) {
            places.put(name, new Place(name, inFlight.getOrDefault(name, 0), orderAt.getOrDefault(name, 0L)));
        }
        return places;
    }

    // --- what others do

    /** Notes for every rollout that watches one of the assets that there is something new; never waits for one. */
    boolean nudge(Collection<AssetId> assets) {
        return template.update("""
                        insert into rollout_nudge (rollout, ord)
                        select rollout, ord from rollout_target
                        where asset = any(?) and lane & 31 in (2, 12, 13, 17, 19)""", (Object) texts(assets)) > 0;
    }

    /** There is something to do that is about no target: a person has acted. */
    void nudge(int rollout) {
        template.update("insert into rollout_nudge (rollout, ord) values (?, -1)", rollout);
    }

    Optional<Target> find(int rollout, AssetId asset) {
        return template
                .query(
                        "select " + COLUMNS + " from rollout_target where asset = ? and rollout = ?",
                        TargetStore::read,
                        asset.value(),
                        rollout)
                .stream()
                .findFirst();
    }

    /** Those of the assets that are targets, in the rollout's order. */
    List<Target> find(int rollout, Collection<AssetId> assets) {
        return assets.isEmpty()
                ? List.of()
                : template.query(
                        "select " + COLUMNS + " from rollout_target where asset = any(?) and rollout = ? order by ord",
                        TargetStore::read,
                        texts(assets),
                        rollout);
    }

    /** Those that are targets of a rollout. */
    Set<AssetId> known(int rollout, Collection<AssetId> assets) {
        return new HashSet<>(template.query(
                "select asset from rollout_target where asset = any(?) and rollout = ?",
                (row, number) -> RolloutStore.asset(row),
                texts(assets),
                rollout));
    }

    /** Those whose component a later rollout has changed since, and not taken back: one that has failed there has returned. */
    Set<AssetId> superseded(int rollout, Collection<AssetId> assets) {
        return new HashSet<>(template.query(
                """
                select mine.asset from rollout_target mine
                where mine.rollout = ? and mine.asset = any(?) and exists (
                    select 1 from rollout_target later
                    where later.asset = mine.asset and later.component = mine.component and later.rollout <> mine.rollout
                      and later.ordered_at > mine.ordered_at and later.stage <> ?
                      and not (later.stage = ? and later.previous is not null))""",
                (row, number) -> RolloutStore.asset(row),
                rollout,
                texts(assets),
                Stage.ROLLED_BACK.code(),
                Stage.FAILED.code()));
    }

    /** How many touched targets may go back to each of the releases; goes through all targets. */
    Map<ReleaseName, Long> previous(Collection<ReleaseName> releases) {
        Map<ReleaseName, Long> counts = new HashMap<>();
        template.query(
                """
                select t.component, t.previous, count(*) as targets from rollout_target t
                join unnest(?::text[], ?::text[]) as asked (component, version)
                    on t.component = asked.component and t.previous = asked.version
                group by t.component, t.previous""",
                row -> {
                    counts.put(new ReleaseName(row.getString(1), row.getString(2)), row.getLong(3));
                },
                releases.stream().map(ReleaseName::component).toArray(String[]::new),
                releases.stream().map(ReleaseName::version).toArray(String[]::new));
        return counts;
    }

    /**
     * How long changes of a component took lately, from the order to running it: the median of some hundred targets of its last three
     * rollouts; null when there is none.
     */
    @Nullable Duration installTime(String component) {
        Double seconds = template.queryForObject(
                """
                select percentile_cont(0.5) within group (order by took) from (
                    select extract(epoch from min(s.at) filter (where s.stage in (?, ?)) - max(s.at) filter (where s.stage = ?)) as took
                    from (select id from rollout where component = ? and started is not null order by id desc limit 3) r
                    cross join lateral (
                        select rollout, ord from rollout_target t
                        where t.rollout = r.id and t.stage = ? and t.attempt = 1 order by ord limit 200) t
                    join rollout_step s on s.rollout = t.rollout and s.ord = t.ord
                    group by t.rollout, t.ord) each""",
                Double.class,
                Stage.VERIFYING.code(),
                Stage.SUCCEEDED.code(),
                Stage.ORDERED.code(),
                component,
                Stage.SUCCEEDED.code());
        return seconds == null ? null : Duration.ofMillis(Math.round(Math.max(0, seconds) * 1000));
    }

    // --- what people ask

    /**
     * In the rollout's order; by the index on lanes, or on reason, compared as rows, which is the order of that index and of no other,
     * else by the key. Of a stage between an order and its end it goes through what is in flight.
     *
     * @param after position, -1 for the first
     * @param below position that does not belong to it any more
     */
    List<Target> page(int rollout, @Nullable Stage stage, @Nullable Reason reason, int after, int below, int limit) {
        String by;
        String where;
        List<Object> parameters;
        if (reason != null) {
            by = "rollout, reason, ord";
            where = "(rollout, reason, ord) > (?, ?, ?) and (rollout, reason, ord) < (?, ?, ?) and reason is not null";
            parameters = new ArrayList<>(List.of(rollout, reason.code(), after, rollout, reason.code(), below));
        } else if (stage != null) {
            by = "ord";
            where = "lane = ? and ord > ? and ord < ?";
            parameters = new ArrayList<>(List.of(stage.lane(rollout), after, below));
        } else {
            by = "rollout, ord";
            where = "(rollout, ord) > (?, ?) and (rollout, ord) < (?, ?)";
            parameters = new ArrayList<>(List.of(rollout, after, rollout, below));
        }
        if (stage != null && (reason != null || stage.inFlight())) {
            where += " and stage = ?";
            parameters.add(stage.code());
        }
        parameters.add(limit);
        return template.query(
                "select " + COLUMNS + " from rollout_target where " + where + " order by " + by + " limit ?",
                TargetStore::read,
                parameters.toArray());
    }

    /** Every asset of a rollout, in pieces in the rollout's order. */
    List<Target> all(int rollout, int after, int limit) {
        return page(rollout, null, null, after, Integer.MAX_VALUE, limit);
    }

    /** By the places in {@link #COLUMNS}: names would be looked up for each value. */
    private static Target read(ResultSet row, int number) throws SQLException {
        int reason = row.getInt(5);
        boolean unexplained = row.wasNull();
        long due = row.getLong(11);
        boolean never = row.wasNull();
        return new Target(
                row.getInt(1),
                new AssetId(row.getString(12)),
                row.getInt(2),
                row.getInt(3),
                Stage.ofCode(row.getInt(4)),
                unexplained ? null : Reason.ofCode(reason),
                row.getString(15),
                row.getInt(6),
                row.getInt(7),
                row.getString(8),
                row.getString(13),
                row.getString(14),
                row.getObject(9, OffsetDateTime.class).toInstant(),
                row.getLong(10),
                never ? Target.NEVER : due);
    }

    static @Nullable Reason reason(ResultSet row) throws SQLException {
        int code = row.getInt("reason");
        return row.wasNull() ? null : Reason.ofCode(code);
    }

    private static @Nullable Short reason(Target target) {
        return target.reason() == null ? null : (short) target.reason().code();
    }

    static String[] texts(Collection<AssetId> assets) {
        return assets.stream().map(AssetId::value).toArray(String[]::new);
    }

    private static <T> @Nullable T[] column(
            List<Target> targets,
            java.util.function.IntFunction<@Nullable T[]> array,
            Function<Target, @Nullable T> field) {
        return targets.stream().map(field).toArray(array);
    }

    /** Whether one that is not at its end is in a selection of assets. */
    boolean anyToGo(int rollout, SqlCondition inScope) {
        List<Object> parameters = new ArrayList<>();
        parameters.add(rollout);
        parameters.add(Stage.TERMINAL.stream().map(Stage::code).toArray(Integer[]::new));
        parameters.addAll(inScope.parameters());
        return Boolean.TRUE.equals(template.queryForObject(
                "select exists (select 1 from rollout_target t where t.rollout = ? and t.stage <> all(?) and t.asset in"
                        + " (select id from asset where " + inScope.sql() + "))",
                Boolean.class,
                parameters.toArray()));
    }
}
