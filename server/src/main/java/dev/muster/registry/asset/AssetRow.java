package dev.muster.registry.asset;

import dev.muster.protocol.AssetId;
import dev.muster.registry.Asset;
import dev.muster.registry.Lifecycle;
import dev.muster.registry.Presence;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** The columns of an asset, read and written. */
final class AssetRow {
    static final String COLUMNS = """
            id, type, labels, owner, region, site, hardware, lifecycle, presence, presence_since, last_seen,
            certificate_expires, software, drift, created, updated, resource_version""";

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final TypeReference<Map<String, String>> TEXTS = new TypeReference<>() {};

    private AssetRow() {}

    static Asset read(ResultSet row, int index) throws SQLException {
        return new Asset(
                new AssetId(row.getString("id")),
                row.getString("type"),
                texts(row.getString("labels")),
                row.getString("owner"),
                row.getString("region"),
                row.getString("site"),
                row.getString("hardware"),
                Lifecycle.ofWire(row.getString("lifecycle")).orElseThrow(),
                Presence.ofWire(row.getString("presence")).orElseThrow(),
                row.getObject("presence_since", OffsetDateTime.class).toInstant(),
                instant(row, "last_seen"),
                instant(row, "certificate_expires"),
                texts(row.getString("software")),
                row.getObject("drift", Integer.class),
                row.getObject("created", OffsetDateTime.class).toInstant(),
                row.getObject("updated", OffsetDateTime.class).toInstant(),
                row.getLong("resource_version"));
    }

    static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
        return time == null ? null : time.toInstant();
    }

    static @Nullable OffsetDateTime time(@Nullable Instant instant) {
        return instant == null ? null : instant.atOffset(ZoneOffset.UTC);
    }

    static Map<String, String> texts(String json) {
        return json.equals("{}") ? Map.of() : JSON.readValue(json, TEXTS);
    }

    static String json(Map<String, String> texts) {
        return JSON.writeValueAsString(texts);
    }
}
