package dev.muster.retirement;

import dev.muster.command.Orders;
import dev.muster.identity.Actor;
import dev.muster.pki.AssetCredentials;
import dev.muster.platform.event.EventLog;
import dev.muster.platform.lease.Lease;
import dev.muster.platform.lease.Leases;
import dev.muster.protocol.AssetId;
import dev.muster.registry.Asset;
import dev.muster.registry.Lifecycle;
import dev.muster.registry.Presence;
import dev.muster.registry.asset.AssetService;
import dev.muster.registry.asset.AssetStore;
import dev.muster.registry.type.AssetType;
import dev.muster.registry.type.AssetTypes;
import dev.muster.retirement.RetirementEngine.Facts;
import dev.muster.retirement.RetirementEngine.Step;
import dev.muster.retirement.RetirementEngine.Subject;
import dev.muster.twin.desired.DesiredStore;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Carries out one step of a retirement in one transaction: all of it, or none. */
@Component
class RetirementSteps {
    /** An asset that has not answered for so long is looked at less often. */
    private static final Duration PATIENT_AFTER = Duration.ofMinutes(5);

    private static final Duration OFTEN = Duration.ofSeconds(1);
    private static final Duration SELDOM = Duration.ofSeconds(15);
    /** Beside twice the time to live of its type's heartbeat: after a restart of the server sessions are believed in for that. */
    private static final Duration LEAVES_WITHIN = Duration.ofMinutes(1);

    private final RetirementStore store;
    private final AssetStore assets;
    private final AssetTypes types;
    private final AssetService registry;
    private final AssetCredentials credentials;
    private final DesiredStore desired;
    private final Orders orders;
    private final EventLog events;
    private final Leases leases;
    private final Clock clock;
    private final TransactionTemplate transaction;

    RetirementSteps(
            RetirementStore store,
            AssetStore assets,
            AssetTypes types,
            AssetService registry,
            AssetCredentials credentials,
            DesiredStore desired,
            Orders orders,
            EventLog events,
            Leases leases,
            Clock clock,
            PlatformTransactionManager transactions) {
        this.store = store;
        this.assets = assets;
        this.types = types;
        this.registry = registry;
        this.credentials = credentials;
        this.desired = desired;
        this.orders = orders;
        this.events = events;
        this.leases = leases;
        this.clock = clock;
        this.transaction = new TransactionTemplate(transactions);
    }

    /** @return whether it went on, so that the next step may be due at once */
    boolean step(Lease lease, String id) {
        return Boolean.TRUE.equals(transaction.execute(status -> {
            leases.requireHeld(lease);
            return store.lock(id)
                    .filter(is -> !is.phase().isEnd())
                    .map(this::go)
                    .orElse(false);
        }));
    }

    private boolean go(Retirement is) {
        Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        return switch (RetirementEngine.next(is, facts(is, now))) {
            case Step.Wait() -> {
                boolean patient = is.phase() == Phase.WIPING
                        && is.since().plus(PATIENT_AFTER).isBefore(now);
                store.update(is, now.plus(patient ? SELDOM : OFTEN));
                yield false;
            }
            case Step.Move(Retirement to) -> {
                store.update(to, now);
                tell(is, to);
                yield true;
            }
            case Step.CutOff() -> {
                Retirement to = cutOff(is, now);
                store.update(to, now);
                tell(is, to);
                yield true;
            }
        };
    }

    private Facts facts(Retirement is, Instant now) {
        String command = is.command();
        Optional<Orders.Outcome> wipe = command == null ? Optional.empty() : orders.outcome(command);
        return new Facts(
                now,
                wipe.orElse(null),
                assets.find(is.asset()).map(this::subject).orElse(null));
    }

    private Subject subject(Asset asset) {
        AssetId id = asset.id();
        Duration ttl = types.find(asset.type())
                .map(AssetType::heartbeat)
                .map(AssetType.Heartbeat::ttl)
                .orElse(Duration.ZERO);
        return new Subject(
                asset.lifecycle() == Lifecycle.RETIRED,
                asset.presence() == Presence.ONLINE || asset.presence() == Presence.STALE,
                asset.presenceSince(),
                LEAVES_WITHIN.plus(ttl.multipliedBy(2)),
                credentials.validCertificates(id),
                desired.find(id.value()).isPresent());
    }

    private Retirement cutOff(Retirement is, Instant now) {
        AssetCredentials.Revoked revoked =
                credentials.revokeAll(Actor.SYSTEM, is.asset(), "retired by " + is.requestedBy());
        registry.retire(Actor.SYSTEM, is.asset());
        return is.cutOff(revoked.certificates(), revoked.claimTokens(), now);
    }

    private void tell(Retirement from, Retirement to) {
        String type = event(from, to);
        if (type != null) {
            events.append(type, "asset/" + to.asset(), RetirementView.of(to));
        }
    }

    private static @Nullable String event(Retirement from, Retirement to) {
        return switch (to.phase()) {
            case WIPING, LEAVING -> null;
            case CUTTING_OFF ->
                to.wipe() == Wipe.CONFIRMED ? "retirement.wipe_confirmed" : "retirement.wipe_unconfirmed";
            case SETTLING -> from.phase() == Phase.SETTLING ? null : "retirement.cut_off";
            case RETIRED -> "retirement.completed";
            case KEPT -> "retirement.kept";
            case TAKEN_BACK -> "retirement.taken_back";
        };
    }
}
