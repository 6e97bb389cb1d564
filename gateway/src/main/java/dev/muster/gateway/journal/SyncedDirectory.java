package dev.muster.gateway.journal;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * A directory whose names survive power loss: new and removed ones are synced.
 *
 * @param syncs false when nothing is, see {@link JournalConfig.Acknowledge#WHEN_WRITTEN}
 */
record SyncedDirectory(Path path, ChannelOpener opener, boolean syncs) {

    static SyncedDirectory make(Path path, ChannelOpener opener, boolean syncs) throws IOException {
        Path absolute = path.toAbsolutePath();
        if (!Files.isDirectory(absolute)) {
            Files.createDirectories(absolute);
            Path parent = absolute.getParent();
            if (parent != null) {
                new SyncedDirectory(parent, opener, syncs).sync();
            }
        }
        return new SyncedDirectory(absolute, opener, syncs);
    }

    Path resolve(String name) {
        return path.resolve(name);
    }

    /** The complete and synced file takes the name of the other, or a new one. */
    void rename(Path file, Path to) throws IOException {
        Files.move(file, to, StandardCopyOption.ATOMIC_MOVE);
        sync();
    }

    void sync() throws IOException {
        if (!syncs) {
            return;
        }
        try (FileChannel channel = opener.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** Syncs a file of the directory. */
    void sync(FileChannel file, boolean withTimes) throws IOException {
        if (syncs) {
            file.force(withTimes);
        }
    }
}
