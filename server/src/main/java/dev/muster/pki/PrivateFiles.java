package dev.muster.pki;

import dev.muster.platform.error.StartRefusal;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** Files that only the server's user may read, written whole or not at all. */
final class PrivateFiles {
    static final int MAX_BYTES = 64 * 1024;

    private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private PrivateFiles() {}

    static void createDirectory(Path directory) {
        try {
            Files.createDirectories(directory);
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
        } catch (IOException e) {
            throw new StartRefusal(
                    "cannot prepare the CA's directory " + directory + ": " + reason(e)
                            + "; the server's user must own it and may alone read it",
                    e);
        }
    }

    /** Temporary file, fsync, rename, fsync of the directory: after a power cut the old or the new content is there. */
    static void write(Path file, byte[] content) {
        Path directory = directoryOf(file);
        Path temporary = directory.resolve(file.getFileName() + ".new");
        try {
            Files.deleteIfExists(temporary);
            try (FileChannel channel = FileChannel.open(
                    temporary, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), OWNER_ONLY)) {
                ByteBuffer remaining = ByteBuffer.wrap(content);
                while (remaining.hasRemaining()) {
                    channel.write(remaining);
                }
                channel.force(true);
            }
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
                channel.force(true);
            }
        } catch (IOException e) {
            throw new StartRefusal("cannot write " + file + ": " + reason(e) + "; check owner and free space", e);
        }
    }

    static byte[] read(Path file) {
        try {
            long size = Files.size(file);
            if (size > MAX_BYTES) {
                throw new StartRefusal("cannot read " + file + ": it has " + size + " bytes, at most " + MAX_BYTES
                        + " are expected; it is not a file of the CA");
            }
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new StartRefusal(
                    "cannot read " + file + ": " + reason(e)
                            + "; it must be a file that the server's user may read, restore it from a backup if it is lost",
                    e);
        }
    }

    private static String reason(IOException e) {
        return switch (e) {
            case NoSuchFileException missing -> "no such file";
            case java.nio.file.AccessDeniedException denied -> "permission denied";
            default -> String.valueOf(e.getMessage());
        };
    }

    private static Path directoryOf(Path file) {
        Path directory = file.toAbsolutePath().getParent();
        if (directory == null) {
            throw new IllegalArgumentException(file + " is in no directory");
        }
        return directory;
    }
}
