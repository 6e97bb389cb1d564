package dev.muster.identity.session;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The table {@code login_session}. */
@Component
class LoginSessionStore {
    private final JdbcClient jdbc;

    LoginSessionStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    record Row(String id, String tokenId, Instant expiresAt, Instant lastUsedAt) {}

    void insert(String id, byte[] hash, String tokenId, Instant now, Instant expiresAt) {
        jdbc.sql("""
                        insert into login_session (id, hash, token_id, created_at, expires_at, last_used_at)
                        values (:id, :hash, :tokenId, :now, :expiresAt, :now)
                        """)
                .param("id", id)
                .param("hash", hash)
                .param("tokenId", tokenId)
                .param("now", utc(now))
                .param("expiresAt", utc(expiresAt))
                .update();
    }

    Optional<Row> find(byte[] hash) {
        return jdbc.sql("select id, token_id, expires_at, last_used_at from login_session where hash = :hash")
                .param("hash", hash)
                .query((row, n) -> new Row(
                        row.getString("id"),
                        row.getString("token_id"),
                        row.getObject("expires_at", OffsetDateTime.class).toInstant(),
                        row.getObject("last_used_at", OffsetDateTime.class).toInstant()))
                .optional();
    }

    List<LoginSessions.Open> open(String tokenId, Instant now, Instant usedAfter, int limit) {
        return jdbc.sql("""
                        select id, created_at, last_used_at, expires_at from login_session
                        where token_id = :tokenId and expires_at > :now and last_used_at > :usedAfter
                        order by created_at desc, id desc limit :limit
                        """)
                .param("tokenId", tokenId)
                .param("now", utc(now))
                .param("usedAfter", utc(usedAfter))
                .param("limit", limit)
                .query((row, n) -> new LoginSessions.Open(
                        row.getString("id"),
                        row.getObject("created_at", OffsetDateTime.class).toInstant(),
                        row.getObject("last_used_at", OffsetDateTime.class).toInstant(),
                        row.getObject("expires_at", OffsetDateTime.class).toInstant()))
                .list();
    }

    void touch(String id, Instant now) {
        jdbc.sql("update login_session set last_used_at = :now where id = :id and last_used_at < :now")
                .param("id", id)
                .param("now", utc(now))
                .update();
    }

    /** @return whether there was such a session */
    boolean delete(String id) {
        return jdbc.sql("delete from login_session where id = :id")
                        .param("id", id)
                        .update()
                > 0;
    }

    int deleteOf(String tokenId) {
        return jdbc.sql("delete from login_session where token_id = :tokenId")
                .param("tokenId", tokenId)
                .update();
    }

    /** By the index on {@code expires_at}. */
    void deleteOlder(Instant expiredBefore) {
        jdbc.sql("delete from login_session where expires_at < :before")
                .param("before", utc(expiredBefore))
                .update();
    }

    /** The sessions of a token beyond the newest {@code keep}. */
    void deleteBeyond(String tokenId, int keep) {
        jdbc.sql("""
                        delete from login_session where id in (
                            select id from login_session where token_id = :tokenId order by created_at desc, id desc offset :keep)
                        """).param("tokenId", tokenId).param("keep", keep).update();
    }

    private static OffsetDateTime utc(Instant time) {
        return time.atOffset(ZoneOffset.UTC);
    }
}
