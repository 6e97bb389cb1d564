package dev.muster.gateway.journal;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** A directory whose names survive power loss: new and removed ones are synced. */
record SyncedDirectory(Path path, ChannelOpener opener) {

    static SyncedDirectory make(Path path, ChannelOpener opener) throws IOException {
        Path absolute = path.toAbsolutePath();
        if (!Files.isDirectory(absolute)) {
            Files.createDirectories(absolute);
            Path parent = absolute.getParent();
            if (parent != null) {
                new SyncedDirectory(parent, opener).sync();
            }
        }
        return new SyncedDirectory(absolute, opener);
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
        try (FileChannel channel = opener.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
