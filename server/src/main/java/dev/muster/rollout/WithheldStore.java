package dev.muster.rollout;

import dev.muster.audit.AuditLog;
import dev.muster.identity.Actor;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.platform.event.EventLog;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** The table {@code release_withheld}: releases that are brought to no asset of a kind. */
@Component
class WithheldStore {
    private static final String KIND = "release";
    private static final JsonMapper JSON = JsonMapper.shared();

    private final JdbcTemplate template;
    private final AuditLog audit;
    private final EventLog events;

    WithheldStore(JdbcTemplate template, AuditLog audit, EventLog events) {
        this.template = template;
        this.audit = audit;
        this.events = events;
    }

    /** The oldest first; by the index on the release. */
    List<Withheld> of(String component, String version) {
        return template.query(
                "select id, stratum, rollout, reason, since from release_withheld where component = ? and version = ? order by id",
                (row, number) -> new Withheld(
                        row.getInt("id"),
                        JSON.readValue(row.getString("stratum"), new TypeReference<Map<String, String>>() {}),
                        row.getString("rollout"),
                        row.getString("reason"),
                        RolloutStore.instant(row, "since")),
                component,
                version);
    }

    /** In the caller's transaction; once for the same assets. */
    void add(Actor actor, StoredRollout rollout, Map<String, String> stratum, String reason, Instant now) {
        String component = rollout.component();
        String version = rollout.spec().change().version();
        if (of(component, version).stream().anyMatch(known -> known.stratum().equals(stratum))) {
            return;
        }
        template.update(
                "insert into release_withheld (component, version, stratum, rollout, reason, since) values (?, ?, ?::json, ?, ?, ?)",
                component,
                version,
                JSON.writeValueAsString(stratum),
                rollout.name(),
                reason,
                RolloutStore.time(now));
        String name = component + "@" + version;
        Map<String, Object> data =
                Map.of("name", name, "stratum", stratum, "rollout", rollout.name(), "reason", reason);
        audit.record(actor, "release.withhold", KIND, name, null, data);
        events.append("release.withheld", "release/" + name, data);
    }

    /** @throws Refusal when there is no such thing */
    @Transactional
    void end(Actor actor, String component, String version, int id, String reason) {
        String name = component + "@" + version;
        Withheld ended = of(component, version).stream()
                .filter(known -> known.id() == id)
                .findFirst()
                .orElseThrow(() -> new Refusal(
                        ErrorCode.NOT_FOUND,
                        "release " + name + " is withheld from nobody under the number " + id
                                + "; muster rollout withheld " + name + " lists from whom it is"));
        template.update("delete from release_withheld where id = ?", id);
        audit.record(
                actor,
                "release.end_withholding",
                KIND,
                name,
                Map.of("stratum", ended.stratum(), "rollout", ended.rollout(), "reason", ended.reason()),
                Map.of("reason", reason));
        events.append(
                "release.withholding_ended",
                "release/" + name,
                Map.of("name", name, "stratum", ended.stratum(), "reason", reason));
    }
}
