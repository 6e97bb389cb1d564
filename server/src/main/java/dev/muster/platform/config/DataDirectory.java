package dev.muster.platform.config;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** Where everything that the server keeps lies. Folders are made on first use, readable by the owner only. */
public record DataDirectory(Path root) {
    public DataDirectory {
        root = root.toAbsolutePath().normalize();
    }

    public Path postgres() {
        return folder("postgres");
    }

    public Path questdb() {
        return folder("questdb");
    }

    public Path journal() {
        return folder("journal");
    }

    public Path pki() {
        return folder("pki");
    }

    public Path artifacts() {
        return folder("artifacts");
    }

    /** Forms of artifacts that are made anew when they are missing. */
    public Path packedArtifacts() {
        return folder("cache").resolve("artifacts");
    }

    /** What assets have sent. */
    public Path files() {
        return folder("files");
    }

    /** Keys with which the server signs release metadata. */
    public Path releases() {
        return folder("releases");
    }

    public Path run() {
        return folder("run");
    }

    /** The token of the first administrator, written at the first start, mode 0600. */
    public Path adminToken() {
        return root.resolve("admin.token");
    }

    public void create() {
        createPrivate(root);
    }

    private Path folder(String name) {
        Path folder = root.resolve(name);
        createPrivate(folder);
        return folder;
    }

    private static void createPrivate(Path folder) {
        if (Files.isDirectory(folder)) {
            return;
        }
        try {
            if (FileSystems.getDefault().supportedFileAttributeViews().contains("posix")) {
                Files.createDirectories(
                        folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            } else {
                Files.createDirectories(folder);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot create folder " + folder, e);
        }
    }
}
