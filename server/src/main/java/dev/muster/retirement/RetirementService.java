package dev.muster.retirement;

import dev.muster.audit.AuditLog;
import dev.muster.command.Orders;
import dev.muster.identity.Actor;
import dev.muster.pki.AssetCredentials;
import dev.muster.platform.config.Settings;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.platform.event.EventLog;
import dev.muster.platform.id.Ids;
import dev.muster.protocol.AssetId;
import dev.muster.registry.Asset;
import dev.muster.registry.Lifecycle;
import dev.muster.registry.asset.AssetDirectory;
import dev.muster.registry.asset.AssetService;
import dev.muster.registry.asset.AssetStore;
import dev.muster.registry.type.AssetTypes;
import dev.muster.retirement.Retirement.Restored;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Retires assets and brings them back; always within the actor's scope. */
@Component
class RetirementService {
    static final String COMMAND = "wipe";
    static final int MAX_REASON = 200;

    private static final String KIND = "asset";

    private final RetirementStore store;
    private final RetirementWorker worker;
    private final AssetDirectory directory;
    private final AssetStore assets;
    private final AssetTypes types;
    private final AssetService registry;
    private final AssetCredentials credentials;
    private final Orders orders;
    private final AuditLog audit;
    private final EventLog events;
    private final Ids ids;
    private final Clock clock;
    private final Duration wipeWithin;
    private final IfUnconfirmed ifUnconfirmed;
    private final TransactionTemplate transaction;

    RetirementService(
            RetirementStore store,
            RetirementWorker worker,
            AssetDirectory directory,
            AssetStore assets,
            AssetTypes types,
            AssetService registry,
            AssetCredentials credentials,
            Orders orders,
            AuditLog audit,
            EventLog events,
            Ids ids,
            Clock clock,
            Settings settings,
            PlatformTransactionManager transactions) {
        this.store = store;
        this.worker = worker;
        this.directory = directory;
        this.assets = assets;
        this.types = types;
        this.registry = registry;
        this.credentials = credentials;
        this.orders = orders;
        this.audit = audit;
        this.events = events;
        this.ids = ids;
        this.clock = clock;
        this.wipeWithin = settings.get(RetirementSettings.WIPE_WITHIN);
        this.ifUnconfirmed =
                settings.get(RetirementSettings.UNCONFIRMED_RETIRES) ? IfUnconfirmed.RETIRE : IfUnconfirmed.KEEP;
        this.transaction = new TransactionTemplate(transactions);
    }

    /**
     * What is asked for.
     *
     * @param wipeWithin null for the server's own, as with {@code ifUnconfirmed}
     * @param confirm whether it is meant that the asset goes out of service
     */
    record Wanted(
            boolean wipe,
            @Nullable Duration wipeWithin,
            @Nullable IfUnconfirmed ifUnconfirmed,
            String reason,
            boolean confirm) {}

    /** Begins it; the rest goes by itself. */
    Retirement start(Actor actor, String id, Wanted wanted) {
        requireReason(wanted.reason());
        return inTransaction(() -> {
            AssetId asset = directory.requireVisible(actor, id).id();
            Asset locked = assets.lock(asset)
                    .orElseThrow(() -> new Refusal(ErrorCode.NOT_FOUND, "asset " + asset + " was deleted just now"));
            requireRetirable(locked, wanted);
            Retirement fresh = fresh(actor, locked, wanted);
            store.insert(fresh);
            RetirementView view = RetirementView.of(fresh);
            audit.record(actor, "asset.retire", KIND, asset.value(), null, view);
            events.append("retirement.started", "asset/" + asset, view);
            worker.wakeAfterCommit();
            return fresh;
        });
    }

    private void requireRetirable(Asset asset, Wanted wanted) {
        AssetId id = asset.id();
        store.latest(id).ifPresent(before -> {
            if (!before.phase().isEnd()) {
                throw new Refusal(
                        ErrorCode.CONFLICT,
                        "asset " + id + " is being retired since " + before.requestedAt() + ": " + before.summary());
            }
            if (before.phase() == Phase.RETIRED && before.restored() == null) {
                throw new Refusal(
                        ErrorCode.CONFLICT,
                        "asset " + id + " cannot be retired: it is " + before.summary() + ", since "
                                + before.endedAt());
            }
        });
        if (!wanted.confirm()) {
            throw new Refusal(
                    ErrorCode.REFUSED,
                    "asset " + id + " would go out of service for good"
                            + (wanted.wipe() ? " and lose all that Muster brought there" : "")
                            + "; repeat the request with \"confirm\": true when that is meant");
        }
        if (!wanted.wipe() || isNeverEnrolled(asset)) {
            return;
        }
        if (asset.lifecycle() == Lifecycle.RETIRED || asset.lifecycle() == Lifecycle.QUARANTINED) {
            throw new Refusal(
                    ErrorCode.REFUSED,
                    "asset " + id + " cannot be wiped: it is "
                            + asset.lifecycle().wire() + " and gets no commands; retire it without a wipe, or "
                            + (asset.lifecycle() == Lifecycle.RETIRED ? "restore it" : "end its quarantine")
                            + " first");
        }
        boolean known = types.find(asset.type())
                .filter(type -> type.commands().containsKey(COMMAND))
                .isPresent();
        if (!known) {
            throw new Refusal(
                    ErrorCode.REFUSED,
                    "asset " + id + " cannot be wiped: its type " + asset.type() + " declares no command \"" + COMMAND
                            + "\"; declare it when such assets can do it, or retire without a wipe");
        }
    }

