package dev.muster.console.readiness;

import dev.muster.console.readiness.Figures.Alerting;
import dev.muster.console.readiness.Figures.Assets;
import dev.muster.console.readiness.Figures.Conduct;
import dev.muster.console.readiness.Figures.FirstRunToken;
import dev.muster.console.readiness.Figures.Some;
import dev.muster.console.readiness.Figures.Tokens;
import dev.muster.identity.Actor;
import dev.muster.registry.Asset;
import dev.muster.registry.Lifecycle;
import dev.muster.registry.Presence;
import dev.muster.registry.asset.AssetDirectory;
import dev.muster.registry.asset.AssetFilter;
import dev.muster.registry.asset.Visibility;
import dev.muster.registry.document.Durations;
import dev.muster.registry.selector.SqlCondition;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads what the checks look at: one pass over the table of assets, and the first names only of what is amiss. */
@Component
class ReadinessStore {
    private static final int NAMES = 3;
    private static final int NEWEST_ROLLOUTS = 10;
    private static final Duration DEFAULT_SOAK = Duration.ofMinutes(10);
    private static final Duration HEARD_WITHIN = Duration.ofHours(1);
    private static final Duration NOTIFICATIONS_OF = Duration.ofDays(30);
    private static final Duration EXPIRES_WITHIN = Duration.ofDays(7);

    private static final String IN_SERVICE = "lifecycle <> 'retired'";
    private static final String OWNERLESS = "owner = ''";
    private static final String WITHOUT_CERTIFICATE = "certificate_expires is null";
    private static final String EXPIRED = "certificate_expires <= ?";
    private static final String EXPIRING = "certificate_expires > ? and certificate_expires <= ?";
    private static final String ENROLLED = "certificate_expires > ?";
    /** The registry's last sign of life of who is online may be an hour old. */
    private static final String HEARD = "(last_seen > ? or presence = 'online')";

    private final JdbcTemplate jdbc;
    private final AssetDirectory directory;
    private final Visibility visibility;

    ReadinessStore(JdbcTemplate jdbc, AssetDirectory directory, Visibility visibility) {
        this.jdbc = jdbc;
        this.directory = directory;
        this.visibility = visibility;
    }

    Assets assets(Actor actor, Instant now) {
        AssetFilter filter = visibility.filter(actor.scope(), null);
        return filter.exact() ? counted(filter.condition(), now) : folded(actor, now);
    }

    private Assets counted(SqlCondition scope, Instant now) {
        OffsetDateTime at = utc(now);
        OffsetDateTime soon = utc(now.plus(EXPIRES_WITHIN));
        OffsetDateTime lately = utc(now.minus(HEARD_WITHIN));
        List<Object> parameters = new ArrayList<>(List.of(at, at, soon, at, at, lately));
        parameters.addAll(scope.parameters());
        long[] counts = jdbc.query(
                        "select count(*), " + filter(OWNERLESS) + filter(WITHOUT_CERTIFICATE) + filter(EXPIRED)
                                + filter(EXPIRING)
                                + filter(ENROLLED) + "count(*) filter (where " + ENROLLED + " and " + HEARD
                                + ") from asset where "
                                + IN_SERVICE + " and " + scope.sql(),
                        (row, number) -> longs(row),
                        parameters.toArray())
                .getFirst();
        long silent = counts[5] - counts[6];
        return new Assets(
                counts[0],
                some(counts[1], scope, OWNERLESS),
                some(counts[2], scope, WITHOUT_CERTIFICATE),
                some(counts[3], scope, EXPIRED, at),
                some(counts[4], scope, EXPIRING, at, soon),
                counts[5],
                counts[6],
                some(silent, scope, ENROLLED + " and (" + HEARD + ") is not true", at, lately));
    }

    private static String filter(String condition) {
        return "count(*) filter (where " + condition + "), ";
    }

    private static long[] longs(ResultSet row) throws SQLException {
        long[] counts = new long[7];
        for (int i = 0; i < counts.length; i++) {
            counts[i] = row.getLong(i + 1);
        }
        return counts;
    }

    /** The names are looked for only when there are some: by the primary key, until three are found. */
    private Some some(long count, SqlCondition scope, String condition, Object... parameters) {
        if (count == 0) {
            return new Some(0, List.of());
        }
        List<Object> all = new ArrayList<>(List.of(parameters));
        all.addAll(scope.parameters());
        return new Some(
                count,
                jdbc.query(
                        "select id from asset where " + IN_SERVICE + " and " + condition + " and " + scope.sql()
                                + " order by id limit " + NAMES,
                        (row, _) -> row.getString(1),
                        all.toArray()));
    }

