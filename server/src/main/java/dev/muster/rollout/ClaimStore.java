package dev.muster.rollout;

import static dev.muster.rollout.TargetStore.reason;
import static dev.muster.rollout.TargetStore.texts;

import dev.muster.protocol.AssetId;
import dev.muster.rollout.engine.Claim;
import dev.muster.rollout.engine.Reason;
import dev.muster.rollout.engine.Rival;
import dev.muster.rollout.engine.Stage;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/** Which rollouts change an asset, or are to change it: of {@code rollout_target}, the rows of the others. */
@Component
class ClaimStore {
    private final JdbcTemplate template;

    ClaimStore(JdbcTemplate template) {
        this.template = template;
    }

    /** Those that another rollout changes right now, whatever it changes of them; by the unique partial index of changes under way. */
    Map<AssetId, List<Claim>> active(int rollout, Collection<AssetId> assets) {
        return claims(
                """
                select t.asset, t.stage, t.reason, t.wave, r.id, r.name, r.component from rollout_target t
                join rollout r on r.id = t.rollout
                where t.asset = any(?) and t.rollout <> ? and t.lane & 31 in (2, 12, 13, 17, 19)""",
                row -> new Rival(
                        row.getInt("id"),
                        row.getString("name"),
                        row.getString("component"),
                        0,
                        Instant.EPOCH,
                        false,
                        0),
                texts(assets),
                rollout);
    }

    /**
     * Those that some rollouts have not ordered yet. By the index on the asset and the component: it goes through as many targets of an
     * asset as it has had rollouts of these components.
     */
    Map<AssetId, List<Claim>> untouched(List<Rival> rollouts, Collection<AssetId> assets) {
        if (rollouts.isEmpty()) {
            return Map.of();
        }
        Map<Integer, Rival> byId = rollouts.stream().collect(Collectors.toMap(Rival::id, Function.identity()));
        return claims(
                """
                select asset, stage, reason, wave, rollout from rollout_target
                where asset = any(?) and component = any(?) and rollout = any(?) and stage in (?, ?)""",
                row -> Objects.requireNonNull(byId.get(row.getInt("rollout")), "rollout"),
                texts(assets),
                rollouts.stream().map(Rival::component).distinct().toArray(String[]::new),
                byId.keySet().toArray(Integer[]::new),
                Stage.PENDING.code(),
                Stage.WAITING.code());
    }

    private interface Owner {
        Rival of(ResultSet row) throws SQLException;
    }

    private Map<AssetId, List<Claim>> claims(String query, Owner owner, Object... parameters) {
        Map<AssetId, List<Claim>> claims = new HashMap<>();
        template.query(
                query,
                row -> {
                    claims.computeIfAbsent(RolloutStore.asset(row), asset -> new ArrayList<>())
                            .add(new Claim(
                                    owner.of(row), Stage.ofCode(row.getInt("stage")), reason(row), row.getInt("wave")));
                },
                parameters);
        return claims;
    }

    /** Assets are free again that live rollouts wait for. @param rollout that has let them go */
    void nudgeWaiting(int rollout, Collection<AssetId> assets) {
        template.update("""
                insert into rollout_nudge (rollout, ord)
                select t.rollout, t.ord from rollout_target t join rollout r on r.id = t.rollout and r.live
                where t.asset = any(?) and t.rollout <> ? and t.stage = ? and t.reason in (?, ?)""", texts(assets), rollout, Stage.WAITING.code(), Reason.BUSY.code(), Reason.YIELDING.code());
    }
}
