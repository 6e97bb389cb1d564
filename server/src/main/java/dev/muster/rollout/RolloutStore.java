package dev.muster.rollout;

import dev.muster.identity.Scope;
import dev.muster.protocol.AssetId;
import dev.muster.registry.selector.Selectors;
import dev.muster.rollout.engine.Counts;
import dev.muster.rollout.engine.Decision;
import dev.muster.rollout.engine.Phase;
import dev.muster.rollout.engine.Rival;
import dev.muster.rollout.engine.Rollout;
import dev.muster.rollout.engine.Stratum;
import dev.muster.rollout.engine.WaveState;
import dev.muster.rollout.gate.GateExpressions;
import dev.muster.rollout.spec.RolloutSpecReader;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The tables {@code rollout} and {@code rollout_decision}. */
@Component
class RolloutStore {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String COLUMNS =
            "id, name, spec, managers, created, updated, resource_version, phase, cause, why,"
                    + " phase_since, elapsed_ms, looked_at, wave, order_at_us, waves, strata, keeps, overtime, left_out, started, ended, scope";

    private final JdbcClient jdbc;
    private final Selectors selectors;
    private final GateExpressions gates;

    RolloutStore(JdbcClient jdbc, Selectors selectors, GateExpressions gates) {
        this.jdbc = jdbc;
        this.selectors = selectors;
        this.gates = gates;
    }

    Optional<StoredRollout> find(String name) {
        return jdbc.sql("select " + COLUMNS + " from rollout where name = :name")
                .param("name", name)
                .query(this::read)
                .optional();
    }

    /** Locked until the end of the transaction: whoever changes a rollout, or targets of it, comes through here first. */
    Optional<StoredRollout> lock(String name) {
        return jdbc.sql("select " + COLUMNS + " from rollout where name = :name for no key update")
                .param("name", name)
                .query(this::read)
                .optional();
    }

    Optional<StoredRollout> find(int id) {
        return jdbc.sql("select " + COLUMNS + " from rollout where id = :id")
                .param("id", id)
                .query(this::read)
                .optional();
    }

    Optional<StoredRollout> lock(int id) {
        return jdbc.sql("select " + COLUMNS + " from rollout where id = :id for no key update")
                .param("id", id)
                .query(this::read)
                .optional();
    }

    /** @param liveOnly those that a worker has something to do for */
    List<StoredRollout> page(@Nullable String after, boolean liveOnly, int limit) {
        String where = liveOnly ? "live and name > :after" : "name > :after";
        return jdbc.sql("select " + COLUMNS + " from rollout where " + where + " order by name limit :limit")
                .param("after", after == null ? "" : after)
                .param("limit", limit)
                .query(this::read)
                .list();
    }

    /** Ids and names of those that a worker has something to do for; by the partial index. */
    List<Integer> live() {
        return jdbc.sql("select id from rollout where live order by id")
                .query((row, number) -> row.getInt(1))
                .list();
    }

    /** Those that are live beside one; they are few. @param rollout 0 for none */
    List<Rival> rivals(int rollout) {
        return jdbc.sql("""
                        select id, name, component, phase, wave, started, coalesce((spec ->> 'priority')::integer, 0) as priority
                        from rollout where live and id <> :id
                        """)
                .param("id", rollout)
                .query((row, number) -> new Rival(
                        row.getInt("id"),
                        row.getString("name"),
                        row.getString("component"),
                        row.getInt("priority"),
                        instant(row, "started"),
                        row.getString("phase").equals("running"),
                        row.getInt("wave")))
                .list();
    }

    /** One that brings the version of a component; rollouts are few. */
    Optional<String> bringing(String component, String version) {
        return jdbc.sql("""
                        select name from rollout
                        where component = :component and spec -> 'change' -> 'release' ->> 'version' = :version limit 1
                        """)
                .param("component", component)
                .param("version", version)
                .query((row, number) -> row.getString(1))
                .optional();
    }

    long nextVersion() {
        return jdbc.sql("select nextval('resource_version')").query(Long.class).single();
    }

    void insert(String name, JsonNode spec, String component, Map<String, String> managers, Instant now, long version) {
        jdbc.sql("""
                        insert into rollout (name, spec, component, managers, created, updated, resource_version, phase,
                                             phase_since, looked_at)
                        values (:name, :spec::json, :component, :managers::jsonb, :now, :now, :version, 'draft', :now, :now)
                        """)
                .param("name", name)
                .param("spec", JSON.writeValueAsString(spec))
                .param("component", component)
                .param("managers", JSON.writeValueAsString(managers))
                .param("now", time(now))
                .param("version", version)
                .update();
    }

