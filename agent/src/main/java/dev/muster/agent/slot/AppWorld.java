package dev.muster.agent.slot;

import dev.muster.agent.desired.Wanted;
import dev.muster.agent.download.Download;
import dev.muster.agent.state.StateDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The real world of an application: {@code APPS/NAME/} with the slots {@code a} and {@code b}, {@code current} that leads to
 * the active one, {@code data} that stays, {@code log}, and {@code download}.
 */
final class AppWorld implements SlotWorld {
    private static final Duration LOOK = Duration.ofMillis(200);
    private static final Duration RETRY = Duration.ofSeconds(5);
    /** So many times its size must be free for an artifact to be kept: two slots and a download need some. */
    private static final int ROOM = 4;

    private final String component;
    private final Path folder;
    private final AppProcess process;
    private final Supervisor supervisor;
    private final Supplier<Optional<AppDefinition>> definition;
    private final Supplier<SlotRecord> slots;
    private final Artifacts artifacts;
    private final CrashPoint.Observer crashes;

    /** @param slots as they are recorded at this moment */
    AppWorld(
            String component,
            Path folder,
            AppProcess process,
            Supervisor supervisor,
            Supplier<Optional<AppDefinition>> definition,
            Supplier<SlotRecord> slots,
            Artifacts artifacts,
            CrashPoint.Observer crashes) {
        this.component = component;
        this.folder = folder;
        this.process = process;
        this.supervisor = supervisor;
        this.definition = definition;
        this.slots = slots;
        this.artifacts = artifacts;
        this.crashes = crashes;
    }

    @Override
    public Optional<String> check(Wanted wanted) {
        if (definition.get().isEmpty()) {
            return Optional.of("this asset does not know how " + component
                    + " is run; it can be added to apps in the asset's allow file");
        }
        return artifacts.check(wanted);
    }

    @Override
    public Optional<String> fetch(Wanted wanted, IntConsumer percent, BooleanSupplier superseded)
            throws InterruptedException {
        return artifacts.fetch(component, wanted, kept(), downloads(), percent, superseded, crashes);
    }

    @Override
    public Optional<String> unpack(Wanted wanted, Slot into) {
        Path slot = process.slot(into);
        Path unfinished = folder.resolve(into.folder() + ".new");
        try {
            Unpacking.delete(unfinished);
            artifacts.unpack(
                    wanted, downloads(), unfinished, component, () -> crashes.passed(CrashPoint.PARTLY_UNPACKED));
            crashes.passed(CrashPoint.UNPACKED_UNDER_ANOTHER_NAME);
            Unpacking.delete(slot);
            Files.move(unfinished, slot, StandardCopyOption.ATOMIC_MOVE);
            StateDirectory.sync(folder);
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(message(e));
        }
    }

    @Override
    public Optional<String> stop() throws InterruptedException {
        supervisor.letGo();
        try {
            return process.end(definition.get().map(AppDefinition::stop).orElse(RETRY));
        } catch (IOException e) {
            return Optional.of(message(e));
        }
    }

    @Override
    public Optional<String> start(Slot slot) throws InterruptedException {
        supervisor.letGo();
        try {
            link(slot);
            if (process.runs(slot)) {
                return Optional.empty();
            }
            Optional<AppDefinition> known = definition.get();
            if (known.isEmpty()) {
                return Optional.of("this asset does not know any more how " + component + " is run");
            }
            Optional<String> left = process.end(known.get().stop());
            if (left.isEmpty()) {
                process.start(slot, known.get(), version(slot));
            }
            return left;
        } catch (IOException e) {
            return Optional.of("it cannot be started: " + message(e));
        }
    }

    private String version(Slot slot) {
        SlotRecord.Installed installed = slots.get().in(slot);
        return installed == null ? "" : installed.version();
    }