    private static boolean isNeverEnrolled(Asset asset) {
        return asset.lifecycle() == Lifecycle.REGISTERED && asset.lastSeen() == null;
    }

    private Retirement fresh(Actor actor, Asset asset, Wanted wanted) {
        Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        Wipe wipe = !wanted.wipe() ? Wipe.NOT_ASKED : isNeverEnrolled(asset) ? Wipe.NOT_NEEDED : Wipe.PENDING;
        boolean asked = wipe == Wipe.PENDING;
        Duration within = Objects.requireNonNullElse(wanted.wipeWithin(), wipeWithin);
        return new Retirement(
                ids.next(),
                asset.id(),
                asked ? Phase.WIPING : Phase.CUTTING_OFF,
                now,
                wipe,
                wipe == Wipe.NOT_NEEDED ? "it was never enrolled" : null,
                asked ? orders.give(actor, asset.id(), COMMAND, within) : null,
                asked ? now.plus(within) : null,
                Objects.requireNonNullElse(wanted.ifUnconfirmed(), ifUnconfirmed),
                wanted.reason(),
                now,
                actor.id(),
                0,
                0,
                null,
                null);
    }

    /** The newest one; empty when nobody ever asked for it. */
    Optional<Retirement> find(Actor actor, String id) {
        return store.latest(directory.requireVisible(actor, id).id());
    }

    /**
     * Brings a retired asset back, as one that is registered and has to enrol anew; of one that waits for its wipe, takes the
     * wipe back.
     */
    Asset restore(Actor actor, String id, String reason) {
        requireReason(reason);
        return inTransaction(() -> {
            AssetId asset = directory.requireVisible(actor, id).id();
            Optional<Retirement> latest = store.latest(asset).flatMap(found -> store.lock(found.id()));
            Optional<Retirement> active = latest.filter(is -> !is.phase().isEnd());
            if (active.isPresent()) {
                return takeBack(actor, active.get(), reason);
            }
            // Those of an asset that was made retired by hand are still there.
            credentials.revokeAll(actor, asset, "restored by " + actor.id());
            Asset back = registry.restore(actor, asset);
            latest.filter(is -> is.restored() == null)
                    .ifPresent(is -> store.restored(is.id(), new Restored(clock.instant(), actor.id())));
            note(actor, asset, reason);
            return back;
        });
    }

    private Asset takeBack(Actor actor, Retirement active, String reason) {
        AssetId asset = active.asset();
        String command = active.command();
        if (active.phase() != Phase.WIPING || command == null) {
            throw new Refusal(
                    ErrorCode.CONFLICT,
                    "the retirement of asset " + asset + " cannot be taken back any more: " + active.summary()
                            + "; restore it when it has ended");
        }
        orders.takeBack(actor, command);
        Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        Retirement ended = active.wiped(
                Wipe.UNCONFIRMED, "by " + actor.id() + ", before the asset had taken it", Phase.TAKEN_BACK, now);
        store.update(ended, now);
        events.append("retirement.taken_back", "asset/" + asset, RetirementView.of(ended));
        note(actor, asset, reason);
        return directory.requireVisible(actor, asset);
    }

    private void note(Actor actor, AssetId asset, String reason) {
        audit.record(actor, "retirement.restore", KIND, asset.value(), null, Map.of("reason", reason));
    }

    private static void requireReason(String reason) {
        if (reason.length() > MAX_REASON || reason.chars().anyMatch(Character::isISOControl)) {
            throw new Refusal(
                    ErrorCode.INVALID,
                    "the reason must have at most " + MAX_REASON + " characters, none of them a control character");
        }
    }

    private <T> T inTransaction(Supplier<T> work) {
        return Objects.requireNonNull(transaction.execute(status -> work.get()));
    }
}
