package dev.muster.backup;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Table {@code backup_run}. */
@Component
public class BackupStore {
    private final JdbcClient jdbc;

    BackupStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    void begin(String id, Instant at, String by) {
        jdbc.sql("insert into backup_run (id, started_at, started_by) values (:id, :at, :by)")
                .param("id", id)
                .param("at", utc(at))
                .param("by", by)
                .update();
    }

    /** @param reason null when it was sent whole */
    void end(String id, Instant at, @Nullable String reason, long bytes, long files) {
        jdbc.sql("""
                        update backup_run
                           set finished_at = :at, outcome = :outcome, reason = :reason, bytes = :bytes, files = :files
                         where id = :id
                        """)
                .param("id", id)
                .param("at", utc(at))
                .param("outcome", reason == null ? "done" : "failed")
                .param("reason", reason)
                .param("bytes", bytes)
                .param("files", files)
                .update();
    }

    /** Newest first. */
    List<BackupRun> newest(int limit) {
        return jdbc.sql("select * from backup_run order by id desc limit :limit")
                .param("limit", limit)
                .query(BackupStore::run)
                .list();
    }

    public Optional<BackupRun> newestDone() {
        return jdbc.sql("select * from backup_run where outcome = 'done' order by finished_at desc limit 1")
                .query(BackupStore::run)
                .optional();
    }

    private static BackupRun run(ResultSet row, int number) throws SQLException {
        OffsetDateTime finished = row.getObject("finished_at", OffsetDateTime.class);
        return new BackupRun(
                row.getString("id"),
                row.getObject("started_at", OffsetDateTime.class).toInstant(),
                row.getString("started_by"),
                finished == null ? null : finished.toInstant(),
                row.getString("outcome"),
                row.getString("reason"),
                row.getObject("bytes", Long.class),
                row.getObject("files", Long.class));
    }

    private static OffsetDateTime utc(Instant at) {
        return at.atOffset(ZoneOffset.UTC);
    }
}
