package dev.muster.agent.slot;

import dev.muster.agent.desired.Wanted;
import dev.muster.agent.download.Download;
import dev.muster.agent.slot.SlotRecord.Change;
import dev.muster.agent.state.StateDirectory;
import dev.muster.protocol.Severity;
import dev.muster.protocol.Uplink;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/** All applications of an asset: each has two slots, a thread that changes them, and one that keeps the active one running. */
public final class Slots implements AutoCloseable {
    private static final int MAX_COMPONENTS = 256;
    private static final Duration TICK = Duration.ofSeconds(1);
    private static final Duration RETRY = Duration.ofSeconds(10);

    private final StateDirectory state;
    private final Path folder;
    private final AppWorld.Artifacts artifacts;
    private final @Nullable Itself itself;
    private final Runnable changed;
    private final Consumer<Uplink.Event> events;
    private final CrashPoint.Observer crashes;
    private final Map<String, Component> components = new ConcurrentHashMap<>();
    private volatile Map<String, AppDefinition> definitions = Map.of();
    private volatile boolean closed;

    /** Whether this process was started by the launcher of an installation, which starts it again when it ends so. */
    public static boolean launched() {
        return AgentHome.ofThisProcess().isPresent();
    }

    /** Exit code of an agent that wants to be started again, as another version of itself. */
    public static final int START_AGAIN = AgentHome.START_AGAIN;

    /** @param apps where applications are installed */
    public record Place(StateDirectory state, Path apps) {}

    /**
     * The agent as one of the components.
     *
     * @param connected whether a session with the server stands
     * @param steady for how long a new version must be connected
     * @param probation within which it must have been
     * @param startAgain ends the agent with {@link #START_AGAIN}, and leaves applications running
     */
    public record Itself(
            String version, BooleanSupplier connected, Duration steady, Duration probation, Restart startAgain) {}

    /** Ends the agent and does not return. */
    @FunctionalInterface
    public interface Restart {
        void restart() throws InterruptedException;
    }

    /**
     * What the release metadata must say before something is installed.
     *
     * @param demanded whether releases must be signed at all
     * @param rootSha256 of the root that is trusted; empty for the first that the server shows
     * @param hardware of this asset; empty where it is not known
     * @param metadata the folder of the metadata files, ends with a slash
     */
    public record Signatures(
            boolean demanded,
            Optional<String> rootSha256,
            String hardware,
            URI metadata,
            Supplier<SSLSocketFactory> tls) {}

    /**
     * @param changed told after each change of what is reported; from several threads
     * @param events told of what happens to applications
     */
    public static Slots of(
            Place place,
            Download download,
            Signatures signatures,
            Itself itself,
            Runnable changed,
            Consumer<Uplink.Event> events)
            throws IOException {
        AppWorld.Trust trust = signatures.demanded()
                ? new SignedReleases(
                        place.state().folder("trust"),
                        signatures.rootSha256(),
                        signatures.hardware(),
                        SignedReleases.below(signatures.metadata(), signatures.tls()),
                        Clock.systemUTC(),
                        Thread::sleep)
                : (component, wanted) -> Optional.empty();
        AppWorld.Artifacts artifacts = new AppWorld.Artifacts(download, Unpacking.Bounds.usual(), trust);
        return new Slots(place.state(), place.apps(), artifacts, itself, changed, events, CrashPoint.NOBODY);
    }

    Slots(
            StateDirectory state,
            Path folder,
            AppWorld.Artifacts artifacts,
            @Nullable Itself itself,
            Runnable changed,
            Consumer<Uplink.Event> events,
            CrashPoint.Observer crashes) {
        this.state = state;
        this.folder = folder;
        this.artifacts = artifacts;
        this.itself = itself;
        this.changed = changed;
        this.events = events;
        this.crashes = crashes;
    }

    /** How applications are run; takes effect on those that run. To be called before {@link #start} for the first time. */
    public void define(Map<String, AppDefinition> apps) {
        definitions = Map.copyOf(apps);
    }

    /**
     * Fixes the root that signed releases must go back to, where it is not fixed yet.
     *
     * @return its SHA-256; empty where nothing has to be signed
     * @throws IOException when it cannot be had, or there is none yet
     */
    public String beginTrust() throws IOException {
        return artifacts.beginTrust();
    }

