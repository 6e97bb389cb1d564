package dev.muster.command;

import static dev.muster.command.CommandStore.utc;

import dev.muster.identity.Actor;
import dev.muster.protocol.AssetId;
import dev.muster.registry.asset.AssetDirectory;
import dev.muster.registry.asset.AssetFilter;
import dev.muster.registry.asset.Visibility;
import dev.muster.registry.selector.SqlCondition;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/**
 * How many commands were done, of those that were given: by the hour in which they could first go out, each attempt by
 * itself, so that nothing is mended by trying again.
 */
@Component
class SuccessRates {
    /** Assets of a selector that PostgreSQL cannot answer alone. */
    private static final int MAX_ASSETS = 200_000;

    private final JdbcTemplate template;
    private final Visibility visibility;
    private final AssetDirectory directory;

    SuccessRates(JdbcTemplate template, Visibility visibility, AssetDirectory directory) {
        this.template = template;
        this.visibility = visibility;
        this.directory = directory;
    }

    /**
     * What became of commands.
     *
     * @param given those that could go out
     * @param open those that are not settled, and are no part of the rate yet
     * @param withdrawn cancelled before any session had them, and no part of the rate
     * @param succeeded done, and said so in time
     * @param late done, and said so after the deadline
     * @param cancelled taken back after a session had them
     * @param undelivered those of {@code expired} that no session ever had: the asset was away
     */
    record Counts(
            int given,
            int open,
            int withdrawn,
            int succeeded,
            int late,
            int failed,
            int rejected,
            int expired,
            int indeterminate,
            int cancelled,
            int undelivered) {

        static final Counts NONE = new Counts(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

        /** 0 to 1: done in time, of those whose end is known; null when there are none. */
        @Nullable Double rate() {
            int ended = given - open - withdrawn;
            return ended == 0 ? null : (double) succeeded / ended;
        }

        Counts plus(Counts other) {
            return new Counts(
                    given + other.given,
                    open + other.open,
                    withdrawn + other.withdrawn,
                    succeeded + other.succeeded,
                    late + other.late,
                    failed + other.failed,
                    rejected + other.rejected,
                    expired + other.expired,
                    indeterminate + other.indeterminate,
                    cancelled + other.cancelled,
                    undelivered + other.undelivered);
        }
    }

    /** One hour: first attempts, and retries. */
    record Hour(Instant from, Counts first, Counts retries) {
        Counts all() {
            return first.plus(retries);
        }
    }

    /**
     * Hours in which commands were given, oldest first.
     *
     * @param selector null for all in the actor's scope
     */
    List<Hour> hours(Actor actor, Instant from, Instant to, @Nullable String selector) {
        if (actor.scope().isAll() && (selector == null || selector.isBlank())) {
            return hours(from, to, SqlCondition.TRUE);
        }
        AssetFilter filter = visibility.filter(actor.scope(), selector);
        SqlCondition condition = filter.exact()
                ? new SqlCondition(
                        "asset_id in (select id from asset where "
                                + filter.condition().sql() + ")",
                        filter.condition().parameters())
                : SqlCondition.of("asset_id = any(?)", (Object) directory.ids(actor, selector, MAX_ASSETS).stream()
                        .map(AssetId::value)
                        .toArray(String[]::new));
        return hours(from, to, condition);
    }

    /** Index: {@code command_sent}. */
    private List<Hour> hours(Instant from, Instant to, SqlCondition condition) {
        List<Object> parameters = new ArrayList<>();
        parameters.add(utc(from));
        parameters.add(utc(to));
        parameters.addAll(condition.parameters());
        record Part(Instant hour, boolean isRetry, Counts counts) {}
        List<Part> parts = template.query(
                """
                select date_trunc('hour', pending_at, 'UTC') as hour, attempt > 1 as is_retry, count(*) as given,
                       count(*) filter (where settled_at is null) as open,
                       count(*) filter (where status = 'cancelled' and sent_at is null) as withdrawn,
                       count(*) filter (where status = 'succeeded' and not late) as succeeded,
                       count(*) filter (where status = 'succeeded' and late) as late,
                       count(*) filter (where status = 'failed') as failed,
                       count(*) filter (where status = 'rejected') as rejected,
                       count(*) filter (where status = 'expired') as expired,
                       count(*) filter (where status = 'indeterminate') as indeterminate,
                       count(*) filter (where status = 'cancelled' and sent_at is not null) as cancelled,
                       count(*) filter (where status = 'expired' and sent_at is null) as undelivered
                from command where pending_at >= ? and pending_at < ? and\s""" + condition.sql() + " group by 1, 2 order by 1, 2",
                (row, n) -> new Part(
                        row.getObject("hour", OffsetDateTime.class).toInstant(),
                        row.getBoolean("is_retry"),
                        counts(row)),
                parameters.toArray());
        List<Hour> hours = new ArrayList<>();
        for (Part part : parts) {
            Hour last = hours.isEmpty() ? null : hours.getLast();
            if (last != null && last.from().equals(part.hour())) {
                hours.set(hours.size() - 1, new Hour(last.from(), last.first(), part.counts()));
            } else {
                hours.add(new Hour(
                        part.hour(),
                        part.isRetry() ? Counts.NONE : part.counts(),
                        part.isRetry() ? part.counts() : Counts.NONE));
            }
        }
        return hours;
    }

    private static Counts counts(ResultSet row) throws SQLException {
        return new Counts(
                row.getInt("given"),
                row.getInt("open"),
                row.getInt("withdrawn"),
                row.getInt("succeeded"),
                row.getInt("late"),
                row.getInt("failed"),
                row.getInt("rejected"),
                row.getInt("expired"),
                row.getInt("indeterminate"),
                row.getInt("cancelled"),
                row.getInt("undelivered"));
    }

    /** The figures of the last hour. */
    void refresh(CommandMetrics metrics, Instant now) {
        Counts first = Counts.NONE;
        Counts all = Counts.NONE;
        for (Hour hour : hours(now.minus(Duration.ofHours(1)), now, SqlCondition.TRUE)) {
            first = first.plus(hour.first());
            all = all.plus(hour.all());
        }
        metrics.rates(orNan(first.rate()), orNan(all.rate()));
    }

    private static double orNan(@Nullable Double rate) {
        return rate == null ? Double.NaN : rate;
    }
}
