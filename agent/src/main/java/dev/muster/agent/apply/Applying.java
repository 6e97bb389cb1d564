package dev.muster.agent.apply;

import dev.muster.agent.allowed.Allowed;
import dev.muster.agent.budget.Bandwidth;
import dev.muster.agent.budget.HeavyWork;
import dev.muster.agent.command.AssetCommands;
import dev.muster.agent.command.Tombstone;
import dev.muster.agent.command.Wipe;
import dev.muster.agent.config.ConfigPart;
import dev.muster.agent.desired.DesiredDocument;
import dev.muster.agent.desired.DesiredState;
import dev.muster.agent.desired.Handover;
import dev.muster.agent.desired.Wanted;
import dev.muster.agent.download.Download;
import dev.muster.agent.file.FilesPart;
import dev.muster.agent.link.Inbound;
import dev.muster.agent.link.Outbound;
import dev.muster.agent.process.OwnedProcesses;
import dev.muster.agent.settings.AgentSettings;
import dev.muster.agent.settings.Setting;
import dev.muster.agent.slot.AppsPart;
import dev.muster.agent.slot.Slots;
import dev.muster.agent.state.AssetFacts;
import dev.muster.agent.state.StateDirectory;
import dev.muster.agent.upload.Upload;
import dev.muster.protocol.Uplink;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import javax.net.ssl.SSLSocketFactory;

/** The applying half of the agent: what the server wants and commands is done to the asset, and told. */
public final class Applying implements Inbound, AutoCloseable {
    public static final Setting<Path> ALLOW_FILE = Setting.path(
            "allow-file",
            "/etc/muster-agent/allow.yaml",
            "What this asset lets its server do: managed files, applications, programs, reboot, wipe; without the file nothing of it.");
    public static final Setting<String> APPS_DIR = Setting.text(
            "apps-dir",
            "",
            "Folder of the installed applications and of their config.json; empty means apps in the state directory.");
    public static final Setting<Long> CONFIRM_SECONDS = Setting.count(
            "confirm-seconds",
            15,
            1,
            3600,
            "For how long the asset must stay well with a new configuration before it is kept.");
    public static final Setting<Long> PROBATION_SECONDS = Setting.count(
            "probation-seconds",
            300,
            10,
            800,
            "Within which time a new version of the agent must be connected, else the old one runs again.");
    public static final Setting<String> RELEASE_ROOT = new Setting<>(
            "release-root",
            "SHA-256, 64 hexadecimal digits",
            "",
            "SHA-256 of the root.json that signed releases must go back to; empty means the one that the server shows first, at the enrolment.",
            false,
            Applying::hash);
    public static final Setting<Boolean> UNSIGNED_RELEASES = Setting.truth(
            "unsigned-releases-for-tests",
            false,
            "Installs what the server names, signed or not. Only for tests: whoever gets hold of the server can run anything.");
    public static final Setting<String> RELEASE_METADATA = Setting.text(
            "release-metadata",
            "",
            "URL of the folder with the release metadata, ends with a slash; empty means the server's.");
    public static final Setting<String> HARDWARE =
            Setting.text("hardware", "", "Name of this hardware, as releases that are made for some hardware name it.");
    public static final List<Setting<?>> SETTINGS = List.of(
            ALLOW_FILE,
            APPS_DIR,
            CONFIRM_SECONDS,
            PROBATION_SECONDS,
            RELEASE_ROOT,
            RELEASE_METADATA,
            UNSIGNED_RELEASES,
            HARDWARE);

    /** What a hello says of it. */
    public static final List<String> CAPABILITIES = List.of("config", "update", "commands");

    /** Exit code of an agent that has wiped its asset: not to be started again. */
    public static final int WIPED = 3;

    /** For how long a new version of the agent must be connected. */
    /** One after another without a new byte: with the pauses between them a quarter of an hour. */
    private static final int UPLOAD_FAILURES = 9;

    private static final Duration STEADY = Duration.ofSeconds(10);

    private static final int MAX_DOCUMENT_SECONDS = 60;

