package dev.muster.ddi;

import dev.muster.ddi.DdiAction.Source;
import dev.muster.ddi.DdiAction.State;
import dev.muster.ddi.DdiEngine.Standing;
import dev.muster.ddi.DdiEngine.Wanted;
import dev.muster.ddi.DdiTarget.Claim;
import dev.muster.gateway.port.Deployments.Client;
import dev.muster.protocol.AssetId;
import dev.muster.protocol.Uplink.Update;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The tables {@code ddi_target} and {@code ddi_action}. */
@Component
class DdiStore {
    /** Actions kept of each asset. */
    static final int HISTORY = 20;

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final TypeReference<Map<String, String>> TEXTS = new TypeReference<>() {};
    private static final TypeReference<Map<String, Update>> UPDATES = new TypeReference<>() {};
    private static final TypeReference<Map<String, Claim>> CLAIMS = new TypeReference<>() {};
    private static final TypeReference<List<String>> MESSAGES = new TypeReference<>() {};
    private static final String ACTION =
            "id, component, version, attempt, previous, target, sha256, size, state, shown, kept, confirmed, status,"
                    + " messages::text as messages";

    private static final String FIND = """
            select a.id, a.type, t.client, t.tells_versions, t.software::text as software, t.updates::text as updates,
                t.claims::text as claims, t.generation, coalesce(t.wants_attributes, true) as wants_attributes,
                coalesce(t.auto_confirm, false) as auto_confirm, coalesce(d.generation, 0) as desired,
                (select jsonb_agg(jsonb_build_object('component', s.component, 'version', s.version,
                        'attempt', s.attempt, 'target', s.target, 'sha256', s.sha256, 'size', s.size,
                        'known', exists (select from ddi_action k where k.asset = a.id
                            and k.component = s.component and k.attempt = s.attempt)))
                    from twin_software s where s.asset = a.id and s.attempt is not null)::text as wanted,
                (select jsonb_agg(to_jsonb(o) order by o.id) from ddi_action o
                    where o.asset = a.id and o.ended is null)::text as open,
                (select max(i.id) from ddi_action i where i.asset = a.id and i.state = 'succeeded') as installed
            from asset a
            left join ddi_target t on t.asset = a.id
            left join twin_desired d on d.asset = a.id""";

    private final JdbcClient jdbc;
    private final JdbcTemplate template;

    DdiStore(JdbcClient jdbc, JdbcTemplate template) {
        this.jdbc = jdbc;
        this.template = template;
    }

    /**
     * An asset that is registered.
     *
     * @param stored whether it is in the table of those that poll
     * @param installed the newest action that succeeded
     */
    record Found(
            String type,
            boolean stored,
            Standing standing,
            @Nullable Integer installed) {}

    /** Holds the asset's row until the end of the transaction. @return false when no such asset is registered */
    boolean lock(AssetId asset, Client client) {
        jdbc.sql("insert into ddi_target (asset, client) select id, :client from asset where id = :asset"
                        + " on conflict (asset) do nothing")
                .param("asset", asset.value())
                .param("client", wire(client))
                .update();
        return jdbc.sql("select 1 from ddi_target where asset = :asset for update")
                .param("asset", asset.value())
                .query(Integer.class)
                .optional()
                .isPresent();
    }

    /** By the primary keys of all its tables, in one statement. */
    Optional<Found> find(AssetId asset, Client client) {
        return jdbc.sql(FIND + " where a.id = ?")
                .param(asset.value())
                .query((row, _) -> found(row, client))
                .optional();
    }

    /** Those of the assets that are registered. */
    Map<AssetId, Found> find(Collection<AssetId> assets) {
        Map<AssetId, Found> all = new HashMap<>();
        template.query(
                FIND + " where a.id = any(?)",
                row -> {
                    all.put(new AssetId(row.getString("id")), found(row, Client.OTHER));
                },
                (Object) assets.stream().map(AssetId::value).toArray(String[]::new));
        return all;
    }

