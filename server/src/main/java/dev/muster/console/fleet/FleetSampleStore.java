package dev.muster.console.fleet;

import dev.muster.console.fleet.FleetSample.Storage;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The table {@code fleet_sample}. */
@Component
class FleetSampleStore {
    static final Duration MINUTES_KEPT = Duration.ofDays(3);
    static final Duration HOURS_KEPT = Duration.ofDays(3 * 365);

    private final JdbcClient jdbc;

    FleetSampleStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** Adds a look to its minute and to its hour. */
    void add(FleetSample sample) {
        for (Step step : Step.values()) {
            Storage storage = sample.storage();
            jdbc.sql("""
                            insert into fleet_sample as known (step, at, looks, assets, online, online_share, messages, messages_looks,
                                postgres_bytes, telemetry_bytes, journal_bytes, files_bytes, disk_free, disk_total)
                            values (:step, :at, 1, :assets, :online, :share, :messages, :messagesLooks,
                                :postgres, :telemetry, :journal, :files, :free, :total)
                            on conflict (step, at) do update set
                                looks = known.looks + 1, assets = excluded.assets, online = excluded.online,
                                online_share = case when known.online_share is null or excluded.online_share is null
                                    then coalesce(excluded.online_share, known.online_share)
                                    else known.online_share + (excluded.online_share - known.online_share) / (known.looks + 1) end,
                                messages = case when known.messages is null or excluded.messages is null
                                    then coalesce(excluded.messages, known.messages)
                                    else known.messages + (excluded.messages - known.messages) / (known.messages_looks + 1) end,
                                messages_looks = known.messages_looks + excluded.messages_looks,
                                postgres_bytes = coalesce(excluded.postgres_bytes, known.postgres_bytes),
                                telemetry_bytes = coalesce(excluded.telemetry_bytes, known.telemetry_bytes),
                                journal_bytes = coalesce(excluded.journal_bytes, known.journal_bytes),
                                files_bytes = coalesce(excluded.files_bytes, known.files_bytes),
                                disk_free = coalesce(excluded.disk_free, known.disk_free),
                                disk_total = coalesce(excluded.disk_total, known.disk_total)""")
                    .param("step", step.wire())
                    .param("at", time(sample.at().truncatedTo(step.unit())))
                    .param("assets", sample.assets())
                    .param("online", sample.online())
                    .param("share", sample.onlineShare(), Types.DOUBLE)
                    .param("messages", sample.messages(), Types.DOUBLE)
                    .param("messagesLooks", sample.messages() == null ? 0 : 1)
                    .param("postgres", storage == null ? null : storage.postgres(), Types.BIGINT)
                    .param("telemetry", storage == null ? null : storage.telemetry(), Types.BIGINT)
                    .param("journal", storage == null ? null : storage.journal(), Types.BIGINT)
                    .param("files", storage == null ? null : storage.files(), Types.BIGINT)
                    .param("free", storage == null ? null : storage.diskFree(), Types.BIGINT)
                    .param("total", storage == null ? null : storage.diskTotal(), Types.BIGINT)
                    .update();
        }
    }

    private enum Step {
        MINUTE(ChronoUnit.MINUTES),
        HOUR(ChronoUnit.HOURS);

        private final ChronoUnit unit;

        Step(ChronoUnit unit) {
            this.unit = unit;
        }

        ChronoUnit unit() {
            return unit;
        }

        String wire() {
            return this == MINUTE ? "minute" : "hour";
        }
    }

    /** One step of the fleet's history; what nobody knew is null. */
    record Point(
            Instant at,
            int assets,
            @Nullable Double onlineShare,
            @Nullable Double messages) {}