    private final StateDirectory state;
    private final Path apps;
    private final Slots slots;
    private final FilesPart files;
    private final DesiredState desired;
    private final AssetCommands commands;
    private final boolean wiping;
    private volatile boolean startingAgain;

    /**
     * What the rest of the agent gives.
     *
     * @param parts of the configuration that are its own
     * @param tls with the asset's certificate, asked for anew each time
     * @param connected whether a session with the server stands
     * @param delivered whether the server has acknowledged everything that it was told, or lets this asset in no more
     * @param device URL of the server's device HTTPS, ends with a slash
     * @param token the claim token that is configured
     * @param ending ends the agent
     */
    public record Surroundings(
            AgentSettings settings,
            StateDirectory state,
            Outbound outbound,
            AssetFacts facts,
            List<ConfigPart> parts,
            Bandwidth bandwidth,
            HeavyWork heavyWork,
            Supplier<SSLSocketFactory> tls,
            BooleanSupplier connected,
            BooleanSupplier delivered,
            String device,
            Optional<String> token,
            String version,
            String bootId,
            InstantSource clock,
            Ending ending) {}

    /** Ends the process. */
    @FunctionalInterface
    public interface Ending {
        /** @param inGoodOrder false when nothing may be written any more */
        void exit(int code, boolean inGoodOrder);
    }

    /** @throws IOException also when the allow file has problems, with all of them */
    public Applying(Surroundings agent) throws IOException {
        if (!OwnedProcesses.supported()) {
            throw new IOException(
                    "this system has no /proc, by which the processes of applications are found; Linux is needed");
        }
        this.state = agent.state();
        Allowed allowed = Allowed.read(agent.settings().get(ALLOW_FILE));
        this.apps = Files.createDirectories(folder(agent.settings()));
        Download download = new Download(
                URI.create(agent.device()),
                agent.tls(),
                agent.bandwidth(),
                agent.heavyWork(),
                Download.Bounds.usual(),
                Thread::sleep);
        this.slots = Slots.of(
                new Slots.Place(state, apps),
                download,
                new Slots.Signatures(
                        !agent.settings().get(UNSIGNED_RELEASES),
                        Optional.of(agent.settings().get(RELEASE_ROOT)).filter(root -> !root.isEmpty()),
                        agent.settings().get(HARDWARE),
                        URI.create(
                                agent.settings().get(RELEASE_METADATA).isEmpty()
                                        ? URI.create(agent.device())
                                                .resolve("/v1/tuf/")
                                                .toString()
                                        : agent.settings().get(RELEASE_METADATA)),
                        agent.tls()),
                new Slots.Itself(
                        agent.version(),
                        agent.connected(),
                        STEADY,
                        Duration.ofSeconds(agent.settings().get(PROBATION_SECONDS)),
                        () -> startAgain(agent)),
                this::changed,
                event -> tell(agent.outbound(), event));
        AssetPart asset = new AssetPart(agent.facts());
        this.files = new FilesPart(state, allowed, asset, event -> tell(agent.outbound(), event));
        List<ConfigPart> parts = new ArrayList<>();
        parts.add(asset);
        parts.addAll(agent.parts());
        parts.add(files);
        parts.add(new AppsPart(allowed, slots));
        this.desired = new DesiredState(
                state,
                parts,
                new Handover(apps.resolve("config.json"), allowed.onConfigChange()),
                new Components(slots),
                agent.outbound(),
                agent.connected(),
                where -> fetch(download, where),
                DesiredState.Timing.of(Duration.ofSeconds(agent.settings().get(CONFIRM_SECONDS))),
                agent.bootId(),
                System::nanoTime);
        Wipe wipe = new Wipe(state, allowed.wipe(), this::erase, agent.delivered(), () -> last(agent));
        Upload upload = new Upload(
                URI.create(agent.device()),
                agent.tls(),
                agent.bandwidth(),
                agent.heavyWork(),
                UPLOAD_FAILURES,
                Thread::sleep);
        this.commands = new AssetCommands(
                state, allowed, slots, upload, agent.version(), wipe, agent.outbound(), agent.clock());
        this.wiping = Wipe.begun(state);
    }

