package dev.muster.ddi;

import dev.muster.ddi.ArtifactDigests.Digests;
import dev.muster.ddi.DdiAction.Source;
import dev.muster.ddi.DdiAction.State;
import dev.muster.ddi.DdiEngine.Decided;
import dev.muster.ddi.DdiEngine.Standing;
import dev.muster.ddi.DdiStore.Found;
import dev.muster.gateway.port.Deployments;
import dev.muster.platform.config.Settings;
import dev.muster.protocol.AssetId;
import dev.muster.protocol.Uplink.StateReport;
import dev.muster.registry.type.AssetType;
import dev.muster.registry.type.AssetTypes;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Deployments of this server's assets: the engine's decisions, stored under the lock of the asset. */
@Component
class PolledDeployments implements Deployments {
    private static final Duration UNKNOWN_TTL = Duration.ofMinutes(10);
    private static final String VERSION_PREFIX = "software.";

    private final DdiStore store;
    private final ArtifactDigests digests;
    private final AttributeLabels labels;
    private final GatewayTokenRegistration registration;
    private final AssetTypes types;
    private final PollInterval interval;
    private final boolean confirmation;
    private final Clock clock;
    private final ObjectProvider<OrderHours> hours;
    private final TransactionTemplate transaction;

    PolledDeployments(
            DdiStore store,
            ArtifactDigests digests,
            AttributeLabels labels,
            GatewayTokenRegistration registration,
            AssetTypes types,
            Settings settings,
            Clock clock,
            ObjectProvider<OrderHours> hours,
            PlatformTransactionManager transactions) {
        this.store = store;
        this.digests = digests;
        this.labels = labels;
        this.registration = registration;
        this.types = types;
        this.interval =
                new PollInterval(settings.get(DdiSettings.POLL_INTERVAL), settings.get(DdiSettings.POLL_JITTER));
        this.confirmation = settings.get(DdiSettings.CONFIRMATION);
        this.clock = clock;
        this.hours = hours;
        this.transaction = new TransactionTemplate(transactions);
    }

    // ---- polling

    @Override
    public Answered poll(AssetId asset, Client client) {
        Optional<Found> found = store.find(asset, client);
        if (found.isPresent() && isInLine(found.get())) {
            return new Answered(polled(asset, found.get()), null);
        }
        return inTransaction(() -> {
            if (!store.lock(asset, client)) {
                return new Answered(nothing(asset), null);
            }
            Found before = store.find(asset, client).orElseThrow();
            Decided decided = DdiEngine.sync(before.standing());
            save(asset, before.standing().target(), decided);
            Found after = store.find(asset, client).orElseThrow();
            return new Answered(polled(asset, after), report(before.standing().target(), decided.target()));
        });
    }

    @Override
    public Map<AssetId, Polled> polled(Collection<AssetId> assets) {
        Map<AssetId, Polled> answers = new HashMap<>();
        store.find(assets).forEach((asset, found) -> {
            if (isInLine(found)) {
                answers.put(asset, polled(asset, found));
            }
        });
        return answers;
    }

    /** Whether it is told what it is to be told; then nothing is written. */
    private static boolean isInLine(Found found) {
        Decided decided = DdiEngine.sync(found.standing());
        return found.stored()
                && decided.actions().isEmpty()
                && decided.target().equals(found.standing().target());
    }

    private Polled polled(AssetId asset, Found found) {
        Standing standing = found.standing();
        Duration ttl = types.find(found.type())
                .map(AssetType::heartbeat)
                .map(AssetType.Heartbeat::ttl)
                .orElse(UNKNOWN_TTL);
        DdiAction next = DdiEngine.next(standing.open()).orElse(null);
        OrderHours.Shown shown = next == null ? OrderHours.Shown.ALWAYS : shown(asset, next);
        return new Polled(
                interval.of(asset, ttl),
                next != null && shown.isNow() ? pending(standing, next) : null,
                standing.target().wantsAttributes(),
                found.installed(),
                standing.target().autoConfirm(),
                shown.changes());
    }

    /** What the asset has begun it is let finish, whatever the time: SWUpdate asks for it again after its restart. */
    private OrderHours.Shown shown(AssetId asset, DdiAction action) {
        OrderHours known = hours.getIfAvailable();
        return known == null || action.state() != State.OPEN || action.shown()
                ? OrderHours.Shown.ALWAYS
                : known.shown(asset, action.component(), now());
    }

