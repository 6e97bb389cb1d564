package dev.muster.console.oncall;

import dev.muster.identity.Actor;
import dev.muster.protocol.AssetId;
import dev.muster.registry.asset.AssetFilter;
import dev.muster.registry.asset.Visibility;
import dev.muster.registry.selector.SqlCondition;
import dev.muster.rollout.engine.Reason;
import dev.muster.rollout.engine.Stage;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/** The assets that failed most within a time, each with what failed how often. Reads failures only, never all assets. */
@Component
class FailingAssets {
    /** Looked at for a scope that PostgreSQL cannot answer alone. */
    private static final int CANDIDATES = 1_000;
    /** An asset shows its largest ones. */
    private static final int MAX_CATEGORIES = 5;

    private static final String STAGES = Stream.concat(Stage.FAILURES.stream(), Stream.of(Stage.ROLLBACK_FAILED))
            .filter(stage -> !Stage.RETURNS.contains(stage))
            .map(stage -> Integer.toString(stage.code()))
            .collect(Collectors.joining(", "));

    /**
     * Every failure since a moment; of a rollout one for each attempt. Indexes, in order: command_by_status (ids are of version 7, so they
     * begin with the time), rollout_step_end, alert_open, alert_asset, presence_transition_offline, twin_reconcile_stalled, asset_retired; of some assets
     * command_of_asset and its like.
     */
    private static final String FAILURES = """
            select asset_id as asset, 'command' as category, name as what, status as how, coalesce(settled_at, created_at) as at, 0 as page
            from command where status in ('failed', 'rejected', 'expired', 'indeterminate') and id >= ?
            union all
            select t.asset, 'rollout', r.name, s.stage || ' ' || coalesce(s.reason, -1), max(s.at), 0
            from rollout_step s join rollout_target t on t.rollout = s.rollout and t.ord = s.ord join rollout r on r.id = s.rollout
            where s.at >= ? and s.stage in (%s) group by 1, 3, 4, s.attempt
            union all
            select asset, 'alert', name, severity, since, (severity = 'page')::int from alert
            where state <> 'resolved' and state = 'firing' and asset in (select id from asset)
            union all
            select c.asset, 'alert', a.name, a.severity, a.since, (a.severity = 'page')::int
            from alert a join alert_asset c on c.fingerprint = a.fingerprint join asset s on s.id = c.asset
            where a.state <> 'resolved' and a.state = 'firing'
            union all
            select asset, 'offline', reason, '', at, 0 from presence_transition
            where at >= ? and to_presence = 'offline' and reason !~ '^server_(restart|shutting_down)'
            union all
            select asset, 'configuration', 'stalled', stalled, coalesce(last_at, episode), 0 from twin_reconcile
            where synced is null and stalled is not null""".formatted(STAGES);

    private final JdbcTemplate jdbc;
    private final Visibility visibility;

    FailingAssets(JdbcTemplate jdbc, Visibility visibility) {
        this.jdbc = jdbc;
        this.visibility = visibility;
    }

    /**
     * What failed of an asset.
     *
     * @param category command, rollout, alert, offline or configuration
     * @param what name of the command, rollout or alert; why it went offline; stalled
     * @param how the command's status, the target's stage and reason, the alert's severity
     */
    record Failure(String category, String what, String how, long count, Instant newest) {}

    /** @param pages alerts about it that fire and page */
    record Failing(
            String asset,
            String type,
            String region,
            String presence,
            long pages,
            long failures,
            Instant newest,
            List<Failure> categories) {}

    /** @param assets the worst: those with pages that fire first, then those with most failures */
    record Answer(long failing, List<Failing> assets) {}

    Answer since(Actor actor, Instant from, int limit) {
        AssetFilter filter = visibility.filter(actor.scope(), null);
        if (filter.exact()) {
            return worst(filter.condition(), from, limit);
        }
        Answer candidates = worst(SqlCondition.TRUE, from, CANDIDATES);
        Set<AssetId> visible = visibility.visible(
                actor.scope(),
                candidates.assets().stream()
                        .map(each -> new AssetId(each.asset()))
                        .toList());
        List<Failing> seen = candidates.assets().stream()
                .filter(each -> visible.contains(new AssetId(each.asset())))
                .toList();
        return new Answer(seen.size(), seen.stream().limit(limit).toList());
    }

