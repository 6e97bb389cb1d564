package dev.muster.backup;

import dev.muster.platform.config.DataDirectory;
import dev.muster.platform.error.StartRefusal;
import dev.muster.platform.postgres.Database;
import dev.muster.telemetry.questdb.QuestDbCheckpoint;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Makes a data directory out of a backup. Everything is unpacked and checked before a database is touched; when it fails, the
 * directory is as empty as it was.
 */
public final class Restoration {
    /** In a data directory that is not whole yet: no server starts there. */
    public static final String UNFINISHED = "restore.unfinished";

    private static final String ROWS = "restore.rows";

    private final DataDirectory target;
    private @Nullable BackupHeader header;

    public Restoration(DataDirectory target) {
        this.target = target;
    }

    /** What was restored or checked. */
    public record Result(BackupHeader header, long files, long bytes) {
        public Instant of() {
            return header.createdAt();
        }

        /** Whether the database was not in the data directory. */
        public boolean external() {
            return header.database().equals(BackupHeader.EXTERNAL);
        }
    }

    /** Reads a backup through and writes nothing. */
    public static Result check(InputStream archive) throws IOException {
        ArchiveReader reader = new ArchiveReader();
        BackupHeader[] found = new BackupHeader[1];
        reader.read(archive, new ArchiveReader.Files() {
            @Override
            public void header(BackupHeader header) throws IOException {
                DatabaseLoad.requireKnown(header.schema());
                found[0] = header;
            }

            @Override
            public OutputStream create(String name) {
                requireSafe(name);
                return OutputStream.nullOutputStream();
            }
        });
        return new Result(found[0], reader.files(), reader.bytes());
    }

    /** @throws StartRefusal when a restore into the directory did not end */
    public static void requireFinished(DataDirectory directory) {
        if (Files.exists(directory.root().resolve(UNFINISHED))) {
            throw new StartRefusal("data directory " + directory.root() + " is not whole: a restore into it did not end"
                    + " (" + UNFINISHED + "); delete the directory and restore again");
        }
    }

    /**
     * Restores.
     *
     * @param database the one to fill, opened when everything else is there
     * @throws BackupDamaged when nothing can be restored from the archive
     */
    public Result run(InputStream archive, Supplier<Database> database) throws IOException, SQLException {
        requireEmpty();
        target.create();
        try {
            Files.createFile(target.root().resolve(UNFINISHED));
            ArchiveReader reader = new ArchiveReader();
            reader.read(archive, new Unpacked());
            BackupHeader read = Objects.requireNonNull(header, "the reader tells the header first");
            fill(read, database);
            QuestDbCheckpoint.recover(target.questdb());
            delete(target.root().resolve(ROWS));
            QuestDbCheckpoint.syncDisks();
            Files.delete(target.root().resolve(UNFINISHED));
            return new Result(read, reader.files(), reader.bytes());
        } catch (IOException | SQLException | RuntimeException e) {
            undo(e);
            throw e;
        }
    }

    private void requireEmpty() throws IOException {
        if (!Files.exists(target.root())) {
            return;
        }
        try (Stream<Path> found = Files.list(target.root())) {
            List<String> names = found.map(path -> path.getFileName().toString())
                    .sorted()
                    .limit(3)
                    .toList();
            if (!names.isEmpty()) {
                throw new BackupDamaged("data directory " + target.root() + " is not empty, it holds "
                        + String.join(", ", names) + "; restore into a new one");
            }
        }
    }

    private void fill(BackupHeader read, Supplier<Database> opened) throws IOException, SQLException {
        Path rows = target.root().resolve(ROWS);
        TableDump dump = TableDump.read(Files.readAllBytes(rows.resolve(TableDump.FILE)));
        try (Database database = opened.get()) {
            DatabaseLoad load = new DatabaseLoad(database.dataSource());
            load.requireEmpty(database.where());
            load.load(read.schema(), dump, rows);
        }
    }

    private final class Unpacked implements ArchiveReader.Files {
        @Override
        public void header(BackupHeader told) throws IOException {
            DatabaseLoad.requireKnown(told.schema());
            header = told;
        }

        @Override
        public OutputStream create(String name) throws IOException {
            requireSafe(name);
            Path file = name.startsWith(DataFiles.PREFIX)
                    ? target.root().resolve(name.substring(DataFiles.PREFIX.length()))
                    : target.root().resolve(ROWS).resolve(name);
            Files.createDirectories(file.getParent(), ownerOnly("rwx------"));
            Files.createFile(file, ownerOnly("rw-------"));
            return Files.newOutputStream(file);
        }
    }

    /** An archive is of its maker, who may not be the one whose backup it is said to be. */
    private static void requireSafe(String name) {
        boolean known = name.startsWith(DataFiles.PREFIX) || name.startsWith("postgres/");
        List<String> parts = List.of(name.split("/", -1));
        if (!known || parts.contains("..") || parts.contains(".") || parts.contains("") || name.indexOf('\\') >= 0) {
            throw new BackupDamaged("its file " + name + " has no place in a data directory");
        }
    }

    private static FileAttribute<?>[] ownerOnly(String permissions) {
        return FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
                }
                : new FileAttribute<?>[0];
    }

    private void undo(Exception failure) {
        try (Stream<Path> made = Files.list(target.root())) {
            // The sign that it is not whole goes last.
            for (Path path : made.sorted(Comparator.comparing(path -> path.endsWith(UNFINISHED)))
                    .toList()) {
                delete(path);
            }
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }

    private static void delete(Path path) throws IOException {
        if (!Files.exists(path)) {
            return;
        }
        try (Stream<Path> below = Files.walk(path)) {
            for (Path each : below.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(each);
            }
        }
    }
}
