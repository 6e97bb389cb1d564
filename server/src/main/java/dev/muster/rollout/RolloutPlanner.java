package dev.muster.rollout;

import dev.muster.actuator.Standing;
import dev.muster.identity.Actor;
import dev.muster.identity.Scope;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.protocol.AssetId;
import dev.muster.registry.Asset;
import dev.muster.registry.asset.AssetFilter;
import dev.muster.registry.asset.AssetStore;
import dev.muster.registry.asset.Visibility;
import dev.muster.registry.selector.Selectors;
import dev.muster.registry.type.AssetType;
import dev.muster.registry.type.AssetTypes;
import dev.muster.rollout.engine.Clearance;
import dev.muster.rollout.engine.Joining;
import dev.muster.rollout.plan.RolloutOrder;
import dev.muster.rollout.plan.Strata;
import dev.muster.rollout.spec.RolloutSpec;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Works out what a rollout would do: which assets in which wave, which are left out and why. Changes nothing. */
@Component
class RolloutPlanner {
    static final int MAX_TARGETS = 10_000_000;
    private static final int CHUNK = 20_000;

    private final AssetStore assets;
    private final Visibility visibility;
    private final Selectors selectors;
    private final Carriers carriers;
    private final TargetStore targets;
    private final Rivals rivals;
    private final AssetTypes types;
    private final Clock clock;

    RolloutPlanner(
            AssetStore assets,
            Visibility visibility,
            Selectors selectors,
            Carriers carriers,
            TargetStore targets,
            Rivals rivals,
            AssetTypes types,
            Clock clock) {
        this.assets = assets;
        this.visibility = visibility;
        this.selectors = selectors;
        this.carriers = carriers;
        this.targets = targets;
        this.rivals = rivals;
        this.types = types;
        this.clock = clock;
    }

    /** @throws Refusal when an asset is selected that is outside of the actor's scope, or what is brought cannot be given to assets */
    Plan plan(Actor actor, String name, RolloutSpec spec) {
        Instant now = clock.instant();
        Carrier carrier = carriers.of(spec);
        Survey survey = new Survey(
                spec,
                carrier,
                carrier.judge(name, spec, now),
                spec.staging() == null ? null : selectors.compile(spec.staging()),
                now);
        Rivals.Field field = rivals.ofPlanned(name, spec, now);
        eachChunkReadAhead(Scope.ALL, spec.selector(), chunk -> {
            requireInScope(actor, name, chunk);
            List<AssetId> ids = chunk.stream().map(Asset::id).toList();
            Map<AssetId, Standing> standing =
                    carrier.actuator().outline(spec.change().component(), chunk);
            Rivals.InTheWay others = rivals.of(field, ids);
            Carrier.Waiting waiting = carrier.waiting(chunk, now);
            chunk.forEach(asset -> survey.look(asset, standing.get(asset.id()), others, waiting));
            requireBounds(name, survey);
        });
        return survey.plan(targets.installTime(spec.change().component()), approvals(spec.change(), survey.byType()));
    }

    /** By risk: what each type asks for, for what is brought, as soon as so large a share of its assets would be changed. */
    private List<Plan.ApprovalRule> approvals(RolloutSpec.Change change, Map<String, Integer> targetsByType) {
        String kind = change instanceof RolloutSpec.Change.ReleaseChange release
                ? release.component()
                : AssetType.UpdatePolicy.CONFIGURATION;
        List<Plan.ApprovalRule> rules = new ArrayList<>();
        targetsByType.forEach((name, targeted) -> types.find(name)
                .filter(type -> type.updatePolicy().approvalsFor(kind) > 0)
                .ifPresent(type -> {
                    AssetType.UpdatePolicy policy = type.updatePolicy();
                    long all = assets.count(visibility
                            .filter(Scope.ALL, "asset.type == '" + name + "'")
                            .condition());
                    if (targeted > policy.approvalsAbove() * all) {
                        rules.add(new Plan.ApprovalRule(
                                policy.approvalsFor(kind),
                                "changes %d of %d assets of the type %s, whose criticality is %s%s"
                                        .formatted(
                                                targeted,
                                                all,
                                                name,
                                                type.criticality().name().toLowerCase(Locale.ROOT),
                                                policy.approvalsOf().containsKey(kind)
                                                        ? ", which asks for them for " + kind
                                                        : "")));
                    }
                }));
        return rules;
    }

    private static void requireBounds(String name, Survey survey) {
        if (survey.targets() > MAX_TARGETS) {
            throw new Refusal(
                    ErrorCode.TOO_LARGE,
                    "rollout " + name + " has more than " + MAX_TARGETS
                            + " targets, which is the most; narrow its selector");
        }
        if (survey.strata() > Strata.MAX) {
            throw new Refusal(
                    ErrorCode.TOO_LARGE,
                    "rollout " + name + " is mixed by attributes with more than " + Strata.MAX
                            + " combinations of values, which is the most; take attributes with fewer, such as region");
        }
    }

