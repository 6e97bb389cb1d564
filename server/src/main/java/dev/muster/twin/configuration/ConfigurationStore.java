package dev.muster.twin.configuration;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** The table of configurations. */
@Component
class ConfigurationStore {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String COLUMNS = """
            name, target_asset, target_group, precedence, conflict, spec, local_base, managers, created, updated,
            resource_version, rollout, under_rollout, before_revision""";

    private final JdbcClient jdbc;
    private final JdbcTemplate template;

    ConfigurationStore(JdbcClient jdbc, JdbcTemplate template) {
        this.jdbc = jdbc;
        this.template = template;
    }

    List<Configuration> page(@Nullable String after, int limit) {
        return jdbc.sql("select " + COLUMNS + " from configuration where name > :after order by name limit :limit")
                .param("after", after == null ? "" : after)
                .param("limit", limit)
                .query(ConfigurationStore::read)
                .list();
    }

    Optional<Configuration> find(String name) {
        return jdbc.sql("select " + COLUMNS + " from configuration where name = :name")
                .param("name", name)
                .query(ConfigurationStore::read)
                .optional();
    }

    Optional<Configuration> lock(String name) {
        return jdbc.sql("select " + COLUMNS + " from configuration where name = :name for update")
                .param("name", name)
                .query(ConfigurationStore::read)
                .optional();
    }

    boolean groupExists(String group) {
        return jdbc.sql("select exists (select from asset_group where name = :group)")
                .param("group", group)
                .query(Boolean.class)
                .single();
    }

    void save(Configuration configuration) {
        jdbc.sql("""
                        insert into configuration (name, target_asset, target_group, precedence, conflict, spec, local_base,
                                                   managers, created, updated, resource_version)
                        values (:name, :asset, :group, :precedence, :conflict, :spec::json, :local::json, :managers::jsonb,
                                :created, :updated, :version)
                        on conflict (name) do update set target_asset = excluded.target_asset,
                            target_group = excluded.target_group, precedence = excluded.precedence,
                            conflict = excluded.conflict, spec = excluded.spec, local_base = excluded.local_base,
                            managers = excluded.managers, updated = excluded.updated,
                            resource_version = excluded.resource_version
                        """)
                .param("name", configuration.name())
                .param("asset", configuration.asset(), Types.VARCHAR)
                .param("group", configuration.group(), Types.VARCHAR)
                .param("precedence", configuration.precedence())
                .param("conflict", configuration.conflict().wire())
                .param("spec", JSON.writeValueAsString(configuration.spec()))
                .param("local", configuration.localChanges(), Types.VARCHAR)
                .param("managers", JSON.writeValueAsString(configuration.managers()))
                .param("created", configuration.created().atOffset(ZoneOffset.UTC))
                .param("updated", configuration.updated().atOffset(ZoneOffset.UTC))
                .param("version", configuration.resourceVersion())
                .update();
    }

    void hold(String name, Hold hold) {
        jdbc.sql("""
                        update configuration set rollout = :rollout, under_rollout = :under, before_revision = :before
                        where name = :name
                        """)
                .param("name", name)
                .param("rollout", hold.rollout(), Types.VARCHAR)
                .param("under", hold.isUnderWay())
                .param("before", hold.before(), Types.VARCHAR)
                .update();
    }

    void delete(String name) {
        jdbc.sql("delete from configuration where name = :name")
                .param("name", name)
                .update();
    }

    long nextVersion() {
        return jdbc.sql("select nextval('resource_version')").query(Long.class).single();
    }

    /** While a rollout changes it, nothing is accepted: what an asset has made of it is the rollout's to judge. */
    Map<String, ConflictPolicy> policies(Collection<String> names) {
        Map<String, ConflictPolicy> policies = new HashMap<>();
        template.query(
                """
                select name, case when under_rollout and conflict = 'accept' then 'report' else conflict end
                from configuration where name = any(?)""",
                row -> {
                    policies.put(row.getString(1), ConflictPolicy.ofWire(row.getString(2)));
                },
                (Object) names.toArray(String[]::new));
        return policies;
    }

    private static Configuration read(ResultSet row, int index) throws SQLException {
        return new Configuration(
                row.getString("name"),
                row.getString("target_asset"),
                row.getString("target_group"),
                row.getInt("precedence"),
                ConflictPolicy.ofWire(row.getString("conflict")),
                JSON.readTree(row.getString("spec")),
                row.getString("local_base"),
                JSON.readValue(row.getString("managers"), new TypeReference<Map<String, String>>() {}),
                row.getObject("created", OffsetDateTime.class).toInstant(),
                row.getObject("updated", OffsetDateTime.class).toInstant(),
                row.getLong("resource_version"),
                new Hold(row.getString("rollout"), row.getBoolean("under_rollout"), row.getString("before_revision")));
    }
}
