package dev.muster.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Small file systems in memory under a server's data directory: one for each of its three stores and one for the rest. Somebody else fills
 * them to the last byte, takes what becomes free meanwhile, and frees them.
 *
 * <p>To be used in a mount namespace of one's own ({@code unshare --mount}, for others than root {@code --map-root-user} as well): the
 * file systems end with its last process.
 */
final class SmallDisks {
    private static final String BALLAST = "somebody-elses";
    private static final int BLOCK = 64 << 10;
    private static final int LAST_BYTES = 512;
    private static final long AGAIN_MILLIS = 20;

    /** What is full. */
    enum Part {
        JOURNAL("journal", 160),
        POSTGRES("postgres", 384),
        QUESTDB("questdb", 768),
        /** All of these, and the rest of the data directory. QuestDB may have no more to write when the journal takes nothing. */
        ALL("", 32);

        private final String folder;
        private final int mebibytes;

        Part(String folder, int mebibytes) {
            this.folder = folder;
            this.mebibytes = mebibytes;
        }

        /** Whether the checks of {@code /readyz} that fail say so: that of the disk, and those of what has met it. */
        boolean isToldBy(List<String> failing) {
            return failing.contains("disk")
                    && switch (this) {
                        case JOURNAL -> failing.contains("journal");
                        case POSTGRES -> failing.contains("postgres") || failing.contains("ingest");
                        case QUESTDB -> failing.contains("telemetry") || failing.contains("ingest");
                        case ALL ->
                            failing.contains("journal") && (failing.contains("postgres") || failing.contains("ingest"));
                    };
        }

        boolean holds(Part part) {
            return this == ALL || this == part;
        }

        static Part of(String name) {
            return valueOf(name.toUpperCase(Locale.ROOT));
        }
    }

    private final Path data;
    private final Map<Part, Filler> filling = new EnumMap<>(Part.class);

    /** Mounts them; the data directory is still empty. */
    SmallDisks(Path data) throws Exception {
        this.data = data;
        for (Part part : List.of(Part.ALL, Part.JOURNAL, Part.POSTGRES, Part.QUESTDB)) {
            Path folder = Files.createDirectories(folder(part));
            run("mount", "-t", "tmpfs", "-o", "mode=0700,size=" + part.mebibytes + "m", "small", folder.toString());
        }
    }

    /** The command line that gives a command a mount namespace; empty where that is not permitted. */
    static List<String> namespace() throws Exception {
        for (List<String> unshare : List.of(List.of("unshare", "-m"), List.of("unshare", "-r", "-m"))) {
            List<String> command = new ArrayList<>(unshare);
            command.addAll(List.of("mount", "-t", "tmpfs", "-o", "size=1m", "small", "/mnt"));
            Process tried = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (tried.waitFor() == 0) {
                return unshare;
            }
        }
        return List.of();
    }

    /** Returns when there is no room for another byte. */
    void fill(Part part) throws Exception {
        for (Part each : part == Part.ALL ? List.of(Part.values()) : List.of(part)) {
            Filler filler = new Filler(folder(each).resolve(BALLAST));
            filling.put(each, filler);
            filler.full.await();
        }
    }

    /** Everything that was filled has room again. */
    void free() throws Exception {
        for (Filler filler : filling.values()) {
            filler.end();
        }
        filling.clear();
    }

    private Path folder(Part part) {
        return part.folder.isEmpty() ? data : data.resolve(part.folder);
    }

    private static void run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).inheritIO().start();
        if (process.waitFor() != 0) {
            throw new AssertionError(String.join(" ", command) + " ended with " + process.exitValue()
                    + "; run it in a mount namespace, as e2e/crash does");
        }
    }

    /** Another program that writes until it is told to stop and to delete. */
    private static final class Filler {
        private final Path file;
        private final CountDownLatch full = new CountDownLatch(1);
        private final CountDownLatch ending = new CountDownLatch(1);
        private final Thread thread;

        Filler(Path file) {
            this.file = file;
            this.thread = Thread.ofPlatform().daemon().name("filler").start(this::run);
        }

        private void run() {
            try (FileChannel channel = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND)) {
                do {
                    writeUntilFull(channel);
                    full.countDown();
                } while (!ending.await(AGAIN_MILLIS, TimeUnit.MILLISECONDS));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                throw new IllegalStateException("nobody interrupts the filler", e);
            }
        }

        private static void writeUntilFull(FileChannel channel) {
            int size = BLOCK;
            while (size >= LAST_BYTES) {
                try {
                    channel.write(ByteBuffer.allocate(size));
                } catch (IOException noSpace) {
                    size /= 2;
                }
            }
        }

        void end() throws Exception {
            ending.countDown();
            thread.join();
            Files.deleteIfExists(file);
        }
    }
}
