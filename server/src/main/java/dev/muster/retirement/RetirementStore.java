package dev.muster.retirement;

import dev.muster.protocol.AssetId;
import dev.muster.retirement.Retirement.Restored;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The table {@code retirement}. */
@Component
class RetirementStore {
    private static final String COLUMNS = "id, asset_id, phase, phase_since, wipe, wipe_detail, command_id, deadline,"
            + " if_unconfirmed, reason, requested_at, requested_by, certificates, claim_tokens, ended_at, restored_at,"
            + " restored_by";

    private final JdbcClient jdbc;

    RetirementStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    void insert(Retirement fresh) {
        jdbc.sql("""
                        insert into retirement (id, asset_id, phase, phase_since, wipe, wipe_detail, command_id, deadline,
                                                if_unconfirmed, reason, requested_at, requested_by, look_at)
                        values (:id, :asset, :phase, :since, :wipe, :wipeDetail, :command, :deadline,
                                :ifUnconfirmed, :reason, :requestedAt, :requestedBy, :requestedAt)
                        """)
                .param("id", fresh.id())
                .param("asset", fresh.asset().value())
                .param("phase", fresh.phase().wire())
                .param("since", utc(fresh.since()))
                .param("wipe", fresh.wipe().wire())
                .param("wipeDetail", fresh.wipeDetail(), Types.VARCHAR)
                .param("command", fresh.command(), Types.VARCHAR)
                .param("deadline", nullable(fresh.deadline()), Types.TIMESTAMP_WITH_TIMEZONE)
                .param("ifUnconfirmed", fresh.ifUnconfirmed().wire())
                .param("reason", fresh.reason())
                .param("requestedAt", utc(fresh.requestedAt()))
                .param("requestedBy", fresh.requestedBy())
                .update();
    }

    /** The newest of an asset, by the index on both. */
    Optional<Retirement> latest(AssetId asset) {
        return jdbc.sql("select " + COLUMNS + " from retirement where asset_id = :asset order by id desc limit 1")
                .param("asset", asset.value())
                .query(RetirementStore::read)
                .optional();
    }

    /** Those that are to be looked at, the longest due first. */
    List<String> due(Instant now, int limit) {
        return jdbc.sql("""
                        select id from retirement where ended_at is null and look_at <= :now
                        order by look_at, id limit :limit
                        """)
                .param("now", utc(now))
                .param("limit", limit)
                .query((row, _) -> row.getString(1))
                .list();
    }

    /** Against other steps of the same one, until the end of the transaction. */
    Optional<Retirement> lock(String id) {
        return jdbc.sql("select " + COLUMNS + " from retirement where id = :id for update")
                .param("id", id)
                .query(RetirementStore::read)
                .optional();
    }

    void update(Retirement is, Instant lookAt) {
        jdbc.sql("""
                        update retirement set phase = :phase, phase_since = :since, wipe = :wipe, wipe_detail = :wipeDetail,
                               certificates = :certificates, claim_tokens = :claimTokens, ended_at = :endedAt,
                               look_at = :lookAt
                        where id = :id
                        """)
                .param("phase", is.phase().wire())
                .param("since", utc(is.since()))
                .param("wipe", is.wipe().wire())
                .param("wipeDetail", is.wipeDetail(), Types.VARCHAR)
                .param("certificates", is.certificates())
                .param("claimTokens", is.claimTokens())
                .param("endedAt", nullable(is.endedAt()), Types.TIMESTAMP_WITH_TIMEZONE)
                .param("lookAt", utc(lookAt))
                .param("id", is.id())
                .update();
    }

    void restored(String id, Restored restored) {
        jdbc.sql("update retirement set restored_at = :at, restored_by = :by where id = :id")
                .param("at", utc(restored.at()))
                .param("by", restored.by())
                .param("id", id)
                .update();
    }

    private static Retirement read(ResultSet row, int number) throws SQLException {
        Instant restoredAt = instant(row, "restored_at");
        return new Retirement(
                row.getString("id"),
                new AssetId(row.getString("asset_id")),
                Phase.ofWire(row.getString("phase")),
                required(row, "phase_since"),
                Wipe.ofWire(row.getString("wipe")),
                row.getString("wipe_detail"),
                row.getString("command_id"),
                instant(row, "deadline"),
                IfUnconfirmed.ofWire(row.getString("if_unconfirmed")),
                row.getString("reason"),
                required(row, "requested_at"),
                row.getString("requested_by"),
                row.getInt("certificates"),
                row.getInt("claim_tokens"),
                instant(row, "ended_at"),
                restoredAt == null ? null : new Restored(restoredAt, row.getString("restored_by")));
    }

    private static Instant required(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }

    private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        OffsetDateTime value = row.getObject(column, OffsetDateTime.class);
        return value == null ? null : value.toInstant();
    }

    private static OffsetDateTime utc(Instant instant) {
        return instant.atOffset(ZoneOffset.UTC);
    }

    private static @Nullable OffsetDateTime nullable(@Nullable Instant instant) {
        return instant == null ? null : utc(instant);
    }
}
