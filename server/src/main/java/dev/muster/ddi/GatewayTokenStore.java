package dev.muster.ddi;

import dev.muster.pki.IdPattern;
import dev.muster.registry.Lifecycle;
import dev.muster.registry.asset.AssetSpec;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** The table {@code ddi_gateway_token}. */
@Component
class GatewayTokenStore {
    private static final String SELECT =
            "select id, name, secret_hash, id_pattern, asset_type, labels::text as labels, owner, region, site, hardware,"
                    + " expires_at, created_at, created_by, revoked_at, revoked_by from ddi_gateway_token ";
    private static final TypeReference<Map<String, String>> LABELS = new TypeReference<>() {};

    private final JdbcClient jdbc;

    GatewayTokenStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    void add(GatewayToken token) {
        jdbc.sql("""
                        insert into ddi_gateway_token (id, name, secret_hash, id_pattern, asset_type, labels, owner, region, site,
                            hardware, expires_at, created_at, created_by)
                        values (:id, :name, :hash, :pattern, :type, :labels::jsonb, :owner, :region, :site, :hardware, :expires,
                            :created, :by)""")
                .param("id", token.id())
                .param("name", token.name())
                .param("hash", HexFormat.of().parseHex(token.secretHash()))
                .param("pattern", token.pattern().text())
                .param("type", token.grants().type())
                .param(
                        "labels",
                        JsonMapper.shared().writeValueAsString(token.grants().labels()))
                .param("owner", token.grants().owner())
                .param("region", token.grants().region())
                .param("site", token.grants().site())
                .param("hardware", token.grants().hardware())
                .param("expires", utc(token.expiresAt()))
                .param("created", utc(token.createdAt()))
                .param("by", token.createdBy())
                .update();
    }

    Optional<GatewayToken> find(String id) {
        return jdbc.sql(SELECT + "where id = :id")
                .param("id", id)
                .query((row, _) -> read(row))
                .optional();
    }

    /** In order of creation, which is the order of their ids. */
    List<GatewayToken> page(@Nullable String afterId, int limit) {
        return jdbc.sql(SELECT + "where :after::text is null or id > :after order by id limit :limit")
                .param("after", afterId, Types.VARCHAR)
                .param("limit", limit)
                .query((row, _) -> read(row))
                .list();
    }

    /** What opens the door; bounded by {@link GatewayTokens#MAX_USABLE}. */
    List<GatewayToken> usable(Instant now) {
        return jdbc.sql(SELECT + "where revoked_at is null and expires_at > :now")
                .param("now", utc(now))
                .query((row, _) -> read(row))
                .list();
    }

    /** @return false when it was revoked before */
    boolean revoke(String id, Instant now, String by) {
        return jdbc.sql("update ddi_gateway_token set revoked_at = :now, revoked_by = :by"
                                + " where id = :id and revoked_at is null")
                        .param("id", id)
                        .param("now", utc(now))
                        .param("by", by)
                        .update()
                == 1;
    }

    private static GatewayToken read(ResultSet row) throws SQLException {
        return new GatewayToken(
                row.getString("id"),
                row.getString("name"),
                HexFormat.of().formatHex(row.getBytes("secret_hash")),
                new IdPattern(row.getString("id_pattern")),
                new AssetSpec(
                        row.getString("asset_type"),
                        JsonMapper.shared().readValue(row.getString("labels"), LABELS),
                        row.getString("owner"),
                        row.getString("region"),
                        row.getString("site"),
                        row.getString("hardware"),
                        Lifecycle.PROVISIONED),
                row.getObject("expires_at", OffsetDateTime.class).toInstant(),
                row.getObject("created_at", OffsetDateTime.class).toInstant(),
                row.getString("created_by"),
                nullable(row.getObject("revoked_at", OffsetDateTime.class)),
                row.getString("revoked_by"));
    }

    private static @Nullable Instant nullable(@Nullable OffsetDateTime time) {
        return time == null ? null : time.toInstant();
    }

    private static OffsetDateTime utc(Instant time) {
        return time.atOffset(ZoneOffset.UTC);
    }
}
