package dev.muster.pki;

import static dev.muster.pki.CertificateStore.instant;
import static dev.muster.pki.CertificateStore.nullableInstant;
import static dev.muster.pki.CertificateStore.utc;

import dev.muster.protocol.AssetId;
import java.security.MessageDigest;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** The table {@code claim_token}. */
@Component
class ClaimTokenStore {
    private static final String COLUMNS =
            "id, name, asset_type, id_pattern, labels::text as labels, owner, region, site,"
                    + " max_uses, uses, allow_reenrol, expires_at, created_at, created_by, revoked_at, revoked_by";
    private static final TypeReference<Map<String, String>> LABELS = new TypeReference<>() {};

    private final JdbcClient jdbc;
    private final JsonMapper json = JsonMapper.shared();

    ClaimTokenStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    void add(ClaimToken token, byte[] secretHash) {
        jdbc.sql("""
                        insert into claim_token (id, name, secret_hash, asset_type, id_pattern, labels, owner, region, site,
                                                 max_uses, allow_reenrol, expires_at, created_at, created_by)
                        values (:id, :name, :secretHash, :type, :idPattern, :labels::jsonb, :owner, :region, :site,
                                :maxUses, :allowReenrol, :expiresAt, :createdAt, :createdBy)
                        """)
                .param("id", token.id())
                .param("name", token.name())
                .param("secretHash", secretHash)
                .param("type", token.grants().type())
                .param("idPattern", token.pattern().orElse(null), Types.VARCHAR)
                .param("labels", json.writeValueAsString(token.grants().labels()))
                .param("owner", token.grants().owner())
                .param("region", token.grants().region())
                .param("site", token.grants().site())
                .param("maxUses", token.maxUses())
                .param("allowReenrol", token.allowReenrol())
                .param("expiresAt", utc(token.expiresAt()))
                .param("createdAt", utc(token.createdAt()))
                .param("createdBy", token.createdBy())
                .update();
    }

    /**
     * Found by the hash of 256 random bits: what the index's timing tells about a hash helps nobody to find its secret, and
     * the comparison that decides takes constant time.
     */
    Optional<ClaimToken> findBySecret(ClaimSecret secret) {
        byte[] hash = secret.hash();
        return jdbc.sql("select secret_hash, " + COLUMNS + " from claim_token where secret_hash = :hash")
                .param("hash", hash)
                .query((row, number) ->
                        MessageDigest.isEqual(hash, row.getBytes("secret_hash")) ? Optional.of(read(row)) : none())
                .optional()
                .flatMap(found -> found);
    }

    Optional<ClaimToken> find(String id) {
        return jdbc.sql("select " + COLUMNS + " from claim_token where id = :id")
                .param("id", id)
                .query((row, number) -> read(row))
                .optional();
    }

    /** In order of creation, which is the order of their ids. */
    List<ClaimToken> page(@Nullable String afterId, int limit) {
        return jdbc.sql("select " + COLUMNS
                        + " from claim_token where (:after::text is null or id > :after) order by id limit :limit")
                .param("after", afterId, Types.VARCHAR)
                .param("limit", limit)
                .query((row, number) -> read(row))
                .list();
    }

    /** Counts a use, unless none is left: the row's lock makes it exact however many enrol at once. */
    boolean use(String id, Instant now) {
        return jdbc.sql("""
                                update claim_token set uses = uses + 1
                                where id = :id and uses < max_uses and revoked_at is null and expires_at > :now
                                """).param("id", id).param("now", utc(now)).update() == 1;
    }

    /** @return false when it was revoked before, or does not exist */
    boolean revoke(String id, Instant now, String by) {
        return jdbc.sql("update claim_token set revoked_at = :now, revoked_by = :by"
                                + " where id = :id and revoked_at is null")
                        .param("id", id)
                        .param("now", utc(now))
                        .param("by", by)
                        .update()
                == 1;
    }

    /**
     * Revokes those that can still be used and enrol this id alone.
     *
     * @return their ids
     */
    List<String> revokeBound(AssetId asset, Instant now, String by) {
        return jdbc.sql("""
                        update claim_token set revoked_at = :now, revoked_by = :by
                        where id_pattern = :asset and revoked_at is null and expires_at > :now
                        returning id
                        """)
                .param("asset", asset.value())
                .param("now", utc(now))
                .param("by", by)
                .query((row, _) -> row.getString(1))
                .list();
    }

    private ClaimToken read(ResultSet row) throws SQLException {
        String pattern = row.getString("id_pattern");
        return new ClaimToken(
                row.getString("id"),
                row.getString("name"),
                new ClaimToken.Grants(
                        row.getString("asset_type"),
                        json.readValue(row.getString("labels"), LABELS),
                        row.getString("owner"),
                        row.getString("region"),
                        row.getString("site")),
                pattern == null ? null : new IdPattern(pattern),
                row.getInt("max_uses"),
                row.getInt("uses"),
                row.getBoolean("allow_reenrol"),
                instant(row, "expires_at"),
                instant(row, "created_at"),
                row.getString("created_by"),
                nullableInstant(row, "revoked_at"),
                row.getString("revoked_by"));
    }

    private static Optional<ClaimToken> none() {
        return Optional.empty();
    }
}
