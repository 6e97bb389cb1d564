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

    /** Of a statement whose first columns are {@link #COLUMNS}, by their places: names would be looked up for each value. */
    static Asset read(ResultSet row, int index) throws SQLException {
        return new Asset(
                new AssetId(row.getString(1)),
                row.getString(2),
                texts(row.getString(3)),
                row.getString(4),
                row.getString(5),
                row.getString(6),
                row.getString(7),
                Lifecycle.ofWire(row.getString(8)).orElseThrow(),
                Presence.ofWire(row.getString(9)).orElseThrow(),
                row.getObject(10, OffsetDateTime.class).toInstant(),
                instant(row, 11),
                instant(row, 12),
                texts(row.getString(13)),
                row.getObject(14, Integer.class),
                row.getObject(15, OffsetDateTime.class).toInstant(),
                row.getObject(16, OffsetDateTime.class).toInstant(),
                row.getLong(17));
    }

    static @Nullable Instant instant(ResultSet row, int column) throws SQLException {
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
