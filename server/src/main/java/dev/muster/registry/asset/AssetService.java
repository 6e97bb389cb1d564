package dev.muster.registry.asset;

import dev.muster.audit.AuditLog;
import dev.muster.identity.Actor;
import dev.muster.identity.Role;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.FieldProblem;
import dev.muster.platform.error.Refusal;
import dev.muster.platform.event.EventLog;
import dev.muster.protocol.AssetId;
import dev.muster.registry.Asset;
import dev.muster.registry.Lifecycle;
import dev.muster.registry.Presence;
import dev.muster.registry.asset.AssetChange.Outcome;
import dev.muster.registry.document.Problem;
import dev.muster.registry.type.AssetTypes;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Changes assets one at a time: scope, rules, lifecycle, audit, event and listeners, in one transaction (the caller's, if any). */
@Component
public class AssetService {
    /** Owner of the fields that people set through the plain routes. */
    public static final String API_MANAGER = "api";

    private static final String KIND = "asset";

    private final AssetStore assets;
    private final Visibility visibility;
    private final AssetTypes types;
    private final AuditLog audit;
    private final EventLog events;
    private final List<AssetListener> listeners;
    private final Clock clock;
    private final TransactionTemplate transaction;

    public AssetService(
            AssetStore assets,
            Visibility visibility,
            AssetTypes types,
            AuditLog audit,
            EventLog events,
            List<AssetListener> listeners,
            Clock clock,
            PlatformTransactionManager transactions) {
        this.assets = assets;
        this.visibility = visibility;
        this.types = types;
        this.audit = audit;
        this.events = events;
        this.listeners = List.copyOf(listeners);
        this.clock = clock;
        this.transaction = new TransactionTemplate(transactions);
    }

    public Asset create(Actor actor, AssetId id, AssetSpec spec, String manager) {
        return inTransaction(() -> {
            beforeChange();
            return insert(actor, id, spec, Map.of(), manager);
        });
    }

    /**
     * Replaces the declared part.
     *
     * @param expectedVersion refuses with {@code PRECONDITION_FAILED} unless the asset has this version, {@code null} for any
     */
    public AssetChange replace(
            Actor actor, AssetId id, AssetSpec spec, @Nullable Long expectedVersion, String manager) {
        return inTransaction(() -> {
            beforeChange();
            Asset before = lockVisible(actor, id, expectedVersion);
            return update(actor, before, spec, null, manager);
        });
    }

    /**
     * Creates or changes an asset whose fields' owners were worked out by an apply.
     *
     * @param seen the version that that apply saw, {@code null} when there was none; another one by now is a {@code CONFLICT}
     */
    public AssetChange apply(
            Actor actor, AssetId id, @Nullable Long seen, AssetSpec spec, Map<String, String> managers) {
        return inTransaction(() -> {
            beforeChange();
            if (seen == null) {
                return new AssetChange(insert(actor, id, spec, managers, API_MANAGER), Outcome.CREATED);
            }
            Asset before = lockVisible(actor, id, null);
            if (before.resourceVersion() != seen) {
                throw new Refusal(ErrorCode.CONFLICT, "asset " + id + " was changed at the same time; apply again");
            }
            return update(actor, before, spec, managers, API_MANAGER);
        });
    }

    /**
     * An asset got its first credential: it becomes provisioned, and is created when it is unknown.
     *
     * @param type of a new asset; a known one must have it, unless it is {@code null}
     * @param labels of a new asset; a known one keeps its own
     * @throws Refusal when the asset has another type, is quarantined or is retired
     */
    public Asset enrol(Actor actor, AssetId id, @Nullable String type, Map<String, String> labels) {
        return inTransaction(() -> {
            beforeChange();
            Optional<Asset> known = assets.lock(id);
            if (known.isEmpty()) {
                AssetSpec spec = new AssetSpec(type == null ? "" : type, labels, "", "", "", "", Lifecycle.PROVISIONED);
                return insert(actor, id, spec, Map.of(), API_MANAGER);
            }
            Asset asset = known.get();
            if (type != null && !type.equals(asset.type())) {
                throw new Refusal(
                        ErrorCode.REFUSED,
                        "asset " + id + " cannot be enrolled: it is of type " + asset.type()
                                + " and the claim token is for type " + type + "; use a token of its type");
            }
            return switch (asset.lifecycle()) {
                case REGISTERED ->
                    update(actor, asset, AssetSpec.of(asset).withLifecycle(Lifecycle.PROVISIONED), null, API_MANAGER)
                            .asset();
                case PROVISIONED, ACTIVE, MAINTENANCE -> asset;
                case QUARANTINED, RETIRED ->
                    throw new Refusal(
                            ErrorCode.REFUSED,
                            "asset " + id + " cannot be enrolled: it is "
                                    + asset.lifecycle().wire() + "; an administrator may "
                                    + (asset.lifecycle() == Lifecycle.RETIRED ? "restore it" : "end that") + " first");
            };
        });
    }

    /** Out of the fleet: nobody but {@link #restore} brings it back. Again changes nothing. */
    public Asset retire(Actor actor, AssetId id) {
        return inTransaction(() -> {
            beforeChange();
            Asset before = lockVisible(actor, id, null);
            AssetSpec spec = AssetSpec.of(before).withLifecycle(Lifecycle.RETIRED);
            return update(actor, before, spec, null, API_MANAGER).asset();
        });
    }

    /** Brings a retired asset back: registered, as one that is waited for. Its credentials are the caller's business. */
    public Asset restore(Actor actor, AssetId id) {
        return inTransaction(() -> {
            beforeChange();
            Asset before = lockVisible(actor, id, null);
            if (before.lifecycle() != Lifecycle.RETIRED) {
                throw new Refusal(
                        ErrorCode.CONFLICT,
                        "asset " + id + " cannot be restored: it is "
                                + before.lifecycle().wire() + ", only a retired one can be");
            }
            Asset after = declared(before, AssetSpec.of(before), Lifecycle.REGISTERED, now(), assets.nextVersion());
            store(actor, "asset.restore", "asset.restored", before, after, assets.managers(id));
            return after;
        });
    }

    /** A retired asset stays, for what is known of it and so that its id is not given to another. */
    public void delete(Actor actor, AssetId id, @Nullable Long expectedVersion) {
        inTransaction(() -> {
            beforeChange();
            Asset before = lockVisible(actor, id, expectedVersion);
            if (before.lifecycle() == Lifecycle.RETIRED) {
                throw new Refusal(
                        ErrorCode.REFUSED,
                        "asset " + id + " cannot be deleted: it is retired, and then its id could be enrolled again;"
                                + " when that is meant, restore it first (muster asset restore " + id + ")");
            }
            assets.delete(id);
            listeners.forEach(listener -> listener.deleted(id));
            audit.record(actor, "asset.delete", KIND, id.value(), AssetView.of(before), null);
            events.append("asset.deleted", "asset/" + id, AssetView.of(before));
            return before;
        });
    }

    private Asset insert(Actor actor, AssetId id, AssetSpec spec, Map<String, String> managers, String manager) {
        check(spec);
        Instant now = now();
        Lifecycle lifecycle = Objects.requireNonNullElse(spec.lifecycle(), Lifecycle.REGISTERED);
        Asset asset = new Asset(
                id,
                spec.type(),
                spec.labels(),
                spec.owner(),
                spec.region(),
                spec.site(),
                spec.hardware(),
                lifecycle,
                Presence.NEVER_SEEN,
                now,
                null,
                null,
                Map.of(),
                null,
                now,
                now,
                assets.nextVersion());
        requireInScope(actor, asset, "created");
        Map<String, String> owners =
                managers.isEmpty() ? FieldManagers.afterWrite(null, asset, Map.of(), manager) : managers;
        if (!assets.insert(asset, owners)) {
            throw new Refusal(
                    ErrorCode.CONFLICT,
                    "asset " + id + " cannot be created: the id is taken; use PUT to change it or choose another id");
        }
        listeners.forEach(listener -> listener.changed(List.of(asset)));
        audit.record(actor, "asset.create", KIND, id.value(), null, AssetView.of(asset));
        events.append("asset.created", "asset/" + id, AssetView.of(asset));
        return asset;
    }

    /** @param managers {@code null} lets {@code manager} take over what it changes */
    private AssetChange update(
            Actor actor, Asset before, AssetSpec spec, @Nullable Map<String, String> managers, String manager) {
        check(spec);
        Lifecycle lifecycle = Objects.requireNonNullElse(spec.lifecycle(), before.lifecycle());
        transitionProblem(actor, before, lifecycle).ifPresent(problem -> {
            throw new Refusal(ErrorCode.REFUSED, problem);
        });
        Asset same = declared(before, spec, lifecycle, before.updated(), before.resourceVersion());
        Map<String, String> oldOwners = assets.managers(before.id());
        Map<String, String> owners =
                managers == null ? FieldManagers.afterWrite(before, same, oldOwners, manager) : managers;
        if (same.equals(before)) {
            if (!owners.equals(oldOwners)) {
                assets.update(before, owners);
            }
            return new AssetChange(before, Outcome.UNCHANGED);
        }
        Asset after = declared(before, spec, lifecycle, now(), assets.nextVersion());
        requireInScope(actor, after, "changed so");
        store(actor, "asset.update", "asset.updated", before, after, owners);
        return new AssetChange(after, Outcome.UPDATED);
    }

    private void store(
            Actor actor, String action, String event, Asset before, Asset after, Map<String, String> owners) {
        assets.update(after, owners);
        listeners.forEach(listener -> listener.changed(List.of(after)));
        audit.record(actor, action, KIND, before.id().value(), AssetView.of(before), AssetView.of(after));
        events.append(event, "asset/" + before.id(), AssetView.of(after));
    }

    private void check(AssetSpec spec) {
        List<Problem> problems = AssetRules.problems(spec);
        if (problems.isEmpty() && !types.exists(spec.type())) {
            problems = List.of(new Problem(
                    "type", "\"" + spec.type() + "\" is not an asset type; GET /api/v1/asset-types lists the types"));
        }
        if (!problems.isEmpty()) {
            throw new Refusal(
                    ErrorCode.INVALID,
                    "the asset is not valid: " + problems.getFirst(),
                    problems.stream()
                            .map(problem -> new FieldProblem(problem.path(), problem.message()))
                            .toList());
        }
    }

    /** Why the actor may not change a lifecycle so: what may follow is said by {@link Lifecycle#next}, who may is said here. */
    public static Optional<String> transitionProblem(Actor actor, Asset before, Lifecycle next) {
        Lifecycle from = before.lifecycle();
        if (from == next) {
            return Optional.empty();
        }
        if (from == Lifecycle.RETIRED) {
            return Optional.of("asset " + before.id() + " is retired and can only be restored: muster asset restore "
                    + before.id() + ", for administrators");
        }
        if (!from.next().contains(next)) {
            return Optional.of("asset " + before.id() + " cannot go from " + from.wire() + " to " + next.wire()
                    + "; allowed is one of "
                    + from.next().stream().map(Lifecycle::wire).toList());
        }
        if (from.leavingNeedsAdministrator() && actor.role() != Role.ADMIN) {
            return Optional.of(
                    "asset " + before.id() + " is " + from.wire() + ", which only an administrator may end; you are "
                            + actor.role().wire());
        }
        return Optional.empty();
    }

    private void requireInScope(Actor actor, Asset asset, String done) {
        if (!visibility.isVisible(actor.scope(), asset)) {
            throw new Refusal(
                    ErrorCode.FORBIDDEN,
                    "asset " + asset.id() + " cannot be " + done + ": it would be outside of your scope ("
                            + actor.scope() + ")");
        }
    }

    private Asset lockVisible(Actor actor, AssetId id, @Nullable Long expectedVersion) {
        Asset asset = assets.lock(id)
                .filter(found -> visibility.isVisible(actor.scope(), found))
                .orElseThrow(() -> AssetDirectory.notFound(id));
        if (expectedVersion != null && expectedVersion != asset.resourceVersion()) {
            throw new Refusal(
                    ErrorCode.PRECONDITION_FAILED,
                    "asset " + id + " has version " + asset.resourceVersion() + ", not " + expectedVersion
                            + "; read it again and repeat the change");
        }
        return asset;
    }

    private static Asset declared(Asset before, AssetSpec spec, Lifecycle lifecycle, Instant updated, long version) {
        return new Asset(
                before.id(),
                spec.type(),
                spec.labels(),
                spec.owner(),
                spec.region(),
                spec.site(),
                spec.hardware(),
                lifecycle,
                before.presence(),
                before.presenceSince(),
                before.lastSeen(),
                before.certificateExpires(),
                before.software(),
                before.drift(),
                before.created(),
                updated,
                version);
    }

    private void beforeChange() {
        listeners.forEach(AssetListener::beforeChange);
    }

    private <T> T inTransaction(Supplier<T> work) {
        return Objects.requireNonNull(transaction.execute(status -> work.get()));
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }
}
