package dev.muster.pki;

import static dev.muster.pki.CertificateStore.instant;
import static dev.muster.pki.CertificateStore.nullableInstant;
import static dev.muster.pki.CertificateStore.utc;

import dev.muster.protocol.AssetId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The table {@code asset_token}. */
@Component
class AssetTokenStore {
    private static final String COLUMNS =
            "id, asset_id, secret_hash, expires_at, created_at, created_by, revoked_at, revoked_by";

    private final JdbcClient jdbc;

    AssetTokenStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    void add(AssetToken token) {
        jdbc.sql("""
                        insert into asset_token (id, asset_id, secret_hash, expires_at, created_at, created_by)
                        values (:id, :asset, :secretHash, :expiresAt, :createdAt, :createdBy)
                        """)
                .param("id", token.id())
                .param("asset", token.asset().value())
                .param("secretHash", HexFormat.of().parseHex(token.secretHash()))
                .param("expiresAt", utc(token.expiresAt()))
                .param("createdAt", utc(token.createdAt()))
                .param("createdBy", token.createdBy())
                .update();
    }

    Optional<AssetToken> find(String id) {
        return jdbc.sql("select " + COLUMNS + " from asset_token where id = :id")
                .param("id", id)
                .query((row, number) -> read(row))
                .optional();
    }

    /** In order of creation, which is the order of their ids. */
    List<AssetToken> page(AssetId asset, @Nullable String afterId, int limit) {
        return jdbc.sql("select " + COLUMNS + " from asset_token where asset_id = :asset"
                        + " and (:after::text is null or id > :after) order by id limit :limit")
                .param("asset", asset.value())
                .param("after", afterId, Types.VARCHAR)
                .param("limit", limit)
                .query((row, number) -> read(row))
                .list();
    }

    /** Of one asset, or of all: what admission is loaded from. */
    List<AssetToken> usable(@Nullable AssetId asset, Instant now) {
        return jdbc.sql("select " + COLUMNS + " from asset_token where revoked_at is null and expires_at > :now"
                        + " and (:asset::text is null or asset_id = :asset)")
                .param("now", utc(now))
                .param("asset", asset == null ? null : asset.value(), Types.VARCHAR)
                .query((row, number) -> read(row))
                .list();
    }

    long countUsable(Instant now) {
        return jdbc.sql("select count(*) from asset_token where revoked_at is null and expires_at > :now")
                .param("now", utc(now))
                .query(Long.class)
                .single();
    }

    /** @return false when it was revoked before */
    boolean revoke(String id, Instant now, String by) {
        return jdbc.sql("update asset_token set revoked_at = :now, revoked_by = :by"
                                + " where id = :id and revoked_at is null")
                        .param("id", id)
                        .param("now", utc(now))
                        .param("by", by)
                        .update()
                == 1;
    }

    private static AssetToken read(ResultSet row) throws SQLException {
        return new AssetToken(
                row.getString("id"),
                new AssetId(row.getString("asset_id")),
                HexFormat.of().formatHex(row.getBytes("secret_hash")),
                instant(row, "expires_at"),
                instant(row, "created_at"),
                row.getString("created_by"),
                nullableInstant(row, "revoked_at"),
                row.getString("revoked_by"));
    }
}