    private static Found found(ResultSet row, Client client) throws SQLException {
        boolean stored = row.getString("client") != null;
        Map<String, Wanted> wanted = new HashMap<>();
        Set<String> known = new HashSet<>();
        for (JsonNode each : nodes(row.getString("wanted"))) {
            String attempt = each.path("attempt").asString();
            wanted.put(
                    each.path("component").asString(),
                    new Wanted(each.path("version").asString(), attempt, source(each)));
            if (each.path("known").asBoolean()) {
                known.add(attempt);
            }
        }
        List<DdiAction> open = new ArrayList<>();
        for (JsonNode each : nodes(row.getString("open"))) {
            open.add(action(each));
        }
        return new Found(
                row.getString("type"),
                stored,
                new Standing(
                        stored ? target(row) : DdiTarget.fresh(client), open, wanted, known, row.getLong("desired")),
                row.getObject("installed", Integer.class));
    }

    private static Iterable<JsonNode> nodes(@Nullable String array) {
        return array == null ? List.of() : JSON.readTree(array);
    }

    private static DdiTarget target(ResultSet row) throws SQLException {
        return new DdiTarget(
                Client.valueOf(row.getString("client").toUpperCase(Locale.ROOT)),
                row.getBoolean("tells_versions"),
                JSON.readValue(row.getString("software"), TEXTS),
                JSON.readValue(row.getString("updates"), UPDATES),
                JSON.readValue(row.getString("claims"), CLAIMS),
                row.getObject("generation", Long.class),
                row.getBoolean("wants_attributes"),
                row.getBoolean("auto_confirm"));
    }

    private static @Nullable Source source(JsonNode row) {
        return row.path("sha256").isString() && row.path("target").isString()
                ? new Source(
                        row.path("target").asString(),
                        row.path("sha256").asString(),
                        row.path("size").asLong())
                : null;
    }

    private static DdiAction action(JsonNode row) {
        List<String> messages = new ArrayList<>();
        row.path("messages").forEach(each -> messages.add(each.asString()));
        return new DdiAction(
                row.path("id").asInt(),
                row.path("component").asString(),
                row.path("version").asString(),
                row.path("attempt").asString(),
                row.path("previous").isString() ? row.path("previous").asString() : null,
                source(row),
                State.of(row.path("state").asString()),
                row.path("shown").asBoolean(),
                row.path("kept").asBoolean(),
                row.path("confirmed").asBoolean(),
                row.path("status").asString(),
                messages);
    }

    Optional<DdiAction> action(AssetId asset, int id) {
        return jdbc.sql("select " + ACTION + " from ddi_action where id = :id and asset = :asset")
                .param("id", id)
                .param("asset", asset.value())
                .query((row, _) -> action(row))
                .optional();
    }

    private static DdiAction action(ResultSet row) throws SQLException {
        String sha256 = row.getString("sha256");
        return new DdiAction(
                row.getInt("id"),
                row.getString("component"),
                row.getString("version"),
                row.getString("attempt"),
                row.getString("previous"),
                sha256 == null ? null : new Source(row.getString("target"), sha256, row.getLong("size")),
                State.of(row.getString("state")),
                row.getBoolean("shown"),
                row.getBoolean("kept"),
                row.getBoolean("confirmed"),
                row.getString("status"),
                JSON.readValue(row.getString("messages"), MESSAGES));
    }

    void save(AssetId asset, DdiTarget target) {
        jdbc.sql("""
                        update ddi_target set client = :client, tells_versions = :tells, software = :software::jsonb,
                            updates = :updates::jsonb, claims = :claims::jsonb, generation = :generation,
                            wants_attributes = :wants, auto_confirm = :auto
                        where asset = :asset""")
                .param("asset", asset.value())
                .param("client", wire(target.client()))
                .param("tells", target.tellsVersions())
                .param("software", JSON.writeValueAsString(target.software()))
                .param("updates", JSON.writeValueAsString(target.updates()))
                .param("claims", JSON.writeValueAsString(target.claims()))
                .param("generation", target.generation(), Types.BIGINT)
                .param("wants", target.wantsAttributes())
                .param("auto", target.autoConfirm())
                .update();
    }

