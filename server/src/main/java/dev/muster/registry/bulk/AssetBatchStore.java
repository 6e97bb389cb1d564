package dev.muster.registry.bulk;

import dev.muster.protocol.AssetId;
import dev.muster.registry.Asset;
import dev.muster.registry.asset.AssetStore;
import dev.muster.registry.selector.SqlCondition;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** Reads and writes many assets with one statement each. */
@Component
class AssetBatchStore {
    /** An asset to be written, with the owners of its fields. */
    record Written(Asset asset, Map<String, String> managers) {}

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final TypeReference<Map<String, String>> TEXTS = new TypeReference<>() {};

    private static final String GIVEN = """
            select id, type, labels::jsonb as labels, owner, region, site, hardware, lifecycle, managers::jsonb as managers
            from unnest(?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[])
                as rows (id, type, labels, owner, region, site, hardware, lifecycle, managers)
            """;

    private final JdbcTemplate template;
    private final AssetStore assets;

    AssetBatchStore(JdbcTemplate template, AssetStore assets) {
        this.template = template;
        this.assets = assets;
    }

    /** Those of the ids that are assets, locked in the order of their ids. */
    Map<AssetId, Asset> lock(Collection<String> ids) {
        String[] wanted = ids.toArray(String[]::new);
        template.query(
                "select id from asset where id = any(?) order by id for no key update", row -> {}, (Object) wanted);
        return find(ids);
    }

    /** Those of the ids that are assets. */
    Map<AssetId, Asset> find(Collection<String> ids) {
        String[] wanted = ids.toArray(String[]::new);
        Map<AssetId, Asset> found = new HashMap<>();
        assets.page(SqlCondition.of("id = any(?)", (Object) wanted), null, ids.size())
                .forEach(asset -> found.put(asset.id(), asset));
        return found;
    }

    Map<String, Map<String, String>> managers(Collection<String> ids) {
        Map<String, Map<String, String>> found = new HashMap<>();
        template.query(
                "select id, managers from asset where id = any(?)",
                row -> {
                    found.put(row.getString(1), JSON.readValue(row.getString(2), TEXTS));
                },
                (Object) ids.toArray(String[]::new));
        return found;
    }

    /** @return ids of those that were new */
    Set<String> insert(List<Written> assets, Instant now) {
        if (assets.isEmpty()) {
            return Set.of();
        }
        Object[] given = columns(assets);
        Object[] parameters = new Object[given.length + 3];
        Arrays.fill(parameters, 0, 3, now.atOffset(ZoneOffset.UTC));
        System.arraycopy(given, 0, parameters, 3, given.length);
        return new HashSet<>(template.query("""
                insert into asset (id, type, labels, owner, region, site, hardware, lifecycle, managers,
                                   presence_since, created, updated, resource_version)
                select given.*, ?, ?, ?, nextval('resource_version') from (%s) given order by id
                on conflict (id) do nothing
                returning id
                """.formatted(GIVEN), (row, index) -> row.getString(1), parameters));
    }

    void update(List<Written> assets, Instant now) {
        if (assets.isEmpty()) {
            return;
        }
        Object[] given = columns(assets);
        Object[] parameters = new Object[given.length + 1];
        parameters[0] = now.atOffset(ZoneOffset.UTC);
        System.arraycopy(given, 0, parameters, 1, given.length);
        template.update("""
                update asset set type = given.type, labels = given.labels, owner = given.owner, region = given.region,
                       site = given.site, hardware = given.hardware, lifecycle = given.lifecycle,
                       managers = given.managers, updated = ?, resource_version = nextval('resource_version')
                from (%s) given where asset.id = given.id
                """.formatted(GIVEN), parameters);
    }

    /** New statistics, which a large import makes wrong long before the server's own maintenance comes round. */
    void analyze() {
        template.execute("analyze asset");
    }

    private static Object[] columns(List<Written> written) {
        List<Asset> assets = written.stream().map(Written::asset).toList();
        return new Object[] {
            assets.stream().map(asset -> asset.id().value()).toArray(String[]::new),
            assets.stream().map(Asset::type).toArray(String[]::new),
            assets.stream()
                    .map(asset -> JSON.writeValueAsString(asset.labels()))
                    .toArray(String[]::new),
            assets.stream().map(Asset::owner).toArray(String[]::new),
            assets.stream().map(Asset::region).toArray(String[]::new),
            assets.stream().map(Asset::site).toArray(String[]::new),
            assets.stream().map(Asset::hardware).toArray(String[]::new),
            assets.stream().map(asset -> asset.lifecycle().wire()).toArray(String[]::new),
            written.stream()
                    .map(each -> JSON.writeValueAsString(each.managers()))
                    .toArray(String[]::new)
        };
    }
}
