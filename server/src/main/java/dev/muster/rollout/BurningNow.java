package dev.muster.rollout;

import dev.muster.registry.selector.SqlCondition;
import dev.muster.slo.FastBurns;
import dev.muster.slo.FastBurns.FastBurn;
import dev.muster.slo.SliScope;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Whether a rollout that sets out has targets to go whose error budget burns already. */
@Component
class BurningNow {
    private final FastBurns burns;
    private final TargetStore targets;
    private final JdbcClient jdbc;

    BurningNow(FastBurns burns, TargetStore targets, JdbcClient jdbc) {
        this.burns = burns;
        this.targets = targets;
        this.jdbc = jdbc;
    }

    /**
     * Lets no budget pause rollouts until the transaction of the caller ends, which looks here before it locks any: so that a rollout is
     * seen by whoever pauses those that run, or sees the burn itself.
     */
    void hold() {
        jdbc.sql("select position from log_follower where name = :name for share")
                .param("name", BurnPauses.NAME)
                .query(Long.class)
                .single();
    }

    /** @return why it stands */
    Optional<String> over(int rollout) {
        return burns.now().stream()
                .filter(burn -> targets.anyToGo(rollout, condition(burn.scope())))
                .findFirst()
                .map(BurningNow::words);
    }

    private static String words(FastBurn burn) {
        return words(burn.slo(), burn.burnRate(), burn.window()) + ", since " + burn.since()
                + "; resume it when it has to go on nevertheless";
    }

    static String words(String slo, double rate, Duration window) {
        return String.format(
                Locale.ROOT,
                "the error budget of SLO %s burns at %.1f times the allowed rate over %s",
                slo,
                rate,
                window.toString().replace("PT", "").toLowerCase(Locale.ROOT));
    }

    /** Over the table {@code asset}. */
    static SqlCondition condition(SliScope scope) {
        return switch (scope) {
            case SliScope.Fleet _ -> SqlCondition.TRUE;
            case SliScope.Type(String name) -> SqlCondition.of("type = ?", name);
            case SliScope.Region(String name) -> SqlCondition.of("region = ?", name);
            case SliScope.Group(String name) ->
                SqlCondition.of(
                        "id in (select asset_id from group_membership where group_name = ? and left_at is null)", name);
            case SliScope.One(var asset) -> SqlCondition.of("id = ?", asset.value());
        };
    }
}