    private static String hash(String text) {
        if (!text.isEmpty() && !text.matches("[0-9a-f]{64}")) {
            throw new IllegalArgumentException("must be 64 lower-case hexadecimal digits");
        }
        return text;
    }

    private Path folder(AgentSettings settings) {
        String given = settings.get(APPS_DIR);
        return given.isEmpty()
                ? state.path().resolve("apps")
                : Path.of(given).toAbsolutePath().normalize();
    }

    /** Returns when the last good configuration is in effect again; an asset that is being wiped starts nothing any more. */
    public void start() throws IOException {
        if (!wiping) {
            desired.start();
            slots.start();
        }
        commands.start();
    }

    /** From now on an end of this agent ends no application: the next agent takes them over. */
    public void leaveApplicationsRunning() {
        startingAgain = true;
    }

    /** @see Slots#beginTrust */
    public String beginTrust() throws IOException {
        return slots.beginTrust();
    }

    /** Ends this agent for another version of it; applications go on running. */
    private void startAgain(Surroundings agent) throws InterruptedException {
        leaveApplicationsRunning();
        Thread.ofPlatform().name("start again").start(() -> agent.ending().exit(Slots.START_AGAIN, true));
        Thread.sleep(Duration.ofDays(1)); // ended before
    }

    private void changed() {
        desired.changed();
    }

    private static void tell(Outbound outbound, Uplink.Event event) {
        outbound.send(new Uplink.Events(List.of(event)));
    }

    private byte[] fetch(Download download, DesiredDocument.Message.Elsewhere where)
            throws IOException, InterruptedException {
        Path file = state.folder("download").resolve("desired");
        long until =
                System.nanoTime() + Duration.ofSeconds(MAX_DOCUMENT_SECONDS).toNanos();
        Optional<String> failure = download.fetch(
                new Download.Source(where.url(), where.sha256(), null),
                file,
                percent -> {},
                () -> System.nanoTime() - until > 0);
        if (failure.isPresent()) {
            throw new IOException("desired state of generation " + where.generation() + ": " + failure.get());
        }
        if (Files.size(file) > DesiredDocument.MAX_BYTES) {
            Files.delete(file);
            throw new IOException("desired state of generation " + where.generation() + " has more than "
                    + DesiredDocument.MAX_BYTES + " bytes");
        }
        return Files.readAllBytes(file);
    }

    @Override
    public void connected() {
        if (!wiping) {
            desired.connected();
        }
    }

    @Override
    public void desired(byte[] document) {
        if (!wiping) {
            desired.desired(document);
        }
    }

    @Override
    public void command(byte[] payload) {
        commands.take(payload);
    }

    private void erase() throws IOException, InterruptedException {
        desired.close();
        slots.close();
        slots.endAll();
        files.giveEverythingBack();
        slots.deleteAll();
    }

    private void last(Surroundings agent) {
        try {
            Tombstone.leave(
                    state,
                    agent.facts().id().value(),
                    agent.token(),
                    agent.clock().instant());
        } catch (IOException e) {
            System.getLogger(Applying.class.getName())
                    .log(
                            System.Logger.Level.ERROR,
                            "the rest of the wipe failed; the next start of the agent takes it away",
                            e);
        }
        agent.ending().exit(WIPED, false); // an end in good order would write anew what was taken away
    }

    /** Stops working and ends the applications; when another version of the agent is started, they go on running for it. */
    @Override
    public void close() throws IOException {
        desired.close();
        slots.close();
        commands.close();
        if (startingAgain) {
            return;
        }
        try {
            slots.endAll();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private record Components(Slots slots) implements DesiredState.Software {
        @Override
        public void want(Map<String, Wanted> software) {
            slots.want(software);
        }

        @Override
        public Map<String, String> versions() {
            return slots.software();
        }

        @Override
        public Map<String, Uplink.Update> updates() {
            return slots.updates();
        }

        @Override
        public Map<String, String> unwell() {
            return slots.unwell();
        }

        @Override
        public boolean settled() {
            return slots.settled();
        }
    }
}
