package dev.muster.rollout;

import dev.muster.protocol.AssetId;
import dev.muster.rollout.engine.Stage;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/**
 * Which assets of a rollout are looked at to measure a wave; by the key of {@code rollout_target}, the first in its order. Those of a
 * stratum that was halted are not: what is wrong with them is known, and shall not condemn the others.
 */
@Component
class MeasureStore {
    private final JdbcTemplate template;

    MeasureStore(JdbcTemplate template) {
        this.template = template;
    }

    /** @param type of the asset @param since when it got to its stage */
    record Looked(AssetId asset, String type, Instant since) {}

    /** Those of a wave that run the new version, by their own report, since a moment or before. */
    List<Looked> updated(
            int rollout, Set<Integer> halted, int wave, Instant verifyingBefore, Instant succeededBefore, int most) {
        return template.query(
                """
                select t.asset, a.type, t.since from rollout_target t join asset a on a.id = t.asset
                where t.rollout = ? and t.wave = ? and t.stratum <> all(?)
                  and (t.stage = ? and t.since <= ? or t.stage = ? and t.since <= ?)
                order by t.ord limit ?""",
                (row, number) ->
                        new Looked(RolloutStore.asset(row), row.getString("type"), RolloutStore.instant(row, "since")),
                rollout,
                wave,
                numbers(halted),
                Stage.VERIFYING.code(),
                RolloutStore.time(verifyingBefore),
                Stage.SUCCEEDED.code(),
                RolloutStore.time(succeededBefore),
                most);
    }

    /** Those that have no order yet; by the index on lanes. */
    List<Looked> untouched(int rollout, Set<Integer> halted, int most) {
        return template.query(
                """
                select t.asset, a.type, t.since from rollout_target t join asset a on a.id = t.asset
                where t.lane = ? and t.attempt = 0 and t.stratum <> all(?)
                order by t.ord limit ?""",
                (row, number) ->
                        new Looked(RolloutStore.asset(row), row.getString("type"), RolloutStore.instant(row, "since")),
                Stage.PENDING.lane(rollout),
                numbers(halted),
                most);
    }

    Optional<Instant> firstOrder(int rollout, int wave) {
        OffsetDateTime first = template.queryForObject("""
                select min(s.at) from rollout_step s join rollout_target t on t.rollout = s.rollout and t.ord = s.ord
                where s.rollout = ? and s.stage = ? and t.wave = ?""", OffsetDateTime.class, rollout, Stage.ORDERED.code(), wave);
        return Optional.ofNullable(first).map(OffsetDateTime::toInstant);
    }

    /** How often targets have restarted since their soak began, of those that say so ({@code bootId}). */
    long restarts(int rollout, Set<Integer> halted, int wave) {
        Long restarts = template.queryForObject(
                """
                select coalesce(sum(case when r.boot_id = t.boot then 0
                                         else coalesce(array_position(r.past_boots, t.boot), cardinality(r.past_boots)) end), 0)
                from rollout_target t join twin_reported r on r.asset = t.asset
                where t.rollout = ? and t.wave = ? and t.stratum <> all(?) and t.stage in (?, ?)
                  and t.boot is not null and r.boot_id is not null""", Long.class, rollout, wave, numbers(halted), Stage.VERIFYING.code(), Stage.SUCCEEDED.code());
        return restarts == null ? 0 : restarts;
    }

    /** The share of those that run the new version and are online; empty when nobody runs it. */
    Optional<Double> online(int rollout, Set<Integer> halted, int wave) {
        return Optional.ofNullable(template.queryForObject(
                """
                select avg(case when a.presence = 'online' then 1.0 else 0.0 end)::float8
                from rollout_target t join asset a on a.id = t.asset
                where t.rollout = ? and t.wave = ? and t.stratum <> all(?) and t.stage in (?, ?)""", Double.class, rollout, wave, numbers(halted), Stage.VERIFYING.code(), Stage.SUCCEEDED.code()));
    }

    private static Short[] numbers(Set<Integer> strata) {
        return strata.stream().map(Integer::shortValue).toArray(Short[]::new);
    }

    /** Seconds since the last sign of life that 95 of 100 are below. */
    static Optional<Double> age95(List<Instant> seen, Instant now) {
        List<Long> ages = seen.stream()
                .map(each -> Math.max(0, Duration.between(each, now).toMillis()))
                .sorted()
                .toList();
        return ages.isEmpty()
                ? Optional.empty()
                : Optional.of(ages.get((int) Math.ceil(0.95 * ages.size()) - 1) / 1000.0);
    }
}
