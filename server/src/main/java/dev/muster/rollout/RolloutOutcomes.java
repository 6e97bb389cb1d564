package dev.muster.rollout;

import dev.muster.platform.postgres.Cursors;
import dev.muster.rollout.engine.Stage;
import dev.muster.slo.InService;
import dev.muster.slo.Sli;
import dev.muster.slo.SliSource;
import dev.muster.slo.Tally;
import dev.muster.slo.TallySink;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/**
 * M4: targets of rollouts that got the change, of those whose end is known: by when it ended, each attempt by itself. Those that were not
 * heard of, or cannot be told, are apart.
 */
@Component
class RolloutOutcomes implements SliSource {
    private static final Sli SLI = new Sli(
            "rollouts",
            "Targets of rollouts that run the new version, of those that ended as succeeded or failed",
            "targets",
            0.99,
            false,
            true);
    private static final Set<Stage> FAILED = Set.of(Stage.FAILED, Stage.RETURNING, Stage.RECOVERING);
    private static final Set<Stage> UNKNOWN = Set.of(Stage.UNREACHABLE, Stage.INDETERMINATE);
    /** As written in a statement, so that PostgreSQL sees that its index on such steps (rollout_step_end) has them. */
    private static final String ENDS = Stream.of(Set.of(Stage.SUCCEEDED), FAILED, UNKNOWN)
            .flatMap(Set::stream)
            .map(stage -> Integer.toString(stage.code()))
            .sorted()
            .collect(Collectors.joining(", "));

    private static final Duration UNDER_WAY = Duration.ofSeconds(10);

    private final JdbcTemplate template;

    RolloutOutcomes(JdbcTemplate template) {
        this.template = Cursors.of(template);
    }

    @Override
    public Sli sli() {
        return SLI;
    }

    @Override
    public Optional<Instant> completeUntil(Instant now) {
        return Optional.of(now.minus(UNDER_WAY));
    }

    /** A failure that ends in several stages, returning and then failed or bricked, is the first of them. */
    @Override
    public void count(Instant from, Instant until, InService fleet, TallySink to) {
        String asset = fleet.only();
        template.query(
                """
                select t.asset, count(*) filter (where s.stage = ?) as good, count(*) filter (where s.failed) as bad,
                       count(*) filter (where s.stage = any(?)) as unknown
                from (select s.rollout, s.ord, s.stage, s.stage = any(?) and not exists (
                          select 1 from rollout_step b where b.rollout = s.rollout and b.ord = s.ord and b.attempt = s.attempt
                              and b.stage = any(?) and (b.at < s.at or b.at = s.at and b.stage > s.stage)) as failed
                      from rollout_step s where s.at >= ? and s.at < ? and s.stage in (%s)) s
                join rollout_target t on t.rollout = s.rollout and t.ord = s.ord
                where ?::text is null or t.asset = ?
                group by t.asset""".formatted(ENDS),
                row -> {
                    to.add(
                            row.getString("asset"),
                            new Tally(row.getInt("good"), row.getInt("bad"), 0, row.getInt("unknown")));
                },
                Stage.SUCCEEDED.code(),
                codes(UNKNOWN),
                codes(FAILED),
                codes(FAILED),
                RolloutStore.time(from),
                RolloutStore.time(until),
                asset,
                asset);
    }

    private static Integer[] codes(Set<Stage> stages) {
        return stages.stream().map(Stage::code).sorted().toArray(Integer[]::new);
    }
}
