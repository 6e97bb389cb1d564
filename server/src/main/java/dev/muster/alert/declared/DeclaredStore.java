package dev.muster.alert.declared;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
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

/** The table {@code alert_object}. */
@Component
public class DeclaredStore {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String COLUMNS =
            "kind, name, spec, managers, created, updated, resource_version, shipped_version";

    private final JdbcClient jdbc;

    public DeclaredStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    public Optional<Declared> find(String kind, String name) {
        return jdbc.sql("select " + COLUMNS + " from alert_object where kind = :kind and name = :name")
                .param("kind", kind)
                .param("name", name)
                .query(DeclaredStore::read)
                .optional();
    }

    Optional<Declared> lock(String kind, String name) {
        return jdbc.sql("select " + COLUMNS + " from alert_object where kind = :kind and name = :name for update")
                .param("kind", kind)
                .param("name", name)
                .query(DeclaredStore::read)
                .optional();
    }

    public List<Declared> page(String kind, @Nullable String after, int limit) {
        return jdbc.sql("select " + COLUMNS
                        + " from alert_object where kind = :kind and name > :after order by name limit :limit")
                .param("kind", kind)
                .param("after", after == null ? "" : after)
                .param("limit", limit)
                .query(DeclaredStore::read)
                .list();
    }

    long count(String kind) {
        return jdbc.sql("select count(*) from alert_object where kind = :kind")
                .param("kind", kind)
                .query(Long.class)
                .single();
    }

    /** Grows with every change of any of them, deletions too. */
    public long version() {
        return jdbc.sql("select last_value from alert_object_version")
                .query(Long.class)
                .single();
    }

    void save(Declared object) {
        jdbc.sql("""
                        insert into alert_object (kind, name, spec, managers, created, updated, resource_version, shipped_version)
                        values (:kind, :name, :spec::json, :managers::jsonb, :created, :updated, :version, :shipped)
                        on conflict (kind, name) do update set spec = excluded.spec, managers = excluded.managers,
                            updated = excluded.updated, resource_version = excluded.resource_version,
                            shipped_version = excluded.shipped_version""")
                .param("kind", object.kind())
                .param("name", object.name())
                .param("spec", JSON.writeValueAsString(object.spec()))
                .param("managers", JSON.writeValueAsString(object.managers()))
                .param("created", object.created().atOffset(ZoneOffset.UTC))
                .param("updated", object.updated().atOffset(ZoneOffset.UTC))
                .param("version", object.resourceVersion())
                .param("shipped", object.shipped(), Types.INTEGER)
                .update();
    }

    void delete(String kind, String name) {
        jdbc.sql("delete from alert_object where kind = :kind and name = :name")
                .param("kind", kind)
                .param("name", name)
                .update();
    }

    long nextVersion() {
        jdbc.sql("select nextval('alert_object_version')").query(Long.class).single();
        return jdbc.sql("select nextval('resource_version')").query(Long.class).single();
    }

    private static Declared read(ResultSet row, int number) throws SQLException {
        return new Declared(
                row.getString("kind"),
                row.getString("name"),
                JSON.readTree(row.getString("spec")),
                JSON.readValue(row.getString("managers"), new TypeReference<Map<String, String>>() {}),
                row.getObject("created", OffsetDateTime.class).toInstant(),
                row.getObject("updated", OffsetDateTime.class).toInstant(),
                row.getLong("resource_version"),
                row.getObject("shipped_version", Integer.class));
    }
}