    /** For people and scripts; what counts is the record. */
    private void link(Slot slot) throws IOException {
        Path link = folder.resolve("current");
        Path target = Path.of(slot.folder());
        if (Files.isSymbolicLink(link) && Files.readSymbolicLink(link).equals(target)) {
            return;
        }
        Path beside = folder.resolve("current.new");
        Files.deleteIfExists(beside);
        Files.createSymbolicLink(beside, target);
        Files.move(beside, link, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        StateDirectory.sync(folder);
    }

    @Override
    public Optional<String> verify(Slot slot) throws InterruptedException {
        AppDefinition.Health health =
                definition.get().map(AppDefinition::health).orElse(null);
        if (health == null) {
            return Optional.of("this asset does not know any more how " + component + " is run");
        }
        Probation probation = new Probation(health, System.nanoTime());
        long nextProbe = System.nanoTime();
        Optional<String> problem = Optional.of("it was not looked at yet");
        while (true) {
            try {
                if (System.nanoTime() - nextProbe >= 0) {
                    problem = process.probe(slot, health, version(slot));
                    nextProbe = System.nanoTime() + health.interval().toNanos();
                }
                Optional<Probation.Verdict> verdict = probation.seen(System.nanoTime(), process.ended(slot), problem);
                if (verdict.isPresent()) {
                    return verdict.get().problem();
                }
            } catch (IOException e) {
                return Optional.of(message(e));
            }
            Thread.sleep(LOOK);
        }
    }

    @Override
    public void keep(@Nullable Slot slot) {
        supervisor.keep(slot, slot == null ? "" : version(slot));
        try {
            if (slot != null && Files.isDirectory(folder)) {
                link(slot);
            }
            SlotRecord.Change change = slots.get().change();
            if (change != null && change.phase() != SlotRecord.Phase.FAILED) {
                if (change.phase() == SlotRecord.Phase.SUCCEEDED) {
                    keepArtifact(change.wanted());
                }
                Unpacking.delete(downloads());
            }
        } catch (IOException e) {
            // tried again when the agent starts; neither of it changes what runs
            System.getLogger(AppWorld.class.getName())
                    .log(System.Logger.Level.WARNING, "tidying up after " + component, e);
        }
    }

    @Override
    public void pause() throws InterruptedException {
        Thread.sleep(RETRY);
    }

    private Path downloads() {
        return folder.resolve("download");
    }

    /** The artifact of what was installed last, from which the next one may be made; where there is room for it. */
    private void keepArtifact(Wanted installed) throws IOException {
        Path fetched = downloads().resolve(String.valueOf(installed.sha256()));
        if (Files.isRegularFile(fetched)) {
            Unpacking.delete(artifacts());
            if (Files.getFileStore(fetched).getUsableSpace() >= ROOM * Files.size(fetched)) {
                Files.createDirectories(artifacts());
                Files.move(fetched, artifacts().resolve(fetched.getFileName()), StandardCopyOption.ATOMIC_MOVE);
            }
        }
    }

    private Optional<Path> kept() {
        if (!Files.isDirectory(artifacts())) {
            return Optional.empty();
        }
        try (Stream<Path> files = Files.list(artifacts())) {
            return files.findFirst();
        } catch (IOException e) {
            return Optional.empty(); // the whole is fetched
        }
    }

    private Path artifacts() {
        return folder.resolve("artifact");
    }

    /** What is needed of artifacts: which are acceptable, where they come from, what is in them. */
    static final class Artifacts {
        private final Download download;
        private final Unpacking.Bounds bounds;
        private final Trust trust;

        Artifacts(Download download, Unpacking.Bounds bounds, Trust trust) {
            this.download = download;
            this.bounds = bounds;
            this.trust = trust;
        }

        String beginTrust() throws IOException {
            return trust.begin();
        }

        Optional<String> check(Wanted wanted) {
            if (wanted.url() == null || wanted.sha256() == null) {
                return Optional.of("the desired state does not say where it comes from: url and sha256 are needed");
            }
            return Optional.empty();
        }

        /** @param base of an earlier version, named by its SHA-256 */
        Optional<String> fetch(
                String component,
                Wanted wanted,
                Optional<Path> base,
                Path folder,
                IntConsumer percent,
                BooleanSupplier superseded,
                CrashPoint.Observer crashes)
                throws InterruptedException {
            if (wanted.url() == null || wanted.sha256() == null) {
                return check(wanted);
            }
            Optional<String> distrust = trust.problem(component, wanted);
            if (distrust.isPresent()) {
                return distrust;
            }
            try {
                Files.createDirectories(folder);
                deleteOthers(folder, wanted.sha256());
            } catch (IOException e) {
                return Optional.of(message(e));
            }
            Halfway halfway = new Halfway(percent, crashes);
            return download.fetch(
                    new Download.Source(wanted.url(), wanted.sha256(), wanted.size()),
                    base,
                    file(folder, wanted),
                    halfway,
                    superseded);
        }

        /** Parts of other versions: at most one download is kept per component. */
        private static void deleteOthers(Path folder, String sha256) throws IOException {
            try (Stream<Path> files = Files.list(folder)) {
                for (Path file : files.toList()) {
                    if (!file.getFileName().toString().startsWith(sha256)) {
                        Files.delete(file);
                    }
                }
            }
        }

        void unpack(Wanted wanted, Path folder, Path into, String name, Runnable afterEachEntry) throws IOException {
            try {
                new Unpacking(into, bounds, afterEachEntry).unpack(file(folder, wanted), name);
            } catch (NoSuchFileException e) {
                throw new IOException("the fetched file " + e.getFile() + " is gone", e);
            }
        }

        private static Path file(Path folder, Wanted wanted) {
            return folder.resolve(wanted.sha256() == null ? "unknown" : wanted.sha256());
        }
    }

    /** Whether the release metadata of the server's owner vouches for a version, beyond the server itself. */
    @FunctionalInterface
    interface Trust {
        /** Why it is not to be installed; empty when it may be. */
        Optional<String> problem(String component, Wanted wanted) throws InterruptedException;

        /**
         * Fixes from where on trust goes, once and for all.
         *
         * @return the SHA-256 of the root
         * @throws IOException when it cannot be had, or there is none yet
         */
        default String begin() throws IOException {
            return "";
        }
    }

    private static final class Halfway implements IntConsumer {
        private final IntConsumer percent;
        private final CrashPoint.Observer crashes;
        private int before;

        Halfway(IntConsumer percent, CrashPoint.Observer crashes) {
            this.percent = percent;
            this.crashes = crashes;
        }

        @Override
        public void accept(int now) {
            percent.accept(now);
            if (before < 50 && now >= 50) {
                crashes.passed(CrashPoint.HALF_FETCHED);
            }
            before = now;
        }
    }

    private static String message(IOException e) {
        return Optional.ofNullable(e.getMessage())
                .filter(text -> !text.isBlank())
                .orElse(e.toString());
    }
}