    void updateSpec(int id, JsonNode spec, String component, Map<String, String> managers, Instant now, long version) {
        jdbc.sql("""
                        update rollout set spec = :spec::json, component = :component, managers = :managers::jsonb,
                               updated = :now, resource_version = :version
                        where id = :id
                        """)
                .param("id", id)
                .param("spec", JSON.writeValueAsString(spec))
                .param("component", component)
                .param("managers", JSON.writeValueAsString(managers))
                .param("now", time(now))
                .param("version", version)
                .update();
    }

    /** @param scope of the one who starts it */
    void setStart(int id, SortedMap<String, Integer> leftOut, Scope scope) {
        jdbc.sql("update rollout set left_out = :leftOut::json, scope = :scope where id = :id")
                .param("id", id)
                .param("scope", scope.selector(), Types.VARCHAR)
                .param("leftOut", JSON.writeValueAsString(leftOut))
                .update();
    }

    /** What the engine has decided of the rollout itself. */
    void save(int id, Rollout before, Rollout after) {
        boolean moved = !before.phase().equals(after.phase());
        jdbc.sql("""
                        update rollout set phase = :phase, cause = :cause, why = :why, live = :live,
                               phase_since = case when :moved then :now else phase_since end,
                               started = case when :moved and started is null then :now else started end,
                               ended = case when :live then null else :now end,
                               elapsed_ms = :elapsed, looked_at = :now, wave = :wave, order_at_us = :orderAt, waves = :waves::json,
                               strata = :strata::json, keeps = :keeps, overtime = :overtime
                        where id = :id
                        """)
                .param("id", id)
                .param("phase", after.phase().wire())
                .param(
                        "cause",
                        after.phase() instanceof Phase.Paused paused
                                ? paused.cause().wire()
                                : null,
                        Types.VARCHAR)
                .param("why", after.phase().why())
                .param("live", after.phase().live())
                .param("moved", moved)
                .param("now", time(after.wall()))
                .param("elapsed", after.elapsed())
                .param("wave", after.wave())
                .param("orderAt", after.orderAt())
                .param("waves", JSON.writeValueAsString(waves(after.waves())))
                .param("strata", JSON.writeValueAsString(strata(after.strata())))
                .param("keeps", after.keeps())
                .param("overtime", after.overtime())
                .update();
    }

    /** With everything that belongs to it. */
    void delete(int id) {
        for (String table : List.of(
                "rollout_target",
                "rollout_nudge",
                "rollout_place",
                "rollout_step",
                "rollout_decision",
                "rollout_approval")) {
            jdbc.sql("delete from " + table + " where rollout = :id")
                    .param("id", id)
                    .update();
        }
        jdbc.sql("delete from rollout where id = :id").param("id", id).update();
    }

    // --- decisions

    /** A decision as it is stored. @param actor who took it */
    record StoredDecision(
            long seq,
            Instant at,
            String kind,
            int wave,
            String outcome,
            String reason,
            JsonNode inputs,
            JsonNode threshold,
            String actor) {}

    void add(int rollout, Decision decision, String actor) {
        jdbc.sql("""
                        insert into rollout_decision (rollout, at, kind, wave, outcome, reason, inputs, threshold, actor)
                        values (:rollout, :at, :kind, :wave, :outcome, :reason, :inputs::json, :threshold::json, :actor)
                        """)
                .param("rollout", rollout)
                .param("at", time(decision.at()))
                .param("kind", decision.kind().wire())
                .param("wave", decision.wave())
                .param("outcome", decision.outcome())
                .param("reason", decision.reason())
                .param("inputs", JSON.writeValueAsString(decision.inputs()))
                .param("threshold", JSON.writeValueAsString(decision.threshold()))
                .param("actor", actor)
                .update();
    }

    /** In their order. @param after sequence number, 0 for the first */
    List<StoredDecision> decisions(int rollout, long after, int limit) {
        return jdbc.sql("""
                        select seq, at, kind, wave, outcome, reason, inputs, threshold, actor from rollout_decision
                        where rollout = :rollout and seq > :after order by seq limit :limit
                        """)
                .param("rollout", rollout)
                .param("after", after)
                .param("limit", limit)
                .query((row, number) -> new StoredDecision(
                        row.getLong("seq"),
                        instant(row, "at"),
                        row.getString("kind"),
                        row.getInt("wave"),
                        row.getString("outcome"),
                        row.getString("reason"),
                        JSON.readTree(row.getString("inputs")),
                        JSON.readTree(row.getString("threshold")),
                        row.getString("actor")))
                .list();
    }

    // --- rows

