package dev.muster.rollout;

import dev.muster.actuator.Standing;
import dev.muster.platform.error.Refusal;
import dev.muster.protocol.AssetId;
import dev.muster.registry.Asset;
import dev.muster.registry.asset.AssetStore;
import dev.muster.registry.selector.Selector;
import dev.muster.registry.selector.Selectors;
import dev.muster.rollout.engine.Clearance;
import dev.muster.rollout.engine.Phase;
import dev.muster.rollout.engine.Reason;
import dev.muster.rollout.engine.Stage;
import dev.muster.rollout.engine.Target;
import dev.muster.rollout.spec.Attribute;
import dev.muster.rollout.spec.Timetable;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Finds out whether targets may be given an order at this moment. */
@Component
class Clearances {
    private static final Cleared NOT_ASKED = new Cleared(new Clearance.Clear(null, null), null);

    private final AssetStore assets;
    private final Selectors selectors;
    private final Carriers carriers;
    private final TargetStore targets;
    private final Rivals rivals;

    Clearances(AssetStore assets, Selectors selectors, Carriers carriers, TargetStore targets, Rivals rivals) {
        this.assets = assets;
        this.selectors = selectors;
        this.carriers = carriers;
        this.targets = targets;
        this.rivals = rivals;
    }

    /** By asset, one for each of the targets. */
    Map<AssetId, Cleared> of(StoredRollout rollout, List<Target> candidates, Instant now) {
        if (candidates.isEmpty()) {
            return Map.of();
        }
        // Of a stratum that is recalled targets go back while others go onward.
        List<Target> recalled = candidates.stream()
                .filter(target -> !Stage.UNTOUCHED.contains(target.stage())
                        && rollout.engine().isRecalled(target))
                .toList();
        if (recalled.isEmpty()) {
            return byPhase(rollout, candidates, now);
        }
        Map<AssetId, Cleared> all = new HashMap<>(back(rollout, recalled));
        Set<Target> taken = Set.copyOf(recalled);
        List<Target> rest =
                candidates.stream().filter(target -> !taken.contains(target)).toList();
        if (!rest.isEmpty()) {
            all.putAll(byPhase(rollout, rest, now));
        }
        return all;
    }

    private Map<AssetId, Cleared> byPhase(StoredRollout rollout, List<Target> candidates, Instant now) {
        return switch (rollout.phase()) {
            case Phase.Running _ -> forward(rollout, candidates, now);
            case Phase.RollingBack _ -> back(rollout, candidates);
            case Phase.Draft _, Phase.Paused _, Phase.Aborting _, Phase.Ended _ -> each(candidates, asset -> NOT_ASKED);
        };
    }

    private Map<AssetId, Cleared> forward(StoredRollout rollout, List<Target> candidates, Instant now) {
        List<AssetId> ids = candidates.stream().map(Target::asset).toList();
        Map<AssetId, Asset> known = known(ids);
        Map<AssetId, Standing> standing = carriers.of(rollout).actuator().standing(rollout.component(), ids);
        Rivals.InTheWay others = rivals.of(rivals.of(rollout, now), ids);
        Selector selector = selectors.compile(rollout.spec().selector());
        // What is selected by time or presence was so when the rollout began; it is not to fall out for a moment's
        // silence.
        boolean stays = selector.isVolatile();
        Carrier.Judge judge;
        try {
            judge = carriers.of(rollout).judge(rollout.name(), rollout.spec(), now);
        } catch (Refusal gone) {
            return each(candidates, asset -> Cleared.out(Reason.INCOMPATIBLE, gone.detail()));
        }
        Carrier.Waiting waiting = carriers.of(rollout).waiting(known.values(), now);
        Timetable timetable = rollout.spec().timetable();
        return each(candidates, id -> {
            Asset asset = known.get(id);
            if (asset == null) {
                return Cleared.out(Reason.GONE, "is deleted");
            }
            if (!stays && !selector.matches(asset, now)) {
                return Cleared.out(Reason.NOT_SELECTED, "is not selected any more");
            }
            Cleared cleared = judge.judge(asset, standing.get(id));
            return cleared.clearance() instanceof Clearance.Clear
                    ? atThisMoment(rollout, timetable, asset, others, waiting, cleared, now)
                    : cleared;
        });
    }

    private Cleared atThisMoment(
            StoredRollout rollout,
            Timetable timetable,
            Asset asset,
            Rivals.InTheWay others,
            Carrier.Waiting waiting,
            Cleared cleared,
            Instant now) {
        Optional<Instant> opens = timetable.opensLater(asset, now);
        // Only in an open window does it count how long one waits for being safe.
        return others.busy(asset.id())
                .or(() -> opens.map(at -> new Clearance.Wait(Reason.WINDOW, at, "its window opens at " + at)))
                .or(() -> waiting.of(asset, cleared.bytes()))
                .or(() -> others.yielding(asset.id())) // only what it could take now is somebody else's
                .map(wait -> new Cleared(wait, null))
                .orElseGet(() -> cleared.at(placeOf(rollout, asset)));
    }

    private static @Nullable String placeOf(StoredRollout rollout, Asset asset) {
        Attribute by = rollout.spec().placesBy();
        return by == null ? null : by.of(asset, null);
    }

    private Map<AssetId, Cleared> back(StoredRollout rollout, List<Target> candidates) {
        List<AssetId> ids = candidates.stream().map(Target::asset).toList();
        Map<AssetId, Asset> known = known(ids);
        Map<AssetId, Standing> standing = carriers.of(rollout).actuator().standing(rollout.component(), ids);
        Set<AssetId> superseded = targets.superseded(rollout.id(), ids);
        return each(candidates, id -> {
            if (!known.containsKey(id)) {
                return Cleared.out(Reason.GONE, "is deleted");
            }
            if (superseded.contains(id)) {
                return Cleared.out(
                        Reason.SUPERSEDED, "a later rollout has changed " + rollout.component() + " of it since");
            }
            return new Cleared(new Clearance.Clear(runs(standing.get(id)), boot(standing.get(id))), null);
        });
    }

    private Map<AssetId, Asset> known(List<AssetId> ids) {
        return assets.findAll(ids).stream().collect(Collectors.toMap(Asset::id, Function.identity()));
    }

    private static Map<AssetId, Cleared> each(List<Target> candidates, Function<AssetId, Cleared> judge) {
        Map<AssetId, Cleared> all = new HashMap<>();
        candidates.forEach(target -> all.put(target.asset(), judge.apply(target.asset())));
        return all;
    }

    private static @Nullable String runs(@Nullable Standing standing) {
        return standing == null ? null : standing.version();
    }

    private static @Nullable String boot(@Nullable Standing standing) {
        return standing == null ? null : standing.boot();
    }
}
