package dev.muster.simulator.demo;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * The data directory of the demonstration: that of its server, with a folder {@code demo} of its own in it, held by one
 * process at a time.
 *
 * <p>A story that was told to its end is gone on with; what is left of one that was broken off is removed.
 */
final class DemoFolder implements AutoCloseable {
    private static final String TOLD = "story.properties";

    private final Path root;
    private final FileChannel lock;
    private final int assets;
    private final long seed;
    private final boolean told;
    private final boolean temporary;

    private DemoFolder(Path root, FileChannel lock, int assets, long seed, boolean told, boolean temporary) {
        this.root = root;
        this.lock = lock;
        this.assets = assets;
        this.seed = seed;
        this.told = told;
        this.temporary = temporary;
    }

    /** A new one below the system's temporary folder, that goes when it is closed. */
    static DemoFolder temporary(int assets, long seed) throws IOException, DemoFailed {
        Path root = Files.createTempDirectory("muster-demo-");
        return new DemoFolder(root, hold(root), assets, seed, false, true);
    }

    static DemoFolder open(Path root, int assets, long seed) throws IOException, DemoFailed {
        FileChannel lock = hold(root);
        try {
            Properties before = story(root);
            if (before == null) {
                removeAllBut(root, root.resolve("demo/lock"));
                return new DemoFolder(root, lock, assets, seed, false, false);
            }
            return new DemoFolder(
                    root,
                    lock,
                    Integer.parseInt(before.getProperty("assets", "500")),
                    Long.parseLong(before.getProperty("seed", "7")),
                    true,
                    false);
        } catch (IOException | RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    /** Removes the folder, when it is one of a demonstration and none runs on it. */
    static void clean(Path root) throws IOException, DemoFailed {
        if (Files.exists(root)) {
            try (FileChannel held = hold(root)) {
                removeAllBut(root, root.resolve("demo/lock"));
            }
            remove(root);
        }
    }

    Path root() {
        return root;
    }

    Path file(String name) {
        return root.resolve("demo").resolve(name);
    }

    int assets() {
        return assets;
    }

    long seed() {
        return seed;
    }

    /** Whether both rollouts were over already when it was opened. */
    boolean told() {
        return told;
    }

    void toldToTheEnd() throws IOException {
        Files.writeString(file(TOLD), "assets=" + assets + "\nseed=" + seed + "\n");
    }

    private static @Nullable Properties story(Path root) throws IOException {
        Path file = root.resolve("demo").resolve(TOLD);
        if (!Files.exists(file)) {
            return null;
        }
        Properties story = new Properties();
        try (var reader = Files.newBufferedReader(file)) {
            story.load(reader);
        }
        return story;
    }

    private static FileChannel hold(Path root) throws IOException, DemoFailed {
        Path own = root.resolve("demo/lock");
        if (Files.exists(root) && !Files.exists(own) && !isEmpty(root)) {
            throw new DemoFailed(root + " was not made by muster demo and is left alone; choose another --data-dir");
        }
        Files.createDirectories(own.getParent());
        FileChannel lock = locked(own);
        if (lock == null) {
            throw new DemoFailed("a demonstration runs on " + root + " already, process " + holder(own)
                    + "; stop it with Ctrl-C there," + " or choose another --data-dir");
        }
        lock.truncate(0);
        lock.write(ByteBuffer.wrap((ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII)));
        Path ofServer = root.resolve("lock");
        if (Files.exists(ofServer)) {
            FileChannel free = locked(ofServer);
            if (free == null) {
                lock.close();
                throw new DemoFailed("the server of an earlier demonstration on " + root + " still runs, process "
                        + holder(ofServer) + "; end it with: kill " + holder(ofServer));
            }
            free.close();
        }
        return lock;
    }

    private static @Nullable FileChannel locked(Path file) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        if (channel.tryLock() == null) {
            channel.close();
            return null;
        }
        return channel;
    }

    private static String holder(Path lock) throws IOException {
        return Files.readString(lock, StandardCharsets.US_ASCII).strip();
    }

    private static boolean isEmpty(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            return files.findAny().isEmpty();
        }
    }

    private static void remove(Path folder) throws IOException {
        removeAllBut(folder, null);
    }

    private static void removeAllBut(Path folder, @Nullable Path kept) throws IOException {
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes about) throws IOException {
                if (!file.equals(kept)) {
                    Files.delete(file);
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
                    throws IOException {
                if (failure != null) {
                    throw failure;
                }
                if (kept == null || !kept.startsWith(directory)) {
                    Files.delete(directory);
                }
                return FileVisitResult.CONTINUE;
            }
        });
    }

    @Override
    public void close() throws IOException {
        lock.close();
        if (temporary) {
            remove(root);
        }
    }
}
