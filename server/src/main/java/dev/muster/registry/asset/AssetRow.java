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
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.RowMapper;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** The columns of an asset, read and written. One reader is for one answer of the database. */
final class AssetRow implements RowMapper<Asset> {
    static final String COLUMNS = """
            id, type, labels, owner, region, site, hardware, lifecycle, presence, presence_since, last_seen,
            certificate_expires, software, drift, created, updated, resource_version""";

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final TypeReference<Map<String, String>> TEXTS = new TypeReference<>() {};

    /** Texts that are remembered; of many assets most run the same few versions, while each may have labels of its own. */
    private static final int MAX_REMEMBERED = 256;

    private final Map<String, Map<String, String>> remembered = new HashMap<>();

    /** Of a statement whose first columns are {@link #COLUMNS}, by their places: names would be looked up for each value. */
    @Override
    public Asset mapRow(ResultSet row, int index) throws SQLException {
        return new Asset(
                new AssetId(row.getString(1)),
                row.getString(2),
                remembered(row.getString(3)),
                row.getString(4),
                row.getString(5),
                row.getString(6),
                row.getString(7),
                Lifecycle.ofWire(row.getString(8)).orElseThrow(),
                Presence.ofWire(row.getString(9)).orElseThrow(),
                row.getObject(10, OffsetDateTime.class).toInstant(),
                instant(row, 11),
                instant(row, 12),
                remembered(row.getString(13)),
                row.getObject(14, Integer.class),
                row.getObject(15, OffsetDateTime.class).toInstant(),
                row.getObject(16, OffsetDateTime.class).toInstant(),
                row.getLong(17));
    }

    private Map<String, String> remembered(String json) {
        Map<String, String> known = remembered.get(json);
        if (known != null) {
            return known;
        }
        Map<String, String> texts = Map.copyOf(texts(json));
        if (remembered.size() < MAX_REMEMBERED) {
            remembered.put(json, texts);
        }
        return texts;
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
