package dev.muster.simulator;

import dev.muster.simulator.device.DeviceState;
import dev.muster.simulator.device.DeviceStates;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The states of a fleet in files: the one that it begins with the next time, and the record for whoever checks the server. */
final class FleetRecord implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FleetRecord.class);
    private static final Duration INTERVAL = Duration.ofSeconds(5);

    private final @Nullable Path stateFile;
    private final @Nullable Path truth;
    private Supplier<List<DeviceState>> states = List::of;
    private List<DeviceState> written = List.of();
    private final CountDownLatch ended = new CountDownLatch(1);
    private boolean writes;

    FleetRecord(@Nullable Path stateDir, @Nullable Path truth) {
        this.stateFile = stateDir == null ? null : stateDir.resolve("devices.jsonl");
        this.truth = truth;
    }

    /** What the last run left, by asset id. */
    Map<String, DeviceState> read() throws IOException {
        return stateFile == null ? Map.of() : DeviceStates.read(stateFile);
    }

    /** Writes every few seconds from now on. */
    void start(Supplier<List<DeviceState>> source) {
        states = source;
        if (stateFile != null || truth != null) {
            writes = true;
            Thread.ofVirtual().name("sim-record").start(this::run);
        }
    }

    private void run() {
        try {
            while (!ended.await(INTERVAL.toMillis(), TimeUnit.MILLISECONDS)) {
                write();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            LOG.error("the record of the fleet is not written any more: {}", e.toString());
        }
    }

    /** Nothing is written when nothing has changed. */
    synchronized void write() throws IOException {
        List<DeviceState> now = states.get();
        if (isAsWritten(now)) {
            return;
        }
        if (stateFile != null) {
            DeviceStates.write(stateFile, now);
        }
        if (truth != null) {
            DeviceStates.write(truth, now);
        }
        written = now;
    }

    /** A state is another object whenever anything happened. */
    private boolean isAsWritten(List<DeviceState> now) {
        if (now.size() != written.size()) {
            return false;
        }
        for (int i = 0; i < now.size(); i++) {
            if (now.get(i) != written.get(i)) {
                return false;
            }
        }
        return true;
    }

    @Override
    public void close() throws IOException {
        ended.countDown();
        if (writes) {
            write();
        }
    }
}
