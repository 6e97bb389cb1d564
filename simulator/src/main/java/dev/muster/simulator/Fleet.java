package dev.muster.simulator;

import dev.muster.simulator.TypeMix.Member;
import dev.muster.simulator.client.AssetClient;
import dev.muster.simulator.client.ClientListener;
import dev.muster.simulator.client.ClientNetwork;
import dev.muster.simulator.client.ClientSettings;
import dev.muster.simulator.client.Message;
import dev.muster.simulator.device.DeviceState;
import dev.muster.simulator.device.Effect;
import dev.muster.simulator.device.Power;
import dev.muster.simulator.device.SimulatedDevice;
import dev.muster.simulator.enrol.AssetIdentity;
import dev.muster.simulator.enrol.EnrolmentException;
import dev.muster.simulator.enrol.EstClient;
import dev.muster.simulator.enrol.IdentityStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiFunction;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A simulated fleet: enrols every asset, connects each with its own certificate, lets them report, and counts.
 *
 * <p>{@link #enrol}, then {@link #connect}, then {@link #stop}; {@link #report} at any time.
 */
public final class Fleet implements AutoCloseable {
    private static final int KEPT_FAILURES = 10;
    private static final List<String> SUBSCRIPTIONS = List.of("assets/{id}/state/desired", "assets/{id}/commands");

    private final FleetOptions options;
    private final Endpoints endpoints;
    private final FleetStatistics statistics = new FleetStatistics();
    private final List<Member> members;
    private final Map<Integer, AssetIdentity> identities = new ConcurrentHashMap<>();
    private final List<SimulatedAsset> assets = new ArrayList<>();
    private final List<String> failures = new ArrayList<>();
    private final long started = System.nanoTime();
    private @Nullable ClientNetwork network;
    private @Nullable AckedLog ackedLog;
    private @Nullable FleetRecord record;
    private @Nullable TokenSource tokens;
    private @Nullable Renewals renewals;
    private final Downloads downloads;
    private long unacknowledged;

    public Fleet(FleetOptions options, Endpoints endpoints) {
        this.options = options;
        this.endpoints = endpoints;
        this.members = options.mix().members(options.prefix(), options.first(), options.assets());
        this.downloads = new Downloads(endpoints.device());
    }

    public FleetStatistics statistics() {
        return statistics;
    }

    /** Gets a certificate for every asset that has none yet; those that fail are counted and left out. */
    public void enrol(TokenSource tokens) throws IOException, EnrolmentException, InterruptedException {
        this.tokens = tokens;
        new Enrolling(options, endpoints, statistics, this::failure).run(members, tokens, identities);
    }

    /** Starts the clients of all enrolled assets and returns; they connect and begin to report by themselves. */
    public void connect() throws IOException {
        if (identities.isEmpty()) {
            return;
        }
        FleetRecord kept = new FleetRecord(options.stateDir(), options.devices().truth());
        Map<String, DeviceState> before = kept.read();
        AssetIdentity any = identities.values().iterator().next();
        ClientNetwork shared = new ClientNetwork(
                endpoints.mqtt(), any.cas(), options.threads(), members.size(), options.maxConnecting());
        network = shared;
        ackedLog = options.ackedLog() == null ? null : new AckedLog(options.ackedLog());
        Listener listener = new Listener();
        ClientSettings settings = options.client().withSubscriptions(SUBSCRIPTIONS);
        for (Member member : members) {
            AssetIdentity identity = identities.get(member.index());
            if (identity != null) {
                AssetClient client = new AssetClient(shared, identity, settings, listener, member.index());
                SimulatedDevice device = deviceOf(member, before.get(member.id().value()));
                SimulatedAsset asset = new SimulatedAsset(
                        member, client, options, statistics, device, downloads, id -> forget(member));
                listener.assets.put(client, asset);
                assets.add(asset);
                if (device.power() != Power.ON) {
                    statistics.absent.increment();
                }
                if (device.power() == Power.WIPED) {
                    forget(member); // killed between the record and the key
                }
            }
        }
        assets.forEach(SimulatedAsset::start);
        record = kept;
        kept.start(this::states);
        if (tokens != null) {
            renewals = new Renewals(
                    assets, EstClient.trusting(endpoints.device(), any.cas()), tokens, options, this::failure);
        }
    }

    /** The key of a wiped asset is gone for good: from memory, and from the disk where it was kept. */
    private void forget(Member member) {
        identities.remove(member.index());
        Path stateDir = options.stateDir();
        if (stateDir != null) {
            Thread.ofVirtual().name("sim-forget").start(() -> {
                try {
                    new IdentityStore(stateDir).forget(member.id());
                } catch (IOException e) {
                    failure("the key of asset " + member.id() + ", which is wiped, could not be deleted: "
                            + e.getMessage());
                }
            });
        }
    }

    private SimulatedDevice deviceOf(Member member, @Nullable DeviceState kept) {
        String id = member.id().value();
        return new SimulatedDevice(
                id,
                member.type(),
                options.devices().hardware().of(options.seed(), id),
                options.seed(),
                options.devices().behaviour(),
                kept,
                System.currentTimeMillis());
    }

    /** @return whether all enrolled assets were connected once within the time */
    public boolean awaitConnected(Duration atMost) throws InterruptedException {
        CompletableFuture<?> all = CompletableFuture.allOf(assets.stream()
                .filter(asset -> asset.state().power() == Power.ON)
                .map(asset -> asset.client().firstConnection())
                .toArray(CompletableFuture[]::new));
        return await(all, atMost);
    }

    /** The hardware of each asset, by type and id in order of the fleet. */
    public List<DeclaredHardware> hardware() {
        return members.stream()
                .map(member -> new DeclaredHardware(
                        member.id().value(),
                        member.type(),
                        options.devices()
                                .hardware()
                                .of(options.seed(), member.id().value())))
                .toList();
    }

    /** Of one asset. */
    public record DeclaredHardware(String id, String type, String hardware) {}

    /** What is true of every asset, in order of the fleet. */
    public List<DeviceState> states() {
        return assets.stream().map(SimulatedAsset::state).toList();
    }

    /** Does something to the devices of some assets; each on its own thread, so that it has happened only a moment later. */
    public int act(Predicate<String> ids, BiFunction<SimulatedDevice, Long, List<Effect>> what) {
        List<SimulatedAsset> chosen = chosen(ids);
        chosen.forEach(asset -> asset.act(what));
        return chosen.size();
    }

    /** Cuts the connections of some assets without a word; they come back by themselves. */
    public int cut(Predicate<String> ids) {
        List<SimulatedAsset> chosen = chosen(ids).stream()
                .filter(asset -> asset.client().isConnected())
                .toList();
        chosen.forEach(asset -> asset.client().cut());
        return chosen.size();
    }

    /**
     * Lets some assets renew their certificates no more; when those end they are cut off, and cannot come back.
     *
     * @param untilRestart it is their agent that hangs, so that a restart mends it
     */
    public int lapse(Predicate<String> ids, boolean untilRestart) {
        return renewals == null ? 0 : renewals.lapse(ids, untilRestart);
    }

    /**
     * Some assets lose their network because another one hangs through which they are connected; they are back when that has restarted.
     *
     * @throws IllegalArgumentException when there is no such asset, or it is one of them
     */
    public int goAwayBehind(String gateway, Predicate<String> ids) {
        if (ids.test(gateway)) {
            throw new IllegalArgumentException("asset " + gateway + " cannot be behind itself");
        }
        SimulatedAsset before = chosen(gateway::equals).stream()
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no asset " + gateway));
        List<SimulatedAsset> behind = chosen(ids);
        before.whenRestarted(() -> behind.forEach(asset -> asset.act(SimulatedDevice::comeBack)));
        behind.forEach(asset -> asset.act(SimulatedDevice::goAway));
        return behind.size();
    }

    /** Those that lapsed renew again, or enrol anew when their certificates have ended. */
    public int renew(Predicate<String> ids) {
        return renewals == null ? 0 : renewals.resume(ids);
    }

    private List<SimulatedAsset> chosen(Predicate<String> ids) {
        return assets.stream().filter(asset -> ids.test(asset.id().value())).toList();
    }

    /** Writes the record of the fleet now, where one was asked for. */
    public void writeRecord() throws IOException {
        if (record != null) {
            record.write();
        }
    }

    /** The clients, in order of the fleet, for harnesses that cut connections or send messages of their own. */
    public List<AssetClient> clients() {
        return assets.stream().map(SimulatedAsset::client).toList();
    }

    /** Ends the reporting, waits for acknowledgements at most {@code drain}, and disconnects. */
    public void stop(Duration drain) throws InterruptedException {
        CompletableFuture<?> all = CompletableFuture.allOf(
                assets.stream().map(asset -> asset.stop(drain)).toArray(CompletableFuture[]::new));
        await(all, drain.plusSeconds(10));
        FleetStatistics counted = statistics;
        unacknowledged =
                counted.sent.sum() - counted.acknowledged.sum() - counted.dropped.sum() - counted.refused.sum();
    }

    private static boolean await(CompletableFuture<?> all, Duration atMost) throws InterruptedException {
        try {
            all.get(atMost.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException("a client's future failed, which none may do", e);
        }
    }

    public FleetReport report() {
        double seconds = (System.nanoTime() - started) / 1e9;
        long acknowledged = statistics.acknowledged.sum();
        List<String> kept;
        synchronized (failures) {
            kept = List.copyOf(failures);
        }
        return new FleetReport(
                seconds,
                members.size(),
                identities.size(),
                statistics.connected(),
                Math.max(0, members.size() - statistics.everConnected.sum() - statistics.absent.sum()),
                statistics.sent.sum(),
                acknowledged,
                unacknowledged,
                statistics.dropped.sum(),
                statistics.refused.sum(),
                statistics.reconnects.sum(),
                statistics.connectFailures.sum(),
                acknowledged / seconds,
                statistics.wholeLatency(),
                kept);
    }

    private void failure(String reason) {
        synchronized (failures) {
            if (failures.size() < KEPT_FAILURES && !failures.contains(reason)) {
                failures.add(reason);
            }
        }
    }

    @Override
    public void close() throws IOException {
        if (record != null) {
            record.close();
        }
        if (renewals != null) {
            renewals.close();
        }
        downloads.close();
        if (network != null) {
            network.close();
        }
        if (ackedLog != null) {
            ackedLog.close();
        }
    }

    private final class Listener implements ClientListener {
        private final Map<AssetClient, SimulatedAsset> assets = new ConcurrentHashMap<>();

        @Override
        public void connected(AssetClient client) {
            statistics.connected.incrementAndGet();
            if (client.firstConnection().isDone()) {
                statistics.reconnects.increment();
            } else {
                statistics.everConnected.increment();
            }
            SimulatedAsset asset = assets.get(client);
            if (asset != null) {
                asset.sessionOpened();
            }
        }

        @Override
        public void disconnected(AssetClient client, String reason) {
            statistics.connected.decrementAndGet();
            SimulatedAsset asset = assets.get(client);
            if (asset != null) {
                asset.sessionClosed();
            }
        }

        @Override
        public void received(AssetClient client, String topic, byte[] payload) {
            SimulatedAsset asset = assets.get(client);
            if (asset == null || !asset.received(topic, payload)) {
                statistics.unreadable.increment();
                failure("what came on " + topic + " was neither a desired state nor a command");
            }
        }

        @Override
        public void connectFailed(AssetClient client, String reason) {
            statistics.connectFailures.increment();
            if (!client.firstConnection().isDone()) {
                failure("asset " + client.id() + " could not connect: " + reason);
            }
        }

        @Override
        public void acknowledged(AssetClient client, Message message, long nanos) {
            statistics.acknowledged.increment();
            statistics.latency(nanos);
            if (ackedLog != null && message.tag() instanceof AckedLog.Tag tag) {
                ackedLog.add(client.id(), tag);
            }
        }

        @Override
        public void refused(AssetClient client, Message message, int reasonCode) {
            statistics.refused.increment();
            failure("a message on " + message.topic() + " was refused with reason code 0x"
                    + Integer.toHexString(reasonCode));
        }

        @Override
        public void dropped(AssetClient client, Message message) {
            statistics.dropped.increment();
        }
    }
}
