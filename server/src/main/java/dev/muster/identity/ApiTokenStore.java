package dev.muster.identity;

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

/** The table {@code api_token}. */
@Component
class ApiTokenStore {
    private final JdbcClient jdbc;

    ApiTokenStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** @return false when the name has been used before */
    boolean insert(ApiToken token, TokenHash hash) {
        return jdbc.sql("""
                        insert into api_token (id, name, hash, role, scope, expires_at, created_at, created_by)
                        values (:id, :name, :hash, :role, :scope, :expiresAt, :createdAt, :createdBy)
                        on conflict (name) do nothing
                        """)
                        .param("id", token.id())
                        .param("name", token.name())
                        .param("hash", hash.bytes())
                        .param("role", token.role().wire())
                        .param("scope", token.scope().selector(), Types.VARCHAR)
                        .param("expiresAt", utc(token.expiresAt()), Types.TIMESTAMP_WITH_TIMEZONE)
                        .param("createdAt", utc(token.createdAt()))
                        .param("createdBy", token.createdBy())
                        .update()
                == 1;
    }

    Optional<ApiToken> findByHash(TokenHash hash) {
        return jdbc.sql("select * from api_token where hash = :hash")
                .param("hash", hash.bytes())
                .query(ApiTokenStore::token)
                .optional();
    }

    Optional<ApiToken> findByName(String name) {
        return jdbc.sql("select * from api_token where name = :name")
                .param("name", name)
                .query(ApiTokenStore::token)
                .optional();
    }

    Optional<ApiToken> find(String id) {
        return jdbc.sql("select * from api_token where id = :id")
                .param("id", id)
                .query(ApiTokenStore::token)
                .optional();
    }

    /** Locks the token until the transaction ends. */
    Optional<ApiToken> lock(String id) {
        return jdbc.sql("select * from api_token where id = :id for update")
                .param("id", id)
                .query(ApiTokenStore::token)
                .optional();
    }

    /**
     * Tokens of exactly this scope, oldest first (ids of version 7 sort by birth), by the primary key.
     *
     * @param scope null for every scope
     */
    List<ApiToken> list(@Nullable Scope scope, boolean withRevoked, @Nullable String afterId, int limit) {
        return jdbc.sql("""
                        select * from api_token
                        where id > :after
                          and (:everyScope or scope is not distinct from :scope)
                          and (:withRevoked or revoked_at is null)
                        order by id limit :limit
                        """)
                .param("after", afterId == null ? "" : afterId)
                .param("everyScope", scope == null)
                .param("scope", scope == null ? null : scope.selector(), Types.VARCHAR)
                .param("withRevoked", withRevoked)
                .param("limit", limit)
                .query(ApiTokenStore::token)
                .list();
    }

    void revoke(ApiToken revoked) {
        jdbc.sql("update api_token set revoked_at = :at, revoked_by = :by where id = :id")
                .param("at", utc(revoked.revokedAt()), Types.TIMESTAMP_WITH_TIMEZONE)
                .param("by", revoked.revokedBy(), Types.VARCHAR)
                .param("id", revoked.id())
                .update();
    }

    /** Writes only when the stored time is not after {@code notSince}, whatever other servers wrote meanwhile. */
    void touch(String id, Instant now, Instant notSince) {
        jdbc.sql("""
                        update api_token set last_used_at = :now
                        where id = :id and (last_used_at is null or last_used_at <= :notSince)
                        """)
                .param("now", utc(now))
                .param("id", id)
                .param("notSince", utc(notSince))
                .update();
    }

    int countUsable(Instant now) {
        return jdbc.sql("""
                        select count(*) from api_token
                        where revoked_at is null and (expires_at is null or expires_at > :now)
                        """).param("now", utc(now)).query(Integer.class).single();
    }

    /** Whether somebody can still administer everything. */
    boolean hasUsableAdmin(Instant now) {
        return jdbc.sql("""
                        select exists (select from api_token where role = 'admin' and scope is null
                            and revoked_at is null and (expires_at is null or expires_at > :now))
                        """).param("now", utc(now)).query(Boolean.class).single();
    }

    /** Lets one server at a time look for an administrator, until the transaction ends. */
    void lockFirstRun() {
        jdbc.sql("select pg_advisory_xact_lock(hashtextextended('muster first run', 0))")
                .query((row, n) -> n)
                .list();
    }

    private static ApiToken token(ResultSet row, int n) throws SQLException {
        String role = row.getString("role");
        return new ApiToken(
                row.getString("id"),
                row.getString("name"),
                Role.parse(role).orElseThrow(() -> new IllegalStateException("api_token has the unknown role " + role)),
                new Scope(row.getString("scope")),
                instant(row, "expires_at"),
                row.getObject("created_at", OffsetDateTime.class).toInstant(),
                row.getString("created_by"),
                instant(row, "last_used_at"),
                instant(row, "revoked_at"),
                row.getString("revoked_by"));
    }

    private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
        return time == null ? null : time.toInstant();
    }

    private static @Nullable OffsetDateTime utc(@Nullable Instant time) {
        return time == null ? null : time.atOffset(ZoneOffset.UTC);
    }
}
