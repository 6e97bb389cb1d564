package dev.muster.twin.desired;

import dev.muster.registry.Lifecycle;
import dev.muster.twin.document.DesiredMerge.Accepted;
import dev.muster.twin.document.DesiredMerge.Layer;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * All that the documents of some assets depend on, read in one statement: two changes that were committed together are seen
 * together.
 */
final class Inputs {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String CONFIGURATION = "configuration/";
    private static final String BASELINE = "baseline/";
    private static final String ONE_SNAPSHOT = """
            with known as (
                select id, type, lifecycle, resource_version, labels::text as labels from asset where id = any(?)),
            concerned as (
                select target_asset as asset, name, precedence, true as own from configuration where target_asset = any(?)
                union all
                select m.asset_id, c.name, c.precedence, false
                from group_membership m join configuration c on c.target_group = m.group_name
                where m.asset_id = any(?) and m.left_at is null),
            applying as (
                select c.asset, c.name, c.precedence, c.own, p.revision
                from concerned c left join twin_configuration p on p.asset = c.asset and p.configuration = c.name),
            names as (
                select asset, array_to_string(array_agg(name || coalesce('@' || revision, '') order by own, precedence, name),
                    chr(10)) as names
                from applying group by asset),
            assigned as (
                select asset, json_agg(json_strip_nulls(json_build_object('component', component, 'version', version,
                    'attempt', attempt, 'target', target, 'url', url, 'sha256', sha256, 'size', size, 'origin', origin))
                    order by component)::text as software
                from twin_software where asset = any(?) group by asset)
            select 'asset' as what, k.id as name, k.type as a, k.lifecycle as b, n.names as c, s.software as d, k.resource_version as version,
                   k.labels as e
            from known k left join names n on n.asset = k.id left join assigned s on s.asset = k.id
            union all
            select 'configuration', name, (spec -> 'config')::text, (spec -> 'software')::text, local_base::text, null, 0, null
            from configuration where name in (select name from applying where revision is null)
            union all
            select 'configuration', r.configuration || '@' || r.revision, r.config::text, (c.spec -> 'software')::text, null, null, 0,
                   null
            from configuration_revision r join configuration c on c.name = r.configuration
            where (r.configuration, r.revision) in (select name, revision from applying where revision is not null)
            union all
            select 'type', name, (spec -> 'baseline')::text, null, null, null, 0, null
            from asset_type where name in (select type from known)""";

    private final Map<String, Subject> assets = new LinkedHashMap<>();
    private final Map<String, Layer> configurations = new HashMap<>();
    private final Map<String, List<Accepted>> local = new HashMap<>();
    private final Map<String, Layer> baselines = new HashMap<>();
    private final Set<String> templated = new HashSet<>();

    /**
     * One asset.
     *
     * @param labels as JSON text
     * @param configurations those that apply, in the order of their layers: each by its name, or as {@code NAME@REVISION} where the asset
     *     is on a revision of its own
     * @param assigned what rollouts assign, as JSON text
     */
    record Subject(
            String id,
            String type,
            Lifecycle lifecycle,
            long version,
            String labels,
            List<String> configurations,
            @Nullable String assigned) {

        private String key(boolean templated) {
            return type + '\n' + String.join("\n", configurations) + (templated ? "\n\n" + labels : "");
        }
    }

    private Inputs() {}

    static Inputs read(JdbcTemplate template, Collection<String> assets) {
        Inputs inputs = new Inputs();
        String[] ids = assets.toArray(String[]::new);
        template.query(ONE_SNAPSHOT, inputs::add, ids, ids, ids, ids);
        return inputs;
    }

    /** Those of the given that are assets. */
    Map<String, Subject> assets() {
        return assets;
    }

    /** To assets with the same key the same applies, but for what is assigned to each. */
    String key(Subject subject) {
        return subject.key(isTemplated(subject));
    }

    /** Whether something that applies to the asset has templates, which need what only the server knows of it. */
    private boolean isTemplated(Subject subject) {
        return templated.contains(BASELINE + subject.type())
                || subject.configurations().stream().anyMatch(name -> templated.contains(CONFIGURATION + name));
    }

    /** Without {@link #assigned}. */
    List<Layer> layers(Subject subject) {
        List<Layer> layers = new ArrayList<>();
        if (isTemplated(subject)) {
            layers.add(facts(subject));
        }
        Layer baseline = baselines.get(subject.type());
        if (baseline != null) {
            layers.add(baseline);
        }
        subject.configurations().stream()
                .map(configurations::get)
                .filter(layer -> layer != null)
                .forEach(layers::add);
        return layers;
    }

    /** Above all layers: versions, and nothing of the configuration. */
    static List<Layer> assigned(Subject subject) {
        List<Layer> layers = new ArrayList<>();
        if (subject.assigned() != null) {
            JSON.readTree(subject.assigned()).forEach(row -> layers.add(assigned((ObjectNode) row)));
        }
        return layers;
    }

    /** Below everything else, as {@code config.asset}. */
    private static Layer facts(Subject subject) {
        ObjectNode config = JsonNodeFactory.instance.objectNode();
        config.putObject("asset").put("type", subject.type()).set("labels", object(subject.labels()));
        return new Layer("asset", config, Map.of());
    }

    List<Accepted> accepted(Subject subject) {
        return subject.configurations().stream()
                .flatMap(name -> local.getOrDefault(name, List.of()).stream())
                .toList();
    }

    private void add(ResultSet row) throws SQLException {
        String name = row.getString("name");
        switch (row.getString("what")) {
            case "asset" -> {
                String names = row.getString("c");
                assets.put(
                        name,
                        new Subject(
                                name,
                                row.getString("a"),
                                Lifecycle.ofWire(row.getString("b")).orElseThrow(),
                                row.getLong("version"),
                                row.getString("e"),
                                names == null ? List.of() : List.of(names.split("\n")),
                                row.getString("d")));
            }
            case "configuration" -> {
                ObjectNode config = object(row.getString("a"));
                String base = row.getString("c");
                if (base == null) {
                    if (isTemplate(row.getString("a"))) {
                        templated.add(CONFIGURATION + name);
                    }
                    configurations.put(
                            name, new Layer(CONFIGURATION + named(name), config, versions(row.getString("b"))));
                } else {
                    local.put(name, LocalChanges.read(object(base)).accepted());
                }
            }
            default -> {
                if (isTemplate(row.getString("a"))) {
                    templated.add(BASELINE + name);
                }
                baselines.put(name, new Layer(BASELINE + name, object(row.getString("a")), Map.of()));
            }
        }
    }

    /** A name without the revision behind it. */
    private static String named(String configuration) {
        int at = configuration.indexOf('@');
        return at < 0 ? configuration : configuration.substring(0, at);
    }

    private static boolean isTemplate(@Nullable String text) {
        return text != null && text.contains("{{");
    }

    private static Map<String, JsonNode> versions(String software) {
        Map<String, JsonNode> versions = new TreeMap<>();
        object(software)
                .forEachEntry((component, version) -> versions.put(
                        component, JsonNodeFactory.instance.objectNode().set("version", version)));
        return versions;
    }

    private static Layer assigned(ObjectNode wanted) {
        String component = wanted.remove("component").stringValue();
        String origin = wanted.remove("origin").stringValue();
        return new Layer(origin, JsonNodeFactory.instance.objectNode(), Map.of(component, wanted));
    }

    private static ObjectNode object(@Nullable String json) {
        return json != null && JSON.readTree(json) instanceof ObjectNode object
                ? object
                : JsonNodeFactory.instance.objectNode();
    }
}
