package dev.muster.twin.view;

import dev.muster.protocol.AssetId;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What is desired of many assets and what they reported last, as documents of the same form: {@code config}, {@code software}, {@code
 * generation}. One of more than {@value #MAX_CHARACTERS} characters is empty: it is not read for a look at many.
 */
@Component
public class TwinDocuments {
    public static final int MAX_CHARACTERS = 32_768;
    private static final JsonMapper JSON = JsonMapper.shared();

    private final JdbcTemplate template;

    TwinDocuments(JdbcTemplate template) {
        this.template = template;
    }

    /** Assets of which nothing is desired are left out. */
    public Map<AssetId, Optional<JsonNode>> desired(Collection<AssetId> assets) {
        Map<String, JsonNode> shared = new HashMap<>();
        Map<AssetId, Optional<JsonNode>> found = new HashMap<>();
        template.query(
                """
                select d.asset, d.generation, case when length(c.body) <= ? then c.body end as body
                from twin_desired d join twin_text c on c.id = d.content
                where d.asset = any(?)""",
                row -> {
                    String body = row.getString("body");
                    long generation = row.getLong("generation");
                    found.put(
                            new AssetId(row.getString("asset")),
                            Optional.ofNullable(body)
                                    .map(text -> shared.computeIfAbsent(text, JSON::readTree))
                                    .map(tree -> of(tree.path("config"), tree.path("software"), generation)));
                },
                MAX_CHARACTERS,
                ids(assets));
        return found;
    }

    /** Of the newest report, however old; assets that never reported are left out. */
    public Map<AssetId, Optional<JsonNode>> reported(Collection<AssetId> assets) {
        Map<AssetId, Optional<JsonNode>> found = new HashMap<>();
        template.query(
                """
                select asset, coalesce(generation, 0) as generation,
                    case when length(config::text) + length(software::text) <= ? then config end as config,
                    software
                from twin_reported where asset = any(?)""",
                row -> {
                    String config = row.getString("config");
                    found.put(
                            new AssetId(row.getString("asset")),
                            config == null
                                    ? Optional.empty()
                                    : Optional.of(of(
                                            JSON.readTree(config),
                                            JSON.readTree(row.getString("software")),
                                            row.getLong("generation"))));
                },
                MAX_CHARACTERS,
                ids(assets));
        return found;
    }

    private static JsonNode of(JsonNode config, JsonNode software, long generation) {
        ObjectNode document = JSON.createObjectNode();
        document.set("config", config.isObject() ? config : JSON.createObjectNode());
        document.set("software", software.isObject() ? software : JSON.createObjectNode());
        return document.put("generation", generation);
    }

    private static String[] ids(Collection<AssetId> assets) {
        return assets.stream().map(AssetId::value).toArray(String[]::new);
    }
}
