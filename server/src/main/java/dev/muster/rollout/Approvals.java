package dev.muster.rollout;

import dev.muster.audit.AuditLog;
import dev.muster.identity.Actor;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.platform.event.EventLog;
import dev.muster.rollout.engine.Phase;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/**
 * Who has approved drafts: people other than the author, by their tokens. Table {@code rollout_approval}, and the column {@code author} of
 * {@code rollout}.
 */
@Component
class Approvals {
    private final JdbcTemplate template;
    private final AuditLog audit;
    private final EventLog events;

    Approvals(JdbcTemplate template, AuditLog audit, EventLog events) {
        this.template = template;
        this.audit = audit;
        this.events = events;
    }

    /** @param by who approved it as it is now, in the order in which they did */
    record Given(String author, List<String> by) {}

    Given of(StoredRollout draft) {
        return new Given(
                author(draft.id()),
                template.query(
                        "select actor from rollout_approval where rollout = ? and version = ? order by at, actor",
                        (row, _) -> row.getString(1),
                        draft.id(),
                        draft.resourceVersion()));
    }

    private String author(int rollout) {
        String author =
                template.queryForObject("select coalesce(author, '') from rollout where id = ?", String.class, rollout);
        return author == null ? "" : author;
    }

    /** In the transaction that stores the draft. */
    void written(String rollout, Actor author) {
        template.update("update rollout set author = ? where name = ?", author.toString(), rollout);
    }

    /** In the caller's transaction, which has locked the draft. */
    void approve(Actor actor, StoredRollout draft, String reason, Instant now) {
        if (!(draft.phase() instanceof Phase.Draft)) {
            throw new Refusal(
                    ErrorCode.REFUSED,
                    "rollout " + draft.name() + " cannot be approved: it is "
                            + draft.phase().wire() + "; only a draft can be");
        }
        if (actor.toString().equals(author(draft.id()))) {
            throw new Refusal(
                    ErrorCode.REFUSED,
                    "rollout " + draft.name() + " cannot be approved by " + actor
                            + ", who wrote it; ask somebody else, with a token of their own");
        }
        template.update("""
                insert into rollout_approval (rollout, version, actor, reason, at) values (?, ?, ?, ?, ?)
                on conflict do nothing""", draft.id(), draft.resourceVersion(), actor.toString(), reason, RolloutStore.time(now));
        audit.record(
                actor,
                "rollout.approve",
                RolloutService.KIND,
                draft.name(),
                null,
                Map.of("version", draft.resourceVersion(), "reason", reason));
        events.append(
                "rollout.approved",
                "rollout/" + draft.name(),
                Map.of("name", draft.name(), "by", actor.toString(), "reason", reason));
    }

    /** @throws Refusal when somebody still has to approve it */
    void require(StoredRollout draft, int needed) {
        Given given = of(draft);
        if (given.by().size() < needed) {
            throw new Refusal(
                    ErrorCode.REFUSED,
                    "rollout " + draft.name() + " cannot start: it needs " + words(needed)
                            + " by people other than its author "
                            + (given.author().isEmpty() ? "(not known)" : given.author()) + ", found "
                            + (given.by().isEmpty() ? "none" : String.join(", ", given.by()))
                            + "; muster rollout approve " + draft.name());
        }
    }

    static String words(int needed) {
        return needed == 1 ? "1 approval" : needed + " approvals";
    }
}