    private Pending pending(Standing standing, DdiAction action) {
        if (action.state() == State.CANCELLING) {
            return new Pending.Cancel(action.id());
        }
        String revision = Integer.toHexString(action.attempt().hashCode());
        boolean mustConfirm = confirmation && !standing.target().autoConfirm() && !action.confirmed();
        return mustConfirm ? new Pending.Confirm(action.id(), revision) : new Pending.Deploy(action.id(), revision);
    }

    private Polled nothing(AssetId asset) {
        return new Polled(interval.of(asset, UNKNOWN_TTL), null, false, null, false, null);
    }

    @Override
    public Optional<Refused> register(AssetId asset, String gatewayToken) {
        return registration.register(asset, gatewayToken);
    }

    // ---- deployments

    @Override
    public Optional<Deployment> deployment(AssetId asset, int action, int history) {
        return store.action(asset, action)
                .filter(found -> !found.state().ended())
                .flatMap(found -> described(found, history));
    }

    @Override
    public Optional<Deployment> installed(AssetId asset, int action, int history) {
        return store.action(asset, action)
                .filter(found -> found.state() == State.SUCCEEDED)
                .flatMap(found -> described(found, history));
    }

    private Optional<Deployment> described(DdiAction action, int history) {
        Source source = action.source();
        if (source == null) {
            return Optional.empty();
        }
        return digests.of(source.sha256())
                .map(known -> new Deployment(
                        action.id(),
                        action.component(),
                        action.component(),
                        action.version(),
                        file(source, known),
                        action.status(),
                        action.messages()
                                .subList(0, Math.min(history, action.messages().size()))));
    }

    private static File file(Source source, Digests digests) {
        return new File(source.file(), source.size(), digests.sha1(), digests.md5(), source.sha256());
    }

    @Override
    public Told shown(AssetId asset, int action) {
        return told(asset, null, action, (target, found) -> DdiEngine.shown(target, found));
    }

    @Override
    public Optional<String> artifact(AssetId asset, int action, String file) {
        return store.action(asset, action)
                .filter(found -> found.state() == State.OPEN || found.state() == State.SUCCEEDED)
                .map(DdiAction::source)
                .filter(source -> source.file().equals(file))
                .map(Source::sha256);
    }

    @Override
    public boolean isCancelled(AssetId asset, int action) {
        return store.action(asset, action)
                .filter(found -> found.state() == State.CANCELLING)
                .isPresent();
    }

    @Override
    public Told feedback(AssetId asset, int action, Client client, Feedback feedback) {
        if (mustConfirm(asset, action)) {
            return new Refused(404, "not_confirmed", "action " + action + " waits for its confirmation");
        }
        return told(
                asset, client, action, feedback, (target, found) -> DdiEngine.feedback(target, found, feedback, now()));
    }

    private boolean mustConfirm(AssetId asset, int action) {
        return confirmation
                && store.find(asset, Client.OTHER)
                        .map(Found::standing)
                        .filter(standing -> !standing.target().autoConfirm())
                        .flatMap(standing -> DdiEngine.find(standing.open(), action))
                        .filter(found -> !found.confirmed())
                        .isPresent();
    }

    @Override
    public Told cancelFeedback(AssetId asset, int action, Feedback feedback) {
        return told(
                asset,
                null,
                action,
                feedback,
                (target, found) -> found.state() == State.CANCELLING
                        ? DdiEngine.cancelFeedback(target, found, feedback)
                        : new Decided(target, List.of(found.saying(feedback.details()))));
    }

    // ---- what the asset says of itself

    @Override
    public Told attributes(AssetId asset, Client client, Mode mode, Map<String, String> attributes) {
        Optional<Refused> refused = labels.set(asset, mode, attributes);
        return refused.isPresent()
                ? refused.get()
                : changed(asset, client, target -> DdiEngine.versions(target, versions(mode, attributes), now()));
    }

    /** {@code software.app} names the version of the component {@code app}. */
    private static Map<String, String> versions(Mode mode, Map<String, String> attributes) {
        Map<String, String> versions = new TreeMap<>();
        attributes.forEach((name, value) -> {
            if (name.startsWith(VERSION_PREFIX) && !value.isBlank() && mode != Mode.REMOVE) {
                versions.put(name.substring(VERSION_PREFIX.length()), value);
            }
        });
        return versions;
    }

