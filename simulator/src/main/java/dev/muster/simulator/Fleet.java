package dev.muster.simulator;

import dev.muster.simulator.TypeMix.Member;
import dev.muster.simulator.client.AssetClient;
import dev.muster.simulator.client.ClientListener;
import dev.muster.simulator.client.ClientNetwork;
import dev.muster.simulator.client.Message;
import dev.muster.simulator.enrol.AssetIdentity;
import dev.muster.simulator.enrol.EnrolmentException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A simulated fleet: enrols every asset, connects each with its own certificate, lets them report, and counts.
 *
 * <p>{@link #enrol}, then {@link #connect}, then {@link #stop}; {@link #report} at any time.
 */
public final class Fleet implements AutoCloseable {
    private static final int KEPT_FAILURES = 10;

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
    private long unacknowledged;

    public Fleet(FleetOptions options, Endpoints endpoints) {
        this.options = options;
        this.endpoints = endpoints;
        this.members = options.mix().members(options.prefix(), options.first(), options.assets());
    }

    public FleetStatistics statistics() {
        return statistics;
    }

    /** Gets a certificate for every asset that has none yet; those that fail are counted and left out. */
    public void enrol(TokenSource tokens) throws IOException, EnrolmentException, InterruptedException {
        new Enrolling(options, endpoints, statistics, this::failure).run(members, tokens, identities);
    }

    /** Starts the clients of all enrolled assets and returns; they connect and begin to report by themselves. */
    public void connect() throws IOException {
        if (identities.isEmpty()) {
            return;
        }
        AssetIdentity any = identities.values().iterator().next();
        ClientNetwork shared = new ClientNetwork(
                endpoints.mqtt(), any.cas(), options.threads(), members.size(), options.maxConnecting());
        network = shared;
        ackedLog = options.ackedLog() == null ? null : new AckedLog(options.ackedLog());
        Listener listener = new Listener();
        for (Member member : members) {
            AssetIdentity identity = identities.get(member.index());
            if (identity != null) {
                AssetClient client = new AssetClient(shared, identity, options.client(), listener, member.index());
                SimulatedAsset asset = new SimulatedAsset(member, client, options, statistics);
                listener.assets.put(client, asset);
                assets.add(asset);
            }
        }
        assets.forEach(asset -> asset.client().start());
    }

    /** @return whether all enrolled assets were connected once within the time */
    public boolean awaitConnected(Duration atMost) throws InterruptedException {
        CompletableFuture<?> all = CompletableFuture.allOf(
                assets.stream().map(asset -> asset.client().firstConnection()).toArray(CompletableFuture[]::new));
        return await(all, atMost);
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
                members.size() - statistics.everConnected.sum(),
                statistics.sent.sum(),
                acknowledged,
                unacknowledged,
                statistics.dropped.sum(),
                statistics.refused.sum(),
                statistics.reconnects.sum(),
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