    /**
     * Which assets, by one pass over the failures; then what theirs consist of, by index. Those that were deleted since are left out of the
     * worst, which are looked up, and counted until their failures are older.
     */
    private Answer worst(SqlCondition scope, Instant from, int limit) {
        List<Object> parameters = new ArrayList<>(failuresSince(from));
        parameters.addAll(scope.parameters());
        parameters.add(limit);
        parameters.add(limit);
        Map<String, Failing> worst = new LinkedHashMap<>();
        long[] failing = new long[1];
        jdbc.query(
                "with failure as (" + FAILURES + """
                        ), summed as (
                            select asset, sum(page) as pages, count(*) as failures, max(at) as newest from failure group by asset
                        ), worst as (
                            select s.*, count(*) over () as failing from summed s
                            where s.asset not in (select id from asset where lifecycle = 'retired') and\s""" + within(scope) + " " + """
                            order by s.pages desc, s.failures desc, s.newest desc, s.asset limit ? + 100)
                        select w.asset, a.type, a.region, a.presence, w.pages, w.failures, w.newest as last, w.failing
                        from worst w join asset a on a.id = w.asset
                        order by w.pages desc, w.failures desc, w.newest desc, w.asset limit ?""",
                row -> {
                    failing[0] = row.getLong("failing");
                    worst.put(row.getString("asset"), failing(row.getString("asset"), row));
                },
                parameters.toArray());
        if (!worst.isEmpty()) {
            addCategories(worst, from);
        }
        return new Answer(failing[0], List.copyOf(worst.values()));
    }

    private static List<Object> failuresSince(Instant from) {
        return List.of(firstId(from), from.atOffset(ZoneOffset.UTC), from.atOffset(ZoneOffset.UTC));
    }

    private void addCategories(Map<String, Failing> worst, Instant from) {
        List<Object> parameters = new ArrayList<>(failuresSince(from));
        parameters.add(worst.keySet().toArray(String[]::new));
        jdbc.query(
                "with failure as (" + FAILURES + """
                        ) select asset, category, what, how, count(*) as n, max(at) as newest from failure where asset = any(?)
                        group by asset, category, what, how
                        order by asset, sum(page) desc, n desc, newest desc, what""",
                row -> {
                    Failing failing = worst.get(row.getString("asset"));
                    if (failing != null && failing.categories().size() < MAX_CATEGORIES) {
                        failing.categories().add(failure(row));
                    }
                },
                parameters.toArray());
    }

    /** Of the whole fleet nobody has to look up who is in scope. */
    private static String within(SqlCondition scope) {
        return scope.equals(SqlCondition.TRUE) ? "true" : "s.asset in (select id from asset where " + scope.sql() + ")";
    }

    /** Where the UUIDs of version 7 (RFC 9562, section 5.7) of a moment begin. */
    static String firstId(Instant from) {
        long millis = from.toEpochMilli();
        return String.format(Locale.ROOT, "%08x-%04x", millis >>> 16, millis & 0xffff);
    }

    private static Failing failing(String asset, ResultSet row) {
        try {
            return new Failing(
                    asset,
                    row.getString("type"),
                    row.getString("region"),
                    row.getString("presence"),
                    row.getLong("pages"),
                    row.getLong("failures"),
                    row.getObject("last", OffsetDateTime.class).toInstant(),
                    new ArrayList<>());
        } catch (SQLException e) {
            throw new IllegalStateException("a row of an answer cannot be read", e);
        }
    }

    private static Failure failure(ResultSet row) throws SQLException {
        String category = row.getString("category");
        String how = row.getString("how");
        return new Failure(
                category,
                row.getString("what"),
                category.equals("rollout") ? target(how) : how,
                row.getLong("n"),
                row.getObject("newest", OffsetDateTime.class).toInstant());
    }

    private static String target(String codes) {
        int space = codes.indexOf(' ');
        int reason = Integer.parseInt(codes.substring(space + 1));
        String stage = Stage.ofCode(Integer.parseInt(codes.substring(0, space))).wire();
        return reason < 0 ? stage : stage + ", " + Reason.ofCode(reason).wire();
    }
}
