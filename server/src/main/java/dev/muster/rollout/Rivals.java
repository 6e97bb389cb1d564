package dev.muster.rollout;

import dev.muster.protocol.AssetId;
import dev.muster.rollout.engine.Claim;
import dev.muster.rollout.engine.Clearance;
import dev.muster.rollout.engine.Contention;
import dev.muster.rollout.engine.Rival;
import dev.muster.rollout.spec.RolloutSpec;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;

/**
 * Finds out which assets other rollouts change, or change first. Two questions for any number of assets, and none while no other rollout
 * is live.
 */
@Component
class Rivals {
    private final RolloutStore rollouts;
    private final ClaimStore claims;
    private final Contention contention = new Contention();

    Rivals(RolloutStore rollouts, ClaimStore claims) {
        this.rollouts = rollouts;
        this.claims = claims;
    }

    /** One rollout among all that are live. @param before those that go before it where both want an asset */
    record Field(Rival mine, boolean alone, List<Rival> before) {}

    /** What stands in the way of assets; those that are free are in neither. */
    record InTheWay(Map<AssetId, Clearance.Wait> busy, Map<AssetId, Clearance.Wait> yielding) {
        static final InTheWay NOTHING = new InTheWay(Map.of(), Map.of());

        Optional<Clearance.Wait> busy(AssetId asset) {
            return Optional.ofNullable(busy.get(asset));
        }

        Optional<Clearance.Wait> yielding(AssetId asset) {
            return Optional.ofNullable(yielding.get(asset));
        }
    }

    Field of(StoredRollout rollout, Instant now) {
        return among(new Rival(
                rollout.id(),
                rollout.name(),
                rollout.component(),
                rollout.spec().priority(),
                rollout.started() == null ? now : rollout.started(),
                true,
                rollout.wave()));
    }

    /** As one that was started after all others. */
    Field ofPlanned(String name, RolloutSpec spec, Instant now) {
        return among(new Rival(Integer.MAX_VALUE, name, spec.change().component(), spec.priority(), now, true, 0));
    }

    private Field among(Rival mine) {
        List<Rival> others = rollouts.rivals(mine.id());
        return new Field(
                mine,
                others.isEmpty(),
                others.stream()
                        .filter(other -> other.running() && contention.goesBefore(other, mine))
                        .toList());
    }

    /**
     * Rollouts that order the same free asset in the same moment, on two servers, do not see each other here: the unique index
     * {@code rollout_target_alone} lets one of them, and the other repeats its round.
     */
    InTheWay of(Field field, Collection<AssetId> assets) {
        if (field.alone()) {
            return InTheWay.NOTHING;
        }
        return new InTheWay(
                waiting(claims.active(field.mine().id(), assets), each -> contention.busy(field.mine(), each)),
                waiting(claims.untouched(field.before(), assets), each -> contention.yields(field.mine(), each)));
    }

    private static Map<AssetId, Clearance.Wait> waiting(
            Map<AssetId, List<Claim>> claims, Function<List<Claim>, Optional<Clearance.Wait>> judge) {
        return claims.entrySet().stream()
                .flatMap(each -> judge.apply(each.getValue()).map(wait -> Map.entry(each.getKey(), wait)).stream())
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    /** Assets that a rollout changed are free now: those that wait for them look again. */
    void released(int rollout, Collection<AssetId> assets) {
        if (!assets.isEmpty() && !rollouts.rivals(rollout).isEmpty()) {
            claims.nudgeWaiting(rollout, assets);
        }
    }
}