    @Override
    public Told runs(AssetId asset, String component, String version) {
        return changed(asset, null, target -> DdiEngine.versions(target, Map.of(component, version), now()));
    }

    @Override
    public Told confirmation(AssetId asset, int action, boolean confirmed, List<String> details) {
        return told(
                asset,
                null,
                action,
                (target, found) -> new Decided(
                        target, List.of(confirmed ? found.asConfirmed().saying(details) : found.saying(details))));
    }

    @Override
    public Told autoConfirm(AssetId asset, boolean active, String initiator) {
        boolean isSo = store.find(asset, Client.OTHER)
                .map(found -> found.standing().target().autoConfirm() == active)
                .orElse(false);
        return isSo && active
                ? new Refused(409, "already_active", "asset " + asset + " confirms by itself already")
                : changed(asset, null, target -> target.confirming(active));
    }

    // ---- storing

    private interface Deciding {
        Decided of(DdiTarget target, DdiAction action);
    }

    private Told told(AssetId asset, @Nullable Client client, int id, Deciding deciding) {
        return told(asset, client, id, null, deciding);
    }

    /** @param feedback null for what ends nothing */
    private Told told(AssetId asset, @Nullable Client client, int id, @Nullable Feedback feedback, Deciding deciding) {
        return inTransaction(() -> {
            Found found = locked(asset, client);
            DdiAction action = store.action(asset, id).orElse(null);
            if (found == null || action == null) {
                return new Refused(404, "not_found", "asset " + asset + " has no action " + id);
            }
            DdiTarget before = found.standing().target();
            if (action.state().ended()) {
                // Said again by a client that did not hear the answer: the report may be lost, so it is made again.
                return feedback != null && DdiEngine.repeats(action, feedback)
                        ? new Taken(report(before))
                        : new Refused(
                                410,
                                "ended",
                                "action " + id + " of asset " + asset + " has "
                                        + action.state().wire());
            }
            Decided decided = deciding.of(client == null ? before : before.of(client), action);
            store.save(asset, decided.actions(), now());
            Standing after = found.standing();
            List<DdiAction> open = new ArrayList<>();
            for (DdiAction each : after.open()) {
                DdiAction next = DdiEngine.find(decided.actions(), each.id()).orElse(each);
                if (!next.state().ended()) {
                    open.add(next);
                }
            }
            Decided next = DdiEngine.sync(
                    new Standing(decided.target(), open, after.wanted(), after.known(), after.generation()));
            save(asset, before, next);
            return new Taken(report(before, next.target()));
        });
    }

    private Told changed(AssetId asset, @Nullable Client client, Function<DdiTarget, DdiTarget> change) {
        return inTransaction(() -> {
            Found found = locked(asset, client);
            if (found == null) {
                return new Refused(404, "not_found", "asset " + asset + " is not registered");
            }
            Standing standing = found.standing();
            DdiTarget before = standing.target();
            DdiTarget after = change.apply(client == null ? before : before.of(client));
            Decided decided = DdiEngine.sync(
                    new Standing(after, standing.open(), standing.wanted(), standing.known(), standing.generation()));
            save(asset, before, decided);
            return new Taken(report(before, decided.target()));
        });
    }

    private @Nullable Found locked(AssetId asset, @Nullable Client client) {
        Client known = client == null ? Client.OTHER : client;
        return store.lock(asset, known) ? store.find(asset, known).orElseThrow() : null;
    }

    private void save(AssetId asset, DdiTarget before, Decided decided) {
        store.save(asset, decided.actions(), now());
        if (!decided.target().equals(before)) {
            store.save(asset, decided.target());
        }
    }

    private static @Nullable StateReport report(DdiTarget before, DdiTarget after) {
        return DdiEngine.differs(before, after) ? report(after) : null;
    }

    private static StateReport report(DdiTarget target) {
        return new StateReport(null, target.generation(), Map.of(), target.software(), target.updates(), null, null);
    }

    private <T> T inTransaction(java.util.function.Supplier<T> work) {
        return Objects.requireNonNull(transaction.execute(status -> work.get()));
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }
}