    /** New ones are inserted, and the oldest that have ended forgotten. */
    void save(AssetId asset, List<DdiAction> actions, Instant now) {
        for (DdiAction action : actions) {
            if (action.id() == 0) {
                insert(asset, action, now);
            } else {
                update(action, now);
            }
        }
        if (actions.stream().anyMatch(action -> action.id() == 0)) {
            template.update("""
                    delete from ddi_action where asset = ? and ended is not null and id < (
                        select id from ddi_action where asset = ? order by id desc offset ? limit 1)""", asset.value(), asset.value(), HISTORY);
        }
    }

    private void insert(AssetId asset, DdiAction action, Instant now) {
        Source source = action.source();
        jdbc.sql("""
                        insert into ddi_action (asset, component, version, attempt, previous, target, sha256, size, state, status,
                            messages, created, ended)
                        values (:asset, :component, :version, :attempt, :previous, :target, :sha256, :size, :state, :status,
                            :messages::jsonb, :now, :ended)
                        on conflict (asset, component, attempt) do nothing""")
                .param("asset", asset.value())
                .param("component", action.component())
                .param("version", action.version())
                .param("attempt", action.attempt())
                .param("previous", action.previous(), Types.VARCHAR)
                .param("target", source == null ? null : source.target(), Types.VARCHAR)
                .param("sha256", source == null ? null : source.sha256(), Types.VARCHAR)
                .param("size", source == null ? null : Long.valueOf(source.size()), Types.BIGINT)
                .param("state", action.state().wire())
                .param("status", action.status())
                .param("messages", JSON.writeValueAsString(action.messages()))
                .param("now", now.atOffset(ZoneOffset.UTC))
                .param("ended", ended(action, now), Types.TIMESTAMP_WITH_TIMEZONE)
                .update();
    }

    private void update(DdiAction action, Instant now) {
        jdbc.sql("""
                        update ddi_action set state = :state, shown = :shown, kept = :kept, confirmed = :confirmed,
                            status = :status, messages = :messages::jsonb, ended = coalesce(ended, :ended)
                        where id = :id""")
                .param("id", action.id())
                .param("state", action.state().wire())
                .param("shown", action.shown())
                .param("kept", action.kept())
                .param("confirmed", action.confirmed())
                .param("status", action.status())
                .param("messages", JSON.writeValueAsString(action.messages()))
                .param("ended", ended(action, now), Types.TIMESTAMP_WITH_TIMEZONE)
                .update();
    }

    private static java.time.@Nullable OffsetDateTime ended(DdiAction action, Instant now) {
        return action.state().ended() ? now.atOffset(ZoneOffset.UTC) : null;
    }

    /** Those whose action for a component is open and was not read; by the partial index of open ones. */
    List<AssetId> unread(String component, Collection<AssetId> assets) {
        return template.query(
                """
                select asset from ddi_action
                where asset = any(?) and ended is null and component = ? and state = ? and not shown""",
                (row, number) -> new AssetId(row.getString("asset")),
                assets.stream().map(AssetId::value).toArray(String[]::new),
                component,
                State.OPEN.wire());
    }

    /** Which of the assets poll, and what their clients can prove. */
    Map<AssetId, Proof> proofs(Collection<AssetId> assets) {
        Map<AssetId, Proof> proofs = new HashMap<>();
        template.query(
                "select asset, client, tells_versions from ddi_target where asset = any(?)",
                row -> {
                    proofs.put(
                            new AssetId(row.getString("asset")),
                            new Proof(
                                    Client.valueOf(row.getString("client").toUpperCase(Locale.ROOT)),
                                    row.getBoolean("tells_versions")));
                },
                (Object) assets.stream().map(AssetId::value).toArray(String[]::new));
        return proofs;
    }

    record Proof(Client client, boolean tellsVersions) {}

    private static String wire(Client client) {
        return client.name().toLowerCase(Locale.ROOT);
    }
}
