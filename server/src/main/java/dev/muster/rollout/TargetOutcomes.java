package dev.muster.rollout;

import static dev.muster.rollout.RolloutStore.instant;
import static dev.muster.rollout.TargetStore.reason;

import dev.muster.rollout.engine.Reason;
import dev.muster.rollout.engine.Stage;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/** What became of targets, for people: counted by how it went, and step by step. */
@Component
class TargetOutcomes {
    private final JdbcTemplate template;

    TargetOutcomes(JdbcTemplate template) {
        this.template = template;
    }

    /**
     * Those that came to no good, wait or were left out, counted by what became of them and why.
     *
     * @param detail the commonest; null when it is not asked for
     */
    record Category(
            Stage stage,
            @Nullable Reason reason,
            int targets,
            Instant first,
            Instant last,
            @Nullable String detail) {}

    /**
     * Those that are on the way back, or back, by how they failed first. Nobody else is: who is sent back because others failed has no
     * such step. By the partial index on such steps.
     */
    List<Category> failedBefore(int rollout, boolean details) {
        return template.query("""
                select stage, reason, count(*) as targets, min(at) as first, max(at) as last,
                       case when ? then mode() within group (order by detail) end as detail
                from (select distinct on (s.ord) s.ord, s.stage, s.reason, s.at, s.detail
                      from rollout_step s join rollout_target t on t.rollout = s.rollout and t.ord = s.ord
                      where s.rollout = ? and s.stage in (9, 17, 18, 19, 20) and t.stage in (12, 13, 14)
                      order by s.ord, s.at) each
                group by stage, reason order by count(*) desc, stage, reason""", TargetOutcomes::category, details, rollout);
    }

    /** By the index on lanes; goes through the targets of these stages, and of those in flight through all of them. */
    List<Category> categories(int rollout, Set<Stage> stages, boolean details) {
        return template.query(
                """
                select stage, reason, count(*) as targets, min(since) as first, max(since) as last,
                       case when ? then mode() within group (order by detail) end as detail
                from rollout_target where lane = any(?) and stage = any(?)
                group by stage, reason order by count(*) desc, stage, reason""",
                TargetOutcomes::category,
                details,
                stages.stream().map(stage -> stage.lane(rollout)).distinct().toArray(Long[]::new),
                stages.stream().map(stage -> (short) stage.code()).toArray(Short[]::new));
    }

    private static Category category(ResultSet row, int number) throws SQLException {
        return new Category(
                Stage.ofCode(row.getInt("stage")),
                reason(row),
                row.getInt("targets"),
                instant(row, "first"),
                instant(row, "last"),
                row.getString("detail"));
    }

    /** A step that a target took. */
    record Step(
            Instant at,
            Stage stage,
            @Nullable Reason reason,
            int attempt,
            @Nullable String detail) {}

    /** The newest first, in the end the oldest. */
    List<Step> steps(int rollout, int ord, int limit) {
        return template.query(
                """
                select at, stage, reason, attempt, detail from rollout_step where rollout = ? and ord = ?
                order by at desc, stage desc limit ?""",
                (row, number) -> new Step(
                        instant(row, "at"),
                        Stage.ofCode(row.getInt("stage")),
                        reason(row),
                        row.getInt("attempt"),
                        row.getString("detail")),
                rollout,
                ord,
                limit);
    }
}
