package dev.muster.twin.configuration;

import dev.muster.protocol.AssetId;
import dev.muster.twin.document.Revision;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The tables {@code configuration_revision} and, of many assets at once, {@code twin_configuration}. */
@Component
class RevisionStore {
    private static final JsonMapper JSON = JsonMapper.shared();
    /** Contents kept of one configuration that no asset has. */
    private static final int KEPT = 200;

    private final JdbcTemplate template;
    private final Clock clock;

    RevisionStore(JdbcTemplate template, Clock clock) {
        this.template = template;
        this.clock = clock;
    }

    void remember(String name, JsonNode config) {
        template.update(
                """
                insert into configuration_revision (configuration, revision, config, created) values (?, ?, ?::json, ?)
                on conflict (configuration, revision) do update set created = excluded.created""",
                name,
                Revision.of(config),
                JSON.writeValueAsString(config),
                clock.instant().atOffset(ZoneOffset.UTC));
        template.update("""
                delete from configuration_revision r where configuration = ?
                    and created < (select created from configuration_revision where configuration = r.configuration
                                   order by created desc offset ? limit 1)
                    and not exists (select from twin_configuration t
                                    where t.configuration = r.configuration and t.revision = r.revision)""", name, KEPT);
    }

    JsonNode require(String name, String revision) {
        List<String> found = template.query(
                "select config::text from configuration_revision where configuration = ? and revision = ?",
                (row, _) -> row.getString(1),
                name,
                revision);
        if (found.isEmpty()) {
            throw new IllegalStateException("revision " + revision + " of configuration " + name + " is not stored");
        }
        return JSON.readTree(found.getFirst());
    }

    /** A content that some asset has or may go back to. */
    record Stored(String revision, JsonNode config, java.time.Instant created, long assets) {}

    /** The newest first, with how many assets are noted with each. */
    List<Stored> list(String name, int limit) {
        return template.query(
                """
                select r.revision, r.config::text as config, r.created,
                    (select count(*) from twin_configuration t
                     where t.configuration = r.configuration and t.revision = r.revision) as assets
                from configuration_revision r where r.configuration = ? order by r.created desc, r.revision limit ?""",
                (row, index) -> new Stored(
                        row.getString("revision"),
                        JSON.readTree(row.getString("config")),
                        row.getObject("created", java.time.OffsetDateTime.class).toInstant(),
                        row.getLong("assets")),
                name,
                limit);
    }

    /** Everybody to whom it applies and of whom nothing is noted keeps a revision. */
    void note(Configuration of, String revision) {
        if (of.asset() != null) {
            note(of.name(), revision, List.of(new AssetId(of.asset())));
            return;
        }
        template.update("""
                insert into twin_configuration (asset, configuration, revision)
                select asset_id, ?, ? from group_membership where group_name = ? and left_at is null
                on conflict (asset, configuration) do nothing""", of.name(), revision, of.group());
    }

    void note(String name, String revision, Collection<AssetId> assets) {
        template.update("""
                insert into twin_configuration (asset, configuration, revision)
                select asset, ?, ? from unnest(?::text[]) as given (asset)
                on conflict (asset, configuration) do nothing""", name, revision, texts(assets));
    }

    /** Those that have what the configuration says need no note. */
    void forget(String name, String revision) {
        template.update("delete from twin_configuration where configuration = ? and revision = ?", name, revision);
    }

    /** A person has said what all are to have. */
    void forget(String name) {
        template.update("delete from twin_configuration where configuration = ?", name);
    }

    void deleteAll(String name) {
        forget(name);
        template.update("delete from configuration_revision where configuration = ?", name);
    }

    Map<AssetId, String> of(Configuration configuration, String says, Collection<AssetId> assets) {
        Map<AssetId, String> found = new HashMap<>();
        template.query(
                """
                select given.asset, coalesce(t.revision, ?) as revision
                from unnest(?::text[]) as given (asset)
                left join twin_configuration t on t.asset = given.asset and t.configuration = ?
                where given.asset = ? or exists (
                    select from group_membership m
                    where m.asset_id = given.asset and m.group_name = ? and m.left_at is null)""",
                row -> {
                    found.put(new AssetId(row.getString("asset")), row.getString("revision"));
                },
                says,
                texts(assets),
                configuration.name(),
                configuration.asset(),
                configuration.group());
        return found;
    }

    private static String[] texts(Collection<AssetId> assets) {
        return assets.stream().map(AssetId::value).toArray(String[]::new);
    }
}
