package dev.muster.ingest;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The pipeline of this server, started before assets can connect and stopped after they no longer can. */
public final class Ingest {
    private final Supplier<Pipeline> starting;
    private volatile @Nullable Pipeline pipeline;

    Ingest(Supplier<Pipeline> starting) {
        this.starting = starting;
    }

    public void start() {
        pipeline = starting.get();
    }

    public void stop() {
        Pipeline running = pipeline;
        if (running != null) {
            running.close();
            pipeline = null;
        }
    }

    Optional<String> problem() {
        Pipeline running = pipeline;
        return running == null
                ? Optional.of("messages are not processed: the server starts or stops")
                : running.problem();
    }

    /** As {@link Pipeline#awaitCaughtUp}. */
    public boolean awaitCaughtUp(Duration atMost) throws InterruptedException {
        Pipeline running = pipeline;
        return running != null && running.awaitCaughtUp(atMost);
    }
}
