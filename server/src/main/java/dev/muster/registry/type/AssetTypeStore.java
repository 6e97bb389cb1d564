package dev.muster.registry.type;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** The table of asset types. */
@Component
class AssetTypeStore {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String COLUMNS =
            "name, spec, shipped_version, modified, managers, created, updated, resource_version";

    private final JdbcClient jdbc;
    private final AssetTypeReader reader;

    AssetTypeStore(JdbcClient jdbc, AssetTypeReader reader) {
        this.jdbc = jdbc;
        this.reader = reader;
    }

    List<StoredAssetType> all() {
        return jdbc.sql("select " + COLUMNS + " from asset_type order by name")
                .query(this::read)
                .list();
    }

    Optional<StoredAssetType> find(String name) {
        return jdbc.sql("select " + COLUMNS + " from asset_type where name = :name")
                .param("name", name)
                .query(this::read)
                .optional();
    }

    Optional<StoredAssetType> lock(String name) {
        return jdbc.sql("select " + COLUMNS + " from asset_type where name = :name for update")
                .param("name", name)
                .query(this::read)
                .optional();
    }

    /** Something that changes with every change of any type. */
    String state() {
        return jdbc.sql("select count(*) || ' ' || coalesce(max(resource_version), 0) from asset_type")
                .query(String.class)
                .single();
    }

    void save(StoredAssetType stored) {
        jdbc.sql("""
                        insert into asset_type (name, spec, shipped_version, modified, managers, created, updated, resource_version)
                        values (:name, :spec::json, :shipped, :modified, :managers::jsonb, :created, :updated, :version)
                        on conflict (name) do update set
                            spec = excluded.spec, shipped_version = excluded.shipped_version, modified = excluded.modified,
                            managers = excluded.managers, updated = excluded.updated, resource_version = excluded.resource_version
                        """)
                .param("name", stored.type().name())
                .param("spec", JSON.writeValueAsString(stored.spec()))
                .param("shipped", stored.shippedVersion(), Types.INTEGER)
                .param("modified", stored.modified())
                .param("managers", JSON.writeValueAsString(stored.managers()))
                .param("created", time(stored.created()))
                .param("updated", time(stored.updated()))
                .param("version", stored.resourceVersion())
                .update();
    }

    void delete(String name) {
        jdbc.sql("delete from asset_type where name = :name")
                .param("name", name)
                .update();
    }

    long assetsOf(String name) {
        return jdbc.sql("select count(*) from asset where type = :name")
                .param("name", name)
                .query(Long.class)
                .single();
    }

    long nextVersion() {
        return jdbc.sql("select nextval('resource_version')").query(Long.class).single();
    }

    private StoredAssetType read(ResultSet row, int index) throws SQLException {
        var spec = JSON.readTree(row.getString("spec"));
        return new StoredAssetType(
                reader.stored(row.getString("name"), spec),
                spec,
                nullableInteger(row, "shipped_version"),
                row.getBoolean("modified"),
                JSON.readValue(row.getString("managers"), new TypeReference<Map<String, String>>() {}),
                row.getObject("created", OffsetDateTime.class).toInstant(),
                row.getObject("updated", OffsetDateTime.class).toInstant(),
                row.getLong("resource_version"));
    }

    private static @Nullable Integer nullableInteger(ResultSet row, String column) throws SQLException {
        int value = row.getInt(column);
        return row.wasNull() ? null : value;
    }

    private static OffsetDateTime time(Instant instant) {
        return instant.atOffset(ZoneOffset.UTC);
    }
}
