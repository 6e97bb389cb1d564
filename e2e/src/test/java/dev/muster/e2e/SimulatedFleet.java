package dev.muster.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The simulator in a process of its own, and what it was told is on disk. */
final class SimulatedFleet implements AutoCloseable {
    private static final Duration WARM_UP = Duration.ofSeconds(8);
    private static final Duration MEASURED = Duration.ofSeconds(10);
    private static final Duration HEARD_OF_AGAIN = Duration.ofMinutes(3);
    private static final Duration BACKLOG = Duration.ofSeconds(70);
    /** Messages a second, while it is measured how many are acknowledged. */
    private static final double MORE_THAN_IT_TAKES = 60_000;

    /** What the simulator makes of one asset. */
    private static final double MOST_OF_ONE = 200;

    private final CrashPlan plan;
    private final ServerProcess server;
    private final Path folder;
    private final Path acked;
    private @Nullable Process process;

    SimulatedFleet(CrashPlan plan, ServerProcess server, Path folder) {
        this.plan = plan;
        this.server = server;
        this.folder = folder;
        this.acked = folder.resolve("acked.log");
    }

    /** With a load to be measured at first with a message a second. */
    void start() throws IOException {
        start(plan.loadPercent() > 0 ? 1 : plan.rate(), BACKLOG);
    }

    private void start(double rate, Duration backlog) throws IOException {
        process = new ProcessBuilder(Programs.java(
                        "simulator",
                        "--assets",
                        Integer.toString(plan.assets()),
                        "--types",
                        "sensor=30,vehicle=30,pos=20,edge-gpu=10,linux-device=10",
                        "--rate",
                        Double.toString(rate),
                        "--backlog",
                        backlog.toSeconds() + "s",
                        "--max-backoff",
                        "4s",
                        "--seed",
                        Long.toString(plan.seed()),
                        "--data-dir",
                        server.dataDirectory().toString(),
                        "--state-dir",
                        folder.resolve("fleet").toString(),
                        "--acked-log",
                        acked.toString()))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
                .start();
    }

    /** Returns when every asset was acknowledged a message. */
    void awaitAll(Duration atMost) throws Exception {
        long begun = System.nanoTime();
        while (!Files.exists(acked) || acknowledged().assets().size() < plan.assets()) {
            requireRunning();
            if (System.nanoTime() - begun > atMost.toNanos()) {
                throw new AssertionError("not every asset was acknowledged a message within " + atMost.toMinutes()
                        + " min, see " + log());
            }
            Thread.sleep(500);
        }
        System.out.printf(
                Locale.ROOT,
                "%d assets enrolled and heard of after %.1f s%n",
                plan.assets(),
                (System.nanoTime() - begun) / 1e9);
    }

    /** When a share of what the machine takes is asked for: measures what it takes, and goes on with so much of it. */
    void load() throws Exception {
        if (plan.loadPercent() == 0) {
            return;
        }
        end();
        start(Math.min(MOST_OF_ONE, MORE_THAN_IT_TAKES / plan.assets()), Duration.ZERO);
        Thread.sleep(WARM_UP);
        long before = lines();
        long begun = System.nanoTime();
        Thread.sleep(MEASURED);
        double most = (lines() - before) / ((System.nanoTime() - begun) / 1e9);
        requireRunning();
        end();
        double wanted = most * plan.loadPercent() / 100;
        System.out.printf(
                Locale.ROOT,
                "the machine takes %.0f messages/s of this fleet; going on with %.0f (%d%%)%n",
                most,
                wanted,
                plan.loadPercent());
        start(wanted / plan.assets(), Duration.ZERO);
        awaitAcknowledged();
    }

    /** Returns when something is acknowledged from now on: before, a blow would hit nothing that is under way. */
    void awaitAcknowledged() throws Exception {
        long before = acknowledgedBytes();
        Await.that("a message is acknowledged", HEARD_OF_AGAIN, () -> {
            requireRunning();
            return acknowledgedBytes() > before;
        });
    }

    private long lines() throws IOException {
        try (var lines = Files.lines(acked)) {
            return lines.count();
        }
    }

    AckedLog acknowledged() throws IOException {
        return AckedLog.read(acked);
    }

    /** Grows with each acknowledgement. */
    long acknowledgedBytes() throws IOException {
        return Files.size(acked);
    }

    /** Without it nothing is at stake. */
    void requireRunning() {
        if (!running().isAlive()) {
            throw new AssertionError("the simulator ended with " + running().exitValue() + ", see " + log());
        }
    }

    private Path log() {
        return folder.resolve("simulator.log");
    }

    private Process running() {
        if (process == null) {
            throw new IllegalStateException("the simulator was never started");
        }
        return process;
    }

    private void end() throws InterruptedException {
        running().destroy();
        if (!running().waitFor(60, TimeUnit.SECONDS)) {
            running().destroyForcibly().waitFor();
        }
    }

    @Override
    public void close() throws InterruptedException {
        if (process != null) {
            end();
        }
    }
}
