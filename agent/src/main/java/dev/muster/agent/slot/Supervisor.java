package dev.muster.agent.slot;

import dev.muster.protocol.Severity;
import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps one slot of an application running: starts it again when it ends, or when its health check fails for long, with a
 * growing pause. While a change is tried it keeps nothing, and leaves the processes to the change.
 */
final class Supervisor {
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(5);
    private static final Duration LONG_ENOUGH = Duration.ofMinutes(10);
    /** Of the health check, one after another, until it is believed. */
    private static final int FAILURES = 3;

    private final AppProcess process;
    private final Supplier<Optional<AppDefinition>> definition;
    private final Tell tell;
    private final LongSupplier nanos;
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable Slot kept;
    private String version = "";
    private @Nullable AppDefinition startedAs;
    private Duration pause = FIRST_PAUSE;
    /** Of what is kept, at least for a moment. */
    private boolean ran;

    private long startedAt;
    private long nextStart;
    private long nextProbe;
    private int failures;
    /** Since the last start, and for long enough. */
    private volatile boolean healthy;

    private volatile String unwell = "";

    /** Where it says what it has seen. */
    @FunctionalInterface
    interface Tell {
        void tell(String type, Severity severity, String message);
    }

    Supervisor(AppProcess process, Supplier<Optional<AppDefinition>> definition, Tell tell, LongSupplier nanos) {
        this.process = process;
        this.definition = definition;
        this.tell = tell;
        this.nanos = nanos;
    }

    /** From now on this slot is kept running; what runs of it already goes on. */
    void keep(@Nullable Slot slot, String versionInIt) {
        lock.lock();
        try {
            if (slot == kept && version.equals(versionInIt)) {
                return;
            }
            kept = slot;
            version = versionInIt;
            startedAs = definition.get().orElse(null);
            pause = FIRST_PAUSE;
            nextStart = nanos.getAsLong();
            startedAt = nanos.getAsLong();
            nextProbe = nanos.getAsLong();
            failures = 0;
            ran = false;
            healthy = false;
            unwell = "";
        } finally {
            lock.unlock();
        }
    }

    /** From now on nothing is started. */
    void letGo() {
        keep(null, "");
    }

    /** What is wrong with the application that is kept; empty when nothing is. */
    String unwell() {
        return unwell;
    }

    /** Whether it is known how the application is, as it is to be run now. */
    boolean settled() {
        lock.lock();
        try {
            AppDefinition wanted = definition.get().orElse(null);
            boolean known = wanted == null || (healthy && wanted.equals(startedAs));
            return kept == null || !unwell.isEmpty() || known;
        } finally {
            lock.unlock();
        }
    }

    /** Ends it; it is started again at once. False when nothing is kept. */
    boolean restart() throws IOException, InterruptedException {
        lock.lock();
        try {
            if (kept == null) {
                return false;
            }
            endToStartAgain();
            pause = FIRST_PAUSE;
            tick();
            return true;
        } finally {
            lock.unlock();
        }
    }

    private void endToStartAgain() throws IOException, InterruptedException {
        process.end(grace());
        ran = false;
        nextStart = nanos.getAsLong();
    }

    /** To be called every second or so. */
    void tick() throws IOException, InterruptedException {
        lock.lock();
        try {
            process.boundLog();
            Slot slot = kept;
            if (slot == null) {
                return;
            }
            if (!process.runs(slot)) {
                startAgain(slot);
            } else if (!Objects.equals(definition.get().orElse(null), startedAs)) {
                endToStartAgain();
            } else {
                ran = true;
                look(slot);
            }
        } finally {
            lock.unlock();
        }
    }

    private void startAgain(Slot slot) throws IOException, InterruptedException {
        long now = nanos.getAsLong();
        if (now - nextStart < 0) {
            return;
        }
        Optional<AppDefinition> known = definition.get();
        if (known.isEmpty()) {
            unwell = ""; // it is not to run any more
            return;
        }
        if (ran && unwell.isEmpty()) {
            unwell = process.ended(slot).orElse("it ended");
            tell.tell("app.ended", Severity.ERROR, unwell + "; it is started again");
        }
        if (now - startedAt >= LONG_ENOUGH.toNanos()) {
            pause = FIRST_PAUSE;
        }
        Optional<String> left = process.end(known.get().stop());
        if (left.isPresent()) {
            unwell = left.get();
            later(now);
            return;
        }
        startedAs = known.get();
        startedAt = now;
        later(now);
        failures = 0;
        healthy = false;
        nextProbe = now + known.get().health().interval().toNanos();
        try {
            process.start(slot, known.get(), version);
            ran = true;
        } catch (IOException e) {
            unwell = "it cannot be started: " + e.getMessage();
        }
    }

    private void later(long now) {
        nextStart = now + pause.toNanos();
        Duration doubled = pause.multipliedBy(2);
        pause = doubled.compareTo(LONGEST_PAUSE) < 0 ? doubled : LONGEST_PAUSE;
    }

    private void look(Slot slot) throws IOException, InterruptedException {
        long now = nanos.getAsLong();
        AppDefinition known = startedAs;
        if (known == null || now - nextProbe < 0) {
            return;
        }
        nextProbe = now + known.health().interval().toNanos();
        Optional<String> problem = process.probe(slot, known.health(), version);
        if (problem.isEmpty()) {
            failures = 0;
            // one that ends again and again lives in between, and is not well for that
            healthy = now - startedAt >= known.health().healthyAfter().toNanos();
            unwell = healthy ? "" : unwell;
            return;
        }
        boolean starting =
                !healthy && now - startedAt < known.health().timeout().toNanos();
        if (!starting && ++failures >= FAILURES) {
            if (unwell.isEmpty()) {
                tell.tell("app.unhealthy", Severity.ERROR, problem.get());
            }
            unwell = problem.get();
        }
        boolean tooLong = failures >= FAILURES
                && now - startedAt >= known.health().timeout().toNanos();
        if (tooLong) {
            tell.tell("app.restarted", Severity.ERROR, problem.get() + "; it is started again");
            process.end(known.stop());
            later(now);
        }
    }

    private Duration grace() {
        return Optional.ofNullable(startedAs).map(AppDefinition::stop).orElse(Duration.ofSeconds(10));
    }
}
