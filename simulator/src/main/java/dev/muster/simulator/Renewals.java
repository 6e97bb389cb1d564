package dev.muster.simulator;

import dev.muster.simulator.device.Power;
import dev.muster.simulator.enrol.AssetIdentity;
import dev.muster.simulator.enrol.EnrolmentException;
import dev.muster.simulator.enrol.EstClient;
import dev.muster.simulator.enrol.IdentityStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Renews the certificates of a running fleet at two thirds of their lives, a few at a time; one that ended all the same enrols anew. Those
 * that lapse do neither, some of them until they restart: they are cut off when theirs ends, and whatever they try then they try with a
 * certificate that has expired.
 */
final class Renewals implements AutoCloseable {
    private static final Duration LOOK_EVERY = Duration.ofSeconds(1);
    private static final Duration AGAIN_AFTER = Duration.ofSeconds(20);
    private static final long FOR_GOOD = Long.MAX_VALUE;

    private final List<SimulatedAsset> assets;
    private final TokenSource tokens;
    private final @Nullable Path stateDir;
    private final Consumer<String> failures;
    private final EstClient est;
    private final Semaphore atOnce;
    private final ExecutorService workers = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("sim-renew-", 0).factory());
    /** Up to which start. */
    private final Map<SimulatedAsset, Long> lapsing = new ConcurrentHashMap<>();

    private final Set<SimulatedAsset> underWay = ConcurrentHashMap.newKeySet();
    private final Map<SimulatedAsset, Instant> notBefore = new ConcurrentHashMap<>();
    private final Thread thread;
    private volatile boolean closed;

    Renewals(
            List<SimulatedAsset> assets,
            EstClient est,
            TokenSource tokens,
            FleetOptions options,
            Consumer<String> failures) {
        this.assets = List.copyOf(assets);
        this.est = est;
        this.tokens = tokens;
        this.stateDir = options.stateDir();
        this.failures = failures;
        this.atOnce = new Semaphore(options.maxEnrolling());
        this.thread = Thread.ofVirtual().name("sim-renewals").start(this::run);
    }

    /** @return how many no longer renew */
    int lapse(Predicate<String> ids, boolean untilRestart) {
        List<SimulatedAsset> chosen = chosen(ids);
        chosen.forEach(asset -> lapsing.put(asset, untilRestart ? asset.state().boots() : FOR_GOOD));
        return chosen.size();
    }

    /** @return how many renew again that had lapsed */
    int resume(Predicate<String> ids) {
        List<SimulatedAsset> chosen =
                chosen(ids).stream().filter(lapsing::containsKey).toList();
        chosen.forEach(notBefore::remove);
        chosen.forEach(lapsing::remove);
        return chosen.size();
    }

    private List<SimulatedAsset> chosen(Predicate<String> ids) {
        return assets.stream().filter(asset -> ids.test(asset.id().value())).toList();
    }

    private void run() {
        try {
            while (!closed) {
                look(Instant.now());
                Thread.sleep(LOOK_EVERY);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void look(Instant now) {
        for (SimulatedAsset asset : assets) {
            AssetIdentity current = asset.client().identity();
            if (lapses(asset)) {
                if (current.expiredAt(now) && asset.client().isConnected()) {
                    asset.client().cut();
                }
            } else if (current.dueForRenewalAt(now)
                    && asset.state().power() == Power.ON
                    && !now.isBefore(notBefore.getOrDefault(asset, Instant.MIN))
                    && underWay.add(asset)) {
                workers.execute(() -> renew(asset, current));
            }
        }
    }

    private boolean lapses(SimulatedAsset asset) {
        Long upTo = lapsing.get(asset);
        if (upTo != null && asset.state().boots() > upTo) {
            lapsing.remove(asset, upTo);
            return false;
        }
        return upTo != null;
    }

    private void renew(SimulatedAsset asset, AssetIdentity current) {
        try {
            atOnce.acquire();
            try {
                AssetIdentity next = current.expiredAt(Instant.now())
                        ? est.enrol(asset.id(), tokens.tokenFor(asset.type(), 1))
                        : est.renew(current);
                if (stateDir != null) {
                    new IdentityStore(stateDir).save(next);
                }
                asset.client().renewed(next);
                notBefore.put(asset, Instant.now().plus(pause(next)));
            } finally {
                atOnce.release();
            }
        } catch (EnrolmentException | IOException e) {
            notBefore.put(asset, Instant.now().plus(AGAIN_AFTER));
            failures.accept("asset " + asset.id() + " could not renew its certificate: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            underWay.remove(asset);
        }
    }

    /** A server may date certificates back so far that short ones are due from the beginning. */
    private static Duration pause(AssetIdentity fresh) {
        Duration left = Duration.between(
                Instant.now(), fresh.certificate().getNotAfter().toInstant());
        return left.dividedBy(3).compareTo(AGAIN_AFTER) < 0 ? left.dividedBy(3) : AGAIN_AFTER;
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        workers.shutdownNow();
        workers.close();
        est.close();
    }
}