    private StoredRollout read(ResultSet row, int number) throws SQLException {
        String name = row.getString("name");
        JsonNode json = JSON.readTree(row.getString("spec"));
        return new StoredRollout(
                row.getInt("id"),
                name,
                json,
                RolloutSpecReader.read(name, json, selectors, gates).spec(),
                JSON.readValue(row.getString("managers"), new TypeReference<Map<String, String>>() {}),
                instant(row, "created"),
                instant(row, "updated"),
                row.getLong("resource_version"),
                phase(row),
                instant(row, "phase_since"),
                row.getLong("elapsed_ms"),
                instant(row, "looked_at"),
                row.getInt("wave"),
                row.getLong("order_at_us"),
                waves(JSON.readTree(row.getString("waves"))),
                strata(JSON.readTree(row.getString("strata"))),
                row.getInt("keeps"),
                row.getBoolean("overtime"),
                JSON.readValue(row.getString("left_out"), new TypeReference<TreeMap<String, Integer>>() {}),
                nullableInstant(row, "started"),
                nullableInstant(row, "ended"),
                new Scope(row.getString("scope")));
    }

    private static Phase phase(ResultSet row) throws SQLException {
        String why = row.getString("why");
        return switch (row.getString("phase")) {
            case "draft" -> new Phase.Draft();
            case "running" -> new Phase.Running();
            case "paused" -> new Phase.Paused(Phase.Pause.valueOf(upper(row.getString("cause"))), why);
            case "aborting" -> new Phase.Aborting(why);
            case "rolling_back" -> new Phase.RollingBack(why);
            case "completed" -> new Phase.Ended(Phase.Outcome.COMPLETED, why);
            case "aborted" -> new Phase.Ended(Phase.Outcome.ABORTED, why);
            case "rolled_back" -> new Phase.Ended(Phase.Outcome.ROLLED_BACK, why);
            default ->
                throw new IllegalStateException(
                        "phase of rollout " + row.getString("name") + " is not known: " + row.getString("phase"));
        };
    }

    private static String upper(String wire) {
        return wire.toUpperCase(java.util.Locale.ROOT);
    }

    private static ArrayNode waves(List<WaveState> waves) {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        for (WaveState wave : waves) {
            ObjectNode node = array.addObject()
                    .put("name", wave.name())
                    .put("first", wave.first())
                    .put("manual", wave.manual())
                    .put("acceptedFailures", wave.acceptedFailures())
                    .put("acceptedInconclusive", wave.acceptedInconclusive())
                    .put("acceptedChecks", wave.acceptedChecks())
                    .put("retries", wave.retries())
                    .put("asked", wave.asked());
            counts(node.putArray("counts"), wave.counts());
            ArrayNode strata = node.putArray("strata");
            wave.strata().forEach(each -> counts(strata.addArray(), each));
        }
        return array;
    }

    private static void counts(ArrayNode array, Counts counts) {
        for (int count : counts.toArray()) {
            array.add(count);
        }
    }

    private static Counts counts(JsonNode array) {
        return Counts.of(array.valueStream().mapToInt(JsonNode::asInt).toArray());
    }

    private static List<WaveState> waves(JsonNode array) {
        List<WaveState> waves = new ArrayList<>();
        for (JsonNode node : array) {
            waves.add(new WaveState(
                    node.path("name").asString(),
                    node.path("first").asInt(),
                    node.path("manual").asBoolean(),
                    counts(node.path("counts")),
                    node.path("strata").valueStream().map(RolloutStore::counts).toList(),
                    node.path("acceptedFailures").asInt(),
                    node.path("acceptedInconclusive").asBoolean(),
                    node.path("acceptedChecks").asBoolean(false),
                    node.path("retries").asInt(0),
                    node.path("asked").asLong(WaveState.NOT_ASKED)));
        }
        return waves;
    }

    private static ArrayNode strata(List<Stratum> strata) {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        for (Stratum stratum : strata) {
            ObjectNode node = array.addObject()
                    .put("state", stratum.state().wire())
                    .put("why", stratum.why())
                    .put("acceptedFailures", stratum.acceptedFailures());
            stratum.values().forEach(node.putArray("values")::add);
        }
        return array;
    }

    private static List<Stratum> strata(JsonNode array) {
        return array.valueStream()
                .map(node -> new Stratum(
                        node.path("values")
                                .valueStream()
                                .map(JsonNode::asString)
                                .toList(),
                        Stratum.State.valueOf(upper(node.path("state").asString())),
                        node.path("why").asString(),
                        node.path("acceptedFailures").asInt()))
                .toList();
    }

    static Instant instant(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }

    static @Nullable Instant nullableInstant(ResultSet row, String column) throws SQLException {
        OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
        return time == null ? null : time.toInstant();
    }

    static OffsetDateTime time(Instant instant) {
        return instant.atOffset(ZoneOffset.UTC);
    }

    static AssetId asset(ResultSet row) throws SQLException {
        return new AssetId(row.getString("asset"));
    }
}