    /**
     * Assets that are selected now and are no targets, that would be if the rollout started now, and that the one who started it may
     * change. Goes through the selection.
     *
     * @param most so many of them, in the rollout's order
     */
    List<Joining> joining(StoredRollout rollout, int most) {
        RolloutSpec spec = rollout.spec();
        // what is selected by time or presence is so at the start only
        if (!spec.conduct().joins() || selectors.compile(spec.selector()).isVolatile()) {
            return List.of();
        }
        Carrier carrier = carriers.of(spec);
        Carrier.Judge judge;
        try {
            judge = carrier.judge(rollout.name(), spec, clock.instant());
        } catch (Refusal gone) {
            return List.of();
        }
        Map<AssetId, List<String>> joining = new HashMap<>();
        eachChunk(rollout.scope(), spec.selector(), chunk -> {
            Set<AssetId> known =
                    targets.known(rollout.id(), chunk.stream().map(Asset::id).toList());
            List<Asset> others =
                    chunk.stream().filter(asset -> !known.contains(asset.id())).toList();
            if (others.isEmpty() || joining.size() >= most) {
                return;
            }
            Map<AssetId, Standing> standing = carrier.actuator().outline(rollout.component(), others);
            for (Asset asset : others) {
                if (joining.size() < most
                        && carrier.concerns(standing.get(asset.id()))
                        && isForIt(spec, judge.judge(asset, standing.get(asset.id())))) {
                    joining.put(asset.id(), stratum(spec, asset, standing.get(asset.id())));
                }
            }
        });
        return RolloutOrder.of(spec.seed(), joining.keySet(), Function.identity()).stream()
                .map(id -> new Joining(id, joining.getOrDefault(id, List.of())))
                .toList();
    }

    private static List<String> stratum(RolloutSpec spec, Asset asset, @Nullable Standing standing) {
        String runs = standing == null ? null : standing.version();
        return spec.failuresBy().stream()
                .map(attribute -> attribute.of(asset, runs))
                .toList();
    }

    private static boolean isForIt(RolloutSpec spec, Cleared cleared) {
        return cleared.clearance() instanceof Clearance.Clear(var runs, var _)
                && !spec.change().version().equals(runs)
                && (runs != null || spec.conduct().allowNoRollbackTarget());
    }

    /** @throws Refusal when a selected asset is outside of the actor's scope */
    void requireSelectionInScope(Actor actor, String name, String selector) {
        if (!actor.scope().isAll()) {
            eachChunk(Scope.ALL, selector, chunk -> requireInScope(actor, name, chunk));
        }
    }

    private void requireInScope(Actor actor, String name, List<Asset> chunk) {
        if (actor.scope().isAll()) {
            return;
        }
        AssetFilter mine = visibility.filter(actor.scope(), null);
        long outside = chunk.stream().filter(asset -> !mine.matches(asset)).count();
        if (outside > 0) {
            throw new Refusal(
                    ErrorCode.FORBIDDEN,
                    "rollout " + name + " reaches assets outside of your scope (" + actor.scope()
                            + "); narrow its selector, or ask somebody whose scope has them");
        }
    }

    /** The next chunk is read while one is looked at: the database and the server work at the same time. Outside of a transaction. */
    private void eachChunkReadAhead(Scope scope, String selector, Consumer<List<Asset>> each) {
        AssetFilter filter = visibility.filter(scope, selector);
        Beside<List<Asset>> next = page(filter, null);
        List<Asset> read;
        do {
            read = next.get();
            if (read.size() == CHUNK) {
                next = page(filter, read.getLast().id().value());
            }
            List<Asset> selected = filter.exact()
                    ? read
                    : read.stream().filter(filter::matches).toList();
            if (!selected.isEmpty()) {
                each.accept(selected);
            }
        } while (read.size() == CHUNK);
    }

    private Beside<List<Asset>> page(AssetFilter filter, @Nullable String last) {
        return Beside.read("rollout-selection", () -> assets.page(filter.condition(), last, CHUNK));
    }

    private void eachChunk(Scope scope, String selector, Consumer<List<Asset>> each) {
        AssetFilter filter = visibility.filter(scope, selector);
        String last = null;
        List<Asset> read;
        do {
            read = assets.page(filter.condition(), last, CHUNK);
            List<Asset> selected = filter.exact()
                    ? read
                    : read.stream().filter(filter::matches).toList();
            if (!selected.isEmpty()) {
                each.accept(selected);
            }
            last = read.isEmpty() ? last : read.getLast().id().value();
        } while (read.size() == CHUNK);
    }
}