    /** Oldest first. @param step whole minutes; whole hours are read from hours */
    List<Point> history(Instant from, Instant to, Duration step) {
        return jdbc.sql("""
                        select date_bin(cast(:step as interval), at, timestamptz 'epoch') as begin, max(assets) as assets,
                               avg(online_share) as online_share, avg(messages) as messages
                        from fleet_sample where step = :table and at >= :from and at < :to group by 1 order by 1""")
                .param("step", step.toSeconds() + " seconds")
                .param("table", step.compareTo(Duration.ofHours(1)) >= 0 ? Step.HOUR.wire() : Step.MINUTE.wire())
                .param("from", time(from))
                .param("to", time(to))
                .query((row, _) -> new Point(
                        row.getObject("begin", OffsetDateTime.class).toInstant(),
                        row.getInt("assets"),
                        number(row, "online_share"),
                        number(row, "messages")))
                .list();
    }

    /**
     * One day by UTC, or a shorter span.
     *
     * @param at its newest look
     * @param messages a day, at its mean rate; null when not known
     * @param storage bytes; null when not measured
     */
    record Day(
            Instant at,
            int assets,
            @Nullable Double messages,
            @Nullable Long storage) {}

    /** How finely growth is looked at: a fleet of an hour has no days yet. */
    enum Grain {
        DAY("day", Step.HOUR),
        HOUR("hour", Step.HOUR),
        MINUTE("minute", Step.MINUTE);

        private final String unit;
        private final Step step;

        Grain(String unit, Step step) {
            this.unit = unit;
            this.step = step;
        }
    }

    /** Oldest first. */
    List<Day> days(Instant from, Grain grain) {
        return jdbc.sql("""
                        select distinct on (day) at, assets, avg(messages) over (partition by day) * 86400 as messages, storage
                        from (select date_trunc(:unit, at, 'UTC') as day, at, assets, messages,
                                     coalesce(postgres_bytes, 0) + telemetry_bytes + journal_bytes + files_bytes as storage
                              from fleet_sample where step = :step and at >= :from) look
                        order by day, at desc""")
                .param("unit", grain.unit)
                .param("step", grain.step.wire())
                .param("from", time(from))
                .query((row, _) -> new Day(
                        row.getObject("at", OffsetDateTime.class).toInstant(),
                        row.getInt("assets"),
                        number(row, "messages"),
                        whole(row, "storage")))
                .list();
    }

    /** When the first look was, by its minute while that is kept, by its hour afterwards; empty before it. Key: (step, at). */
    Optional<Instant> first() {
        return jdbc.sql("""
                        select coalesce(
                                   (select at from fleet_sample
                                    where step = 'minute' and at >= hour.at and at < hour.at + interval '1 hour' order by at limit 1),
                                   hour.at) as at
                        from (select at from fleet_sample where step = 'hour' order by at limit 1) hour""")
                .query((row, _) -> row.getObject("at", OffsetDateTime.class).toInstant())
                .optional();
    }

    /** The newest minute of which the storage is known. */
    Optional<Storage> storage() {
        return jdbc.sql("""
                        select postgres_bytes, telemetry_bytes, journal_bytes, files_bytes, disk_free, disk_total
                        from fleet_sample where step = 'hour' and disk_total is not null order by at desc limit 1""")
                .query((row, _) -> new Storage(
                        whole(row, "postgres_bytes"),
                        row.getLong("telemetry_bytes"),
                        row.getLong("journal_bytes"),
                        row.getLong("files_bytes"),
                        row.getLong("disk_free"),
                        row.getLong("disk_total")))
                .optional();
    }

    void forget(Instant now) {
        forget(Step.MINUTE, now.minus(MINUTES_KEPT));
        forget(Step.HOUR, now.minus(HOURS_KEPT));
    }

    private void forget(Step step, Instant before) {
        jdbc.sql("delete from fleet_sample where step = :step and at < :before")
                .param("step", step.wire())
                .param("before", time(before))
                .update();
    }

    private static @Nullable Double number(ResultSet row, String column) throws SQLException {
        double value = row.getDouble(column);
        return row.wasNull() ? null : value;
    }

    private static @Nullable Long whole(ResultSet row, String column) throws SQLException {
        long value = row.getLong(column);
        return row.wasNull() ? null : value;
    }

    private static OffsetDateTime time(Instant instant) {
        return instant.atOffset(ZoneOffset.UTC);
    }
}
