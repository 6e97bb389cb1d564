package dev.muster.telemetry.full;

import dev.muster.protocol.AssetId;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The table {@code full_logs}. */
@Component
class FullLogStore {
    private final JdbcClient jdbc;

    FullLogStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** Takes the place of the asset's window before it. */
    void put(FullLogs window) {
        jdbc.sql("""
                        insert into full_logs (asset_id, until, reason, created_at, created_by)
                        values (:asset, :until, :reason, :createdAt, :createdBy)
                        on conflict (asset_id) do update set until = excluded.until, reason = excluded.reason,
                            created_at = excluded.created_at, created_by = excluded.created_by
                        """)
                .param("asset", window.asset().value())
                .param("until", utc(window.until()))
                .param("reason", window.reason())
                .param("createdAt", utc(window.createdAt()))
                .param("createdBy", window.createdBy())
                .update();
    }

    /** @return whether there was one */
    boolean delete(AssetId asset) {
        return jdbc.sql("delete from full_logs where asset_id = :asset")
                        .param("asset", asset.value())
                        .update()
                > 0;
    }

    void deleteEnded(Instant now) {
        jdbc.sql("delete from full_logs where until <= :now")
                .param("now", utc(now))
                .update();
    }

    /** In the order of assets; bounded by what may be made. */
    List<FullLogs> open(Instant now) {
        return jdbc.sql("""
                        select asset_id, until, reason, created_at, created_by from full_logs
                        where until > :now order by asset_id
                        """)
                .param("now", utc(now))
                .query((row, _) -> new FullLogs(
                        new AssetId(row.getString("asset_id")),
                        row.getObject("until", OffsetDateTime.class).toInstant(),
                        row.getString("reason"),
                        row.getObject("created_at", OffsetDateTime.class).toInstant(),
                        row.getString("created_by")))
                .list();
    }

    private static OffsetDateTime utc(Instant instant) {
        return instant.atOffset(ZoneOffset.UTC);
    }
}