    /** Goes on with what the last agent was at. */
    public void start() throws IOException {
        if (itself != null && AgentHome.ofThisProcess().isPresent()) {
            component(AgentHome.COMPONENT);
        }
        Path records = state.folder(SlotStore.FOLDER);
        try (Stream<Path> files = Files.list(records)) {
            for (Path file : files.sorted().toList()) {
                String name = file.getFileName().toString();
                if (name.endsWith(".json") && !name.endsWith(".run.json")) {
                    component(name.substring(0, name.length() - ".json".length()));
                }
            }
        }
    }

    /** Components that are not named any more stay as they are. */
    public void want(Map<String, Wanted> software) {
        software.forEach((name, wanted) -> component(name).want(wanted));
    }

    private Component component(String name) {
        return components.computeIfAbsent(name, missing -> {
            if (components.size() >= MAX_COMPONENTS) {
                throw new IllegalStateException("at most " + MAX_COMPONENTS + " components are possible on one asset");
            }
            try {
                return new Component(name);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    /** The version that runs, by component. */
    public Map<String, String> software() {
        Map<String, String> versions = new TreeMap<>();
        components.forEach((name, component) -> {
            SlotRecord.Installed running = component.worker.current().running();
            if (running != null) {
                versions.put(name, running.version());
            }
        });
        return versions;
    }

    /** The last change of each component, as it is reported. */
    public Map<String, Uplink.Update> updates() {
        Map<String, Uplink.Update> updates = new TreeMap<>();
        components.forEach((name, component) -> {
            Change change = component.worker.current().change();
            if (change != null) {
                updates.put(name, update(change, component.worker.progress()));
            }
        });
        return updates;
    }

    private static Uplink.Update update(Change change, int progress) {
        Uplink.Update.State state = switch (change.phase()) {
            case NOTIFIED -> Uplink.Update.State.NOTIFIED;
            case DOWNLOADING, UNPACKING -> Uplink.Update.State.DOWNLOADING;
            case STOPPING -> Uplink.Update.State.INSTALLED;
            case VERIFYING, BACKING_OUT, GOING_BACK -> Uplink.Update.State.VERIFYING;
            case SUCCEEDED -> Uplink.Update.State.SUCCEEDED;
            case FAILED -> Uplink.Update.State.FAILED;
            case ROLLED_BACK -> Uplink.Update.State.ROLLED_BACK;
        };
        Integer percent = switch (change.phase()) {
            case DOWNLOADING -> progress;
            case UNPACKING -> 100;
            default -> null;
        };
        return new Uplink.Update(
                change.wanted().version(),
                state,
                percent,
                change.reason() == null ? null : cut(change.reason()),
                change.previous(),
                change.wanted().attempt());
    }

    private static String cut(String text) {
        return text.length() <= 1000 ? text : text.substring(0, 999) + "…";
    }

    /** What is not well, by component, in words. */
    public Map<String, String> unwell() {
        Map<String, String> unwell = new TreeMap<>();
        components.forEach((name, component) -> {
            String what = component.supervisor.unwell();
            if (!what.isEmpty()) {
                unwell.put(name, what);
            }
        });
        return unwell;
    }

    /** Whether it is known of every application how it is, as it is to be run now. */
    public boolean settled() {
        return components.values().stream().allMatch(component -> component.supervisor.settled());
    }

    /** @return why not; empty when it was */
    public Optional<String> restart(String name) throws InterruptedException {
        Component component = components.get(name);
        if (component == null) {
            return Optional.of("there is no component " + name + " on this asset; there are "
                    + String.join(", ", new TreeMap<>(components).keySet()));
        }
        try {
            return component.supervisor.restart()
                    ? Optional.empty()
                    : Optional.of("component " + name + " does not run, or is being changed at the moment");
        } catch (IOException e) {
            return Optional.of("component " + name + " cannot be restarted: " + e.getMessage());
        }
    }

    /** The output of an application, for collecting. */
    public Map<String, Path> logs() {
        Map<String, Path> logs = new TreeMap<>();
        components.forEach((name, component) -> logs.put(name, component.process.log()));
        return logs;
    }

    /** Stops working. What runs goes on running, and is taken over by the next agent. */
    @Override
    public void close() {
        closed = true;
        components.values().forEach(Component::interrupt);
        components.values().forEach(Component::join);
    }

    /** Ends every application; after {@link #close}. */
    public void endAll() throws IOException, InterruptedException {
        List<String> left = new ArrayList<>();
        for (Component component : components.values()) {
            component
                    .process
                    .end(component.definition().map(AppDefinition::stop).orElse(TICK))
                    .ifPresent(left::add);
        }
        if (!left.isEmpty()) {
            throw new IOException(String.join("; ", left));
        }
    }

    /** Everything of applications that is on the disk is taken away; after {@link #endAll}. */
    public void deleteAll() throws IOException {
        Unpacking.delete(folder);
    }

    /** One component and its two threads. */
    private final class Component {
        private final String name;
        private final AppProcess process;
        private final Supervisor supervisor;
        private final SlotWorker worker;
        private final Semaphore wake = new Semaphore(0);
        private final List<Thread> threads = new ArrayList<>();

        Component(String name) throws IOException {
            this.name = name;
            Path own = folder.resolve(name);
            Files.createDirectories(own);
            this.process = new AppProcess(state, name, own, crashes);
            this.supervisor = new Supervisor(process, this::definition, this::tell, System::nanoTime);
            Optional<AgentHome> home = name.equals(AgentHome.COMPONENT) ? AgentHome.ofThisProcess() : Optional.empty();
            SlotWorld world = itself != null && home.isPresent()
                    ? agent(home.get(), itself)
                    : new AppWorld(name, own, process, supervisor, this::definition, this::slots, artifacts, crashes);
            this.worker = new SlotWorker(new SlotStore(state, name), world, crashes, same -> changed.run());
            if (itself != null && home.isPresent()) {
                String version = itself.version();
                worker.start(slots -> AgentWorld.asItRuns(slots, home.get().running(), version));
            } else {
                worker.start();
            }
            threads.add(Thread.ofVirtual().name("slots of " + name).start(this::change));
            threads.add(Thread.ofVirtual().name("keeper of " + name).start(this::keep));
        }

        private SlotWorld agent(AgentHome home, Itself itself) {
            return new AgentWorld(
                    home,
                    this::slots,
                    artifacts,
                    itself.connected(),
                    new AgentWorld.Probation(itself.steady(), itself.probation()),
                    itself.startAgain()::restart,
                    crashes);
        }

        private Optional<AppDefinition> definition() {
            return Optional.ofNullable(definitions.get(name));
        }

        private SlotRecord slots() {
            return worker.current();
        }

        void want(Wanted wanted) {
            worker.want(wanted);
            wake.release();
        }

        private void change() {
            try {
                while (!closed) {
                    wake.drainPermits();
                    changeUntilSettled();
                    wake.acquire();
                }
            } catch (InterruptedException e) {
                // closed
            }
        }

        private void changeUntilSettled() throws InterruptedException {
            do {
                try {
                    worker.round();
                } catch (IOException | RuntimeException e) {
                    if (closed) {
                        return; // interrupted in a file: the next agent goes on as after a kill
                    }
                    tell("app.change.failed", Severity.ERROR, "the change of " + name + " cannot go on: " + e);
                    wake.tryAcquire(RETRY.toMillis(), TimeUnit.MILLISECONDS);
                }
            } while (!closed && worker.restless());
            if (!closed) {
                roundToKeep();
            }
        }

        private void roundToKeep() throws InterruptedException {
            try {
                worker.round();
            } catch (IOException e) {
                if (!closed) {
                    tell("app.change.failed", Severity.ERROR, e.toString());
                }
            }
        }

        private void keep() {
            boolean wasWell = true;
            try {
                while (!closed) {
                    try {
                        supervisor.tick();
                    } catch (IOException | RuntimeException e) {
                        if (closed) {
                            return;
                        }
                        tell("app.keep.failed", Severity.ERROR, name + " cannot be looked after: " + e);
                        Thread.sleep(RETRY);
                    }
                    boolean well = supervisor.unwell().isEmpty();
                    if (well && !wasWell) {
                        tell("app.well", Severity.INFO, name + " is well again");
                    }
                    wasWell = well;
                    Thread.sleep(TICK);
                }
            } catch (InterruptedException e) {
                // closed
            }
        }

        private void tell(String type, Severity severity, String message) {
            events.accept(new Uplink.Event(
                    System.currentTimeMillis(), type, severity, cut(message), Map.of("component", name)));
        }

        void interrupt() {
            threads.forEach(Thread::interrupt);
        }

        void join() {
            try {
                for (Thread thread : threads) {
                    thread.join(Duration.ofSeconds(10));
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
