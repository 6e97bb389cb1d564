package dev.muster.rollout;

import dev.muster.rollout.engine.Stage;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** What rollouts have brought lately, and who runs it: for those who watch what comes of it after the gates, too. */
@Component
public class RecentRollouts {
    static final int MOST = 50;
    /** Or may, until they are seen to be back. */
    private static final List<Stage> RUN_IT = List.of(Stage.VERIFYING, Stage.SUCCEEDED, Stage.ROLLING_BACK);

    private final JdbcClient jdbc;
    private final RolloutService service;

    RecentRollouts(JdbcClient jdbc, RolloutService service) {
        this.jdbc = jdbc;
        this.service = service;
    }

    /** A rollout that is under way, or has ended not long ago. */
    public record Recent(int id, String name, String component, String version) {}

    /** At most {@value #MOST}, the newest first. */
    public List<Recent> endedWithin(Duration time, Instant now) {
        return jdbc
                .sql("""
                        select name from rollout where started is not null and (ended is null or ended > :since)
                        order by id desc limit :limit""")
                .param("since", now.minus(time).atOffset(ZoneOffset.UTC))
                .param("limit", MOST)
                .query((row, _) -> Objects.requireNonNull(row.getString("name")))
                .list()
                .stream()
                .map(service::find)
                .flatMap(Optional::stream)
                .map(stored -> new Recent(
                        stored.id(),
                        stored.name(),
                        stored.component(),
                        stored.spec().change().version()))
                .toList();
    }

    /** How many of its targets were seen to run what it brought. */
    public int running(Recent rollout) {
        return jdbc.sql(
                        "select count(*) from rollout_target where lane = any(:lanes::bigint[]) and stage = any(:stages::smallint[])")
                .param("stages", codes())
                .param(
                        "lanes",
                        RUN_IT.stream().map(stage -> stage.lane(rollout.id())).toArray(Long[]::new))
                .query(Integer.class)
                .single();
    }

    /** Those of some assets that it has brought to its version and that run it still, in the order of their ids. */
    public List<String> running(Recent rollout, Collection<String> of) {
        return jdbc.sql("""
                        select t.asset from rollout_target t join asset a on a.id = t.asset
                        where t.asset = any(:assets) and t.component = :component and t.rollout = :rollout and t.stage = any(:stages::smallint[])
                          and a.software ->> :component = :version
                        order by t.asset""")
                .param("assets", of.toArray(String[]::new))
                .param("component", rollout.component())
                .param("rollout", rollout.id())
                .param("stages", codes())
                .param("version", rollout.version())
                .query((row, _) -> Objects.requireNonNull(row.getString("asset")))
                .list();
    }

    private static Integer[] codes() {
        return RUN_IT.stream().map(Stage::code).toArray(Integer[]::new);
    }
}
