package dev.muster.simulator;

import dev.muster.simulator.device.Desired.Target;
import dev.muster.simulator.enrol.ArtifactClient;
import dev.muster.simulator.enrol.AssetIdentity;
import java.net.URI;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Artifacts really fetched, each with the certificate of its asset, a few at a time; the others wait. */
final class Downloads implements AutoCloseable {
    private static final int AT_A_TIME = 4;

    private final URI device;
    private final ExecutorService workers = Executors.newFixedThreadPool(
            AT_A_TIME, Thread.ofVirtual().name("download-", 0).factory());

    Downloads(URI device) {
        this.device = device;
    }

    /** @param done told null, or why the artifact is not there; on any thread. An asset waits for one download at most. */
    void fetch(AssetIdentity identity, Target from, Consumer<@Nullable String> done) {
        workers.execute(() -> {
            try {
                done.accept(ArtifactClient.fetch(device, identity, from.url(), from.sha256(), from.size()));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    @Override
    public void close() {
        workers.shutdownNow();
        workers.close();
    }
}
