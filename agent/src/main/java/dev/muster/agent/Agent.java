package dev.muster.agent;

import dev.muster.agent.apply.Applying;
import dev.muster.agent.budget.Bandwidth;
import dev.muster.agent.buffer.BufferedOutbound;
import dev.muster.agent.buffer.DiskBuffer;
import dev.muster.agent.command.Tombstone;
import dev.muster.agent.identity.EnrolmentException;
import dev.muster.agent.identity.Identities;
import dev.muster.agent.identity.Identity;
import dev.muster.agent.identity.Renewal;
import dev.muster.agent.link.Outbound;
import dev.muster.agent.logs.LogShipper;
import dev.muster.agent.metrics.HostMetrics;
import dev.muster.agent.session.Link;
import dev.muster.agent.session.LinkFigures;
import dev.muster.agent.settings.AgentSettings;
import dev.muster.agent.slot.Slots;
import dev.muster.agent.state.AssetFacts;
import dev.muster.agent.state.Boot;
import dev.muster.agent.state.StateDirectory;
import dev.muster.agent.work.Intervals;
import dev.muster.agent.work.Work;
import dev.muster.protocol.Severity;
import dev.muster.protocol.Uplink;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The agent's parts, put together: what it reads from the machine goes through the buffer to the link. */
final class Agent implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Agent.class.getName());
    private static final int PROTOCOL = 1;
    private static final List<String> CAPABILITIES = Stream.concat(
                    Stream.of("metrics", "logs"), Applying.CAPABILITIES.stream())
            .toList();
    private static final long RENEWAL_CHECK_SECONDS = 5;
    private static final String EXPIRED = "expired: ";
    private static final long STATUS_SECONDS = 10;
    /** Where the server has no release metadata yet. */
    private static final long TRUST_SECONDS = 3600;

    private final InstantSource clock;
    private final Instant startedAt;
    private final Address mqtt;
    private final StateDirectory state;
    private final Enrolment enrolment;
    private final Identities identities;
    private final Boot boot;
    private final DiskBuffer buffer;
    private final Outbound outbound;
    private final LinkFigures figures;
    private final Applying applying;
    private final Link link;
    private final Work work;
    private final Renewal renewal;
    private final Optional<Long> startedBy = ProcessHandle.current().parent().map(ProcessHandle::pid);
    /** Why there is no newer certificate; empty when nothing is wrong. */
    private volatile String certificateTrouble = "";

    private volatile String releases = "nothing is installed before the server has shown a release root";
    private volatile boolean trustBegun;
    /** What takes moments. */
    private final ScheduledThreadPoolExecutor turns = executor("turns");
    /** What may wait for the network or the disk. */
    private final ScheduledThreadPoolExecutor chores = executor("chores");

    private Agent(
            AgentSettings settings,
            StateDirectory state,
            Enrolment enrolment,
            Identities identities,
            InstantSource clock)
            throws IOException {
        this.clock = clock;
        this.startedAt = clock.instant();
        this.state = state;
        this.enrolment = enrolment;
        this.identities = identities;
        this.boot = Boot.note(state);
        this.buffer = DiskBuffer.open(state.folder("buffer"), settings.get(Catalog.BUFFER_BYTES));
        this.outbound = new BufferedOutbound(buffer);
        this.figures = new LinkFigures(clock);
        AssetFacts facts = new AssetFacts(identities.current().id(), Enrolment.hostname(), Optional.empty(), Map.of());
        Address device = Address.parse(settings.get(Catalog.SERVER), 8443);
        this.mqtt = settings.get(Catalog.MQTT).isEmpty()
                ? new Address(device.host(), 8883)
                : Address.parse(settings.get(Catalog.MQTT), 8883);
        Bandwidth uploads = new Bandwidth(0, System::nanoTime);
        Bandwidth downloads = new Bandwidth(0, System::nanoTime);
        this.work = new Work(
                clock,
                outbound,
                this::offer,
                buffer,
                new HostMetrics(Path.of("/"), state.path()),
                new LogShipper(state, outbound, ZoneId.systemDefault()),
                uploads,
                downloads,
                new Intervals(settings.get(Catalog.HEARTBEAT_SECONDS), settings.get(Catalog.METRICS_SECONDS)));
        this.applying = new Applying(new Applying.Surroundings(
                settings,
                state,
                outbound,
                facts,
                List.of(work.part()),
                downloads,
                work,
                () -> identities.tls(identities.current()).getSocketFactory(),
                () -> figures.snapshot().connectedSince() != null,
                () -> buffer.fill().entries() == 0 || figures.isUnwelcome(),
                "https://" + device + "/",
                Enrolment.tokenText(settings),
                Version.text(),
                boot.bootId(),
                clock,
                Agent::exit));
        this.link = new Link(
                new Link.Server(mqtt.host(), mqtt.port(), identities::tls),
                identities::current,
                buffer,
                uploads,
                applying,
                figures,
                () -> new Uplink.Hello(PROTOCOL, Version.text(), CAPABILITIES),
                clock,
                new SplittableRandom());
        this.renewal = new Renewal(identities.current(), new SplittableRandom());
    }

    /** Returns when everything runs; the agent is enrolled then, and perhaps not connected. */
    static Agent start(AgentSettings settings, StateDirectory state, InstantSource clock)
            throws StartRefusal, IOException, InterruptedException {
        Optional<String> wiped = Tombstone.refusal(state, Enrolment.tokenText(settings));
        if (wiped.isPresent()) {
            throw new StartRefusal(StartRefusal.REFUSED, wiped.get());
        }
        if (settings.get(Applying.UNSIGNED_RELEASES) && settings.isSet(Applying.RELEASE_ROOT)) {
            throw new StartRefusal(
                    StartRefusal.USAGE,
                    "unsigned-releases-for-tests is true and release-root is set; only one of them can be meant");
        }
        Enrolment enrolment = new Enrolment(settings, state, new SplittableRandom());
        Agent agent = new Agent(settings, state, enrolment, enrolment.identities(), clock);
        agent.begin();
        return agent;
    }

    private void begin() throws IOException {
        applying.start();
        outbound.send(new Uplink.Events(List.of(new Uplink.Event(
                now(),
                "agent.started",
                Severity.INFO,
                switch (boot.cause()) {
                    case FIRST_START -> "the agent started for the first time";
                    case SYSTEM_RESTARTED -> "the system was restarted";
                    case AGENT_RESTARTED -> "the agent was restarted, the system was not";
                },
                Map.of(
                        "cause",
                        boot.cause().name().toLowerCase(Locale.ROOT),
                        "bootId",
                        boot.bootId(),
                        "startId",
                        boot.startId())))));
        link.start();
        every(turns, 1, this::turn);
        every(turns, STATUS_SECONDS, this::noteStatus);
        every(chores, RENEWAL_CHECK_SECONDS, this::renewWhenDue);
        every(chores, TRUST_SECONDS, this::beginTrust);
        if (Slots.launched()) {
            every(turns, 1, this::endWithoutLauncher);
        }
    }

    /** The launcher was killed: whoever looks after it starts another one, and its agent could not run beside this one. */
    private void endWithoutLauncher() {
        if (!ProcessHandle.current().parent().map(ProcessHandle::pid).equals(startedBy)) {
            LOG.log(System.Logger.Level.ERROR, "the launcher of this agent is gone; ending, for the next one to start");
            applying.leaveApplicationsRunning();
            Thread.ofPlatform().name("end").start(() -> exit(Slots.START_AGAIN, true));
        }
    }

    private static void exit(int code, boolean inGoodOrder) {
        if (inGoodOrder) {
            System.exit(code);
        } else {
            Runtime.getRuntime().halt(code);
        }
    }

    private void offer(Uplink.Heartbeat heartbeat) {
        link.offer(heartbeat);
    }

    private void turn() {
        try {
            work.turn(System.nanoTime());
            buffer.sync();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "the disk of the state directory fails: {0}", e.getMessage());
        }
    }

    private void noteStatus() {
        try {
            status().write(state);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "the status cannot be noted: {0}", e.getMessage());
        }
    }

    private Status status() {
        Identity identity = identities.current();
        return new Status(
                clock.instant(),
                ProcessHandle.current().pid(),
                Version.text(),
                startedAt,
                identity.id().value(),
                certificate(identity),
                releases,
                identities.keyHome(),
                mqtt.toString(),
                figures.snapshot(),
                buffer.fill(),
                work.usage(),
                work.shedding());
    }

    private String certificate(Identity identity) {
        boolean expired = identity.expiredAt(clock.instant());
        return identity.serial()
                + (expired ? " EXPIRED on " : " until ")
                + identity.expiresAt()
                + (expired || !certificateTrouble.isEmpty() ? ", tried again at " : ", renewed from ")
                + renewal.nextAttempt()
                + (expired || !certificateTrouble.isEmpty() ? ": " + certificateTrouble : " on");
    }

    private void renewWhenDue() {
        Instant now = clock.instant();
        switch (renewal.dueAt(now)) {
            case NOTHING -> {
                if (identities.current().expiredAt(now) && tokenChanged()) {
                    replaceCertificate(now, "enrolled again", () -> enrolment.again(identities));
                }
            }
            case RENEW -> replaceCertificate(now, "renewed", identities::renew);
            case ENROL_AGAIN -> replaceCertificate(now, "enrolled again", () -> enrolment.again(identities));
        }
    }

    private boolean tokenChanged() {
        try {
            return enrolment.tokenChanged();
        } catch (IOException e) {
            return false; // said at the next attempt
        }
    }

    /** Gets another identity. */
    @FunctionalInterface
    private interface Another {
        Identity get() throws EnrolmentException, IOException;
    }

    private void replaceCertificate(Instant now, String how, Another another) {
        try {
            renewal.renewed(another.get());
            certificateTrouble = "";
            LOG.log(System.Logger.Level.INFO, how + ": {0}", identities.current());
            link.identityChanged();
        } catch (EnrolmentException | IOException e) {
            renewal.failed(now);
            Identity current = identities.current();
            boolean expired = current.expiredAt(now);
            boolean first = expired && !certificateTrouble.startsWith(EXPIRED);
            certificateTrouble = (expired ? EXPIRED : "") + e.getMessage();
            LOG.log(
                    expired ? System.Logger.Level.ERROR : System.Logger.Level.WARNING,
                    expired
                            ? "{0}; everything that is measured is buffered, trying again at {2}"
                            : "{0}; the certificate holds until {1}, trying again at {2}",
                    e.getMessage(),
                    current.expiresAt(),
                    renewal.nextAttempt());
            if (first) {
                outbound.send(new Uplink.Events(List.of(new Uplink.Event(
                        now.toEpochMilli(),
                        "agent.certificate.expired",
                        Severity.ERROR,
                        "the certificate expired before it could be renewed",
                        Map.of(
                                "serial",
                                current.serial(),
                                "expiredAt",
                                current.expiresAt().toString())))));
            }
        }
    }

    /** At the enrolment, and later where the server had no root then. */
    private void beginTrust() {
        if (trustBegun) {
            return;
        }
        try {
            String root = applying.beginTrust();
            trustBegun = true;
            releases = root.isEmpty() ? "NOT VERIFIED, for tests only" : "signed below the root " + root;
            if (root.isEmpty()) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "releases are installed unsigned (unsigned-releases-for-tests): whoever holds the server can run anything here");
            } else {
                LOG.log(
                        System.Logger.Level.INFO,
                        "only releases that are signed below the root {0} are installed",
                        root);
            }
        } catch (IOException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "no release is installed before there is a root that signs it: {0}",
                    e.getMessage());
        }
    }

    private long now() {
        return clock.instant().toEpochMilli();
    }

    private static void every(ScheduledThreadPoolExecutor executor, long seconds, Runnable task) {
        executor.scheduleWithFixedDelay(
                () -> {
                    try {
                        task.run();
                    } catch (RuntimeException e) {
                        // The next time may go well; a schedule that ends in silence is worse.
                        LOG.log(System.Logger.Level.ERROR, "a periodic task failed", e);
                    }
                },
                0,
                seconds,
                TimeUnit.SECONDS);
    }

    private static ScheduledThreadPoolExecutor executor(String name) {
        ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        });
        executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        return executor;
    }

    @Override
    public void close() throws IOException, InterruptedException {
        turns.shutdown();
        chores.shutdownNow();
        applying.close();
        turns.awaitTermination(5, TimeUnit.SECONDS);
        link.close();
        work.close();
        buffer.close();
        state.close();
    }
}
