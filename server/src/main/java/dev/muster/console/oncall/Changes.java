package dev.muster.console.oncall;

import dev.muster.identity.Actor;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** What was changed of the fleet as a whole lately, out of the audit trail. */
@Component
class Changes {
    private final JdbcClient jdbc;

    Changes(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** @param title the name of the command that was given to many; of other things their own */
    record Change(
            long id,
            Instant at,
            String actor,
            String actorKind,
            String action,
            String objectKind,
            String objectName,
            String title) {}

    /**
     * Newest first; a narrower scope sees the actor's own. Runbooks that come with the server are no change of somebody's. Index:
     * {@code audit_entry_change}, which has the same kinds.
     */
    List<Change> since(Actor actor, Instant from, int limit) {
        return jdbc.sql("""
                        select id, at, actor, actor_kind, action, object_kind, object_name,
                               case when object_kind = 'command-run' then coalesce(after ->> 'name', before ->> 'name', object_name)
                                    else object_name end as title
                        from audit_entry
                        where object_kind in ('rollout', 'release', 'configuration', 'asset_type', 'group', 'runbook', 'gameday', 'silence', 'command-run')
                            and at >= :from and action not in ('rollout.gate', 'runbook.step')
                            and not (actor_kind = 'system' and action in ('runbook.create', 'runbook.update'))
                            and (:all or (actor = :actor and actor_kind = :kind))
                        order by at desc, id desc limit :limit""")
                .param("from", from.atOffset(ZoneOffset.UTC))
                .param("all", actor.scope().isAll())
                .param("actor", actor.id())
                .param("kind", actor.kind().wire())
                .param("limit", limit)
                .query((row, _) -> new Change(
                        row.getLong("id"),
                        row.getObject("at", OffsetDateTime.class).toInstant(),
                        row.getString("actor"),
                        row.getString("actor_kind"),
                        row.getString("action"),
                        row.getString("object_kind"),
                        row.getString("object_name"),
                        row.getString("title")))
                .list();
    }
}