    /** For a scope that PostgreSQL cannot answer. */
    private Assets folded(Actor actor, Instant now) {
        Counter all = new Counter(asset -> true);
        Counter ownerless = new Counter(asset -> asset.owner().isEmpty());
        Counter without = new Counter(asset -> asset.certificateExpires() == null);
        Counter expired = new Counter(asset -> endsBy(asset, now));
        Counter expiring = new Counter(asset -> !endsBy(asset, now) && endsBy(asset, now.plus(EXPIRES_WITHIN)));
        Counter enrolled = new Counter(asset -> asset.certificateExpires() != null && !endsBy(asset, now));
        Counter silent = new Counter(asset -> enrolled.counts.test(asset) && !isHeard(asset, now));
        List<Counter> counters = List.of(all, ownerless, without, expired, expiring, enrolled, silent);
        directory.forEach(actor, null, asset -> {
            if (asset.lifecycle() != Lifecycle.RETIRED) {
                counters.forEach(counter -> counter.look(asset));
            }
        });
        return new Assets(
                all.count,
                ownerless.found(),
                without.found(),
                expired.found(),
                expiring.found(),
                enrolled.count,
                enrolled.count - silent.count,
                silent.found());
    }

    private static boolean endsBy(Asset asset, Instant moment) {
        Instant end = asset.certificateExpires();
        return end != null && !end.isAfter(moment);
    }

    private static boolean isHeard(Asset asset, Instant now) {
        Instant seen = asset.lastSeen();
        return asset.presence() == Presence.ONLINE || seen != null && seen.isAfter(now.minus(HEARD_WITHIN));
    }

    private static final class Counter {
        private final Predicate<Asset> counts;
        private final List<String> first = new ArrayList<>();
        private long count;

        Counter(Predicate<Asset> counts) {
            this.counts = counts;
        }

        void look(Asset asset) {
            if (counts.test(asset)) {
                count++;
                if (first.size() < NAMES) {
                    first.add(asset.id().value());
                }
            }
        }

        Some found() {
            return new Some(count, first);
        }
    }

    Alerting alerting(Instant now) {
        OffsetDateTime since = utc(now.minus(NOTIFICATIONS_OF));
        return jdbc.query(
                        """
                        select (select count(*) from alert_object where kind = 'AlertRule'),
                               (select count(*) from alert_object where kind = 'Receiver'),
                               count(*) filter (where state = 'delivered'),
                               count(*) filter (where state = 'failed')
                        from alert_notification where created >= ?
                        """,
                        (row, _) -> new Alerting(row.getLong(1), row.getLong(2), row.getLong(3), row.getLong(4)),
                        since)
                .getFirst();
    }

    long publishedReleases() {
        Long count = jdbc.queryForObject("select count(*) from release where status = 'published'", Long.class);
        return count == null ? 0 : count;
    }

    /** When the newest root was accepted; null without one. */
    @Nullable Instant rootSince() {
        OffsetDateTime at = jdbc.queryForObject(
                "select max(accepted_at) from tuf_metadata where role = 'root'", OffsetDateTime.class);
        return at == null ? null : at.toInstant();
    }

    /** As the newest rollouts are declared, drafts among them. */
    List<Conduct> newestRollouts() {
        return jdbc.query(
                "select name, spec from rollout order by id desc limit " + NEWEST_ROLLOUTS,
                (row, number) -> conduct(row.getString(1), JsonMapper.shared().readTree(row.getString(2))));
    }

    private static Conduct conduct(String name, JsonNode spec) {
        JsonNode waves = spec.path("waves");
        JsonNode first = waves.path(0);
        String percent = first.path("percent").asString("");
        return new Conduct(
                name,
                waves.size(),
                percent.endsWith("%") ? Double.valueOf(percent.substring(0, percent.length() - 1)) : null,
                first.path("count").asInt(0),
                soak(spec.path("soak").asString("")),
                !spec.path("failures").path("then").asString("rollback").equals("pause"));
    }

    /** What is stored was read when it was declared; without one it is the declared default. */
    private static Duration soak(String text) {
        Duration soak = Durations.parse(text);
        return soak == null ? DEFAULT_SOAK : soak;
    }

    Tokens usableTokens(Instant now) {
        String usable = "from api_token where revoked_at is null and (expires_at is null or expires_at > ?)";
        List<FirstRunToken> firstRun = jdbc.query(
                "select name, last_used_at " + usable
                        + " and created_by = 'system' and name like 'first-admin-%' order by name limit " + NAMES,
                (row, number) -> new FirstRunToken(row.getString(1), instant(row, 2)),
                utc(now));
        String endless = usable + " and role = 'admin' and expires_at is null and name not like 'first-admin-%'";
        Long count = jdbc.queryForObject("select count(*) " + endless, Long.class, utc(now));
        List<String> names = jdbc.query(
                "select name " + endless + " order by name limit " + NAMES, (row, _) -> row.getString(1), utc(now));
        return new Tokens(firstRun, new Some(count == null ? 0 : count, names));
    }

    private static @Nullable Instant instant(ResultSet row, int column) throws SQLException {
        OffsetDateTime at = row.getObject(column, OffsetDateTime.class);
        return at == null ? null : at.toInstant();
    }

    private static OffsetDateTime utc(Instant instant) {
        return instant.atOffset(ZoneOffset.UTC);
    }
}
