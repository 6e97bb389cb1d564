package dev.muster.backup;

import dev.muster.platform.config.DataDirectory;
import dev.muster.telemetry.questdb.QuestDbCheckpoint;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which files of a data directory are in a backup as they are, and under which names. */
final class DataFiles {
    static final String PREFIX = "data/";
    static final String QUESTDB = "questdb";
    static final String JOURNAL = "journal";

    /** What is in it in another form, what belongs to a running process, and what is made anew when it is missing. */
    private static final Set<String> NOT_AS_THEY_ARE = Set.of(
            "postgres", JOURNAL, QUESTDB, QuestDbCheckpoint.FOLDER, "run", "cache", "lock", Restoration.UNFINISHED);

    private final Path root;
    private final ArchiveWriter archive;

    DataFiles(DataDirectory directory, ArchiveWriter archive) {
        this.root = directory.root();
        this.archive = archive;
    }

    /** Keys, artifacts, settings, tokens: files that are replaced as a whole, or only grow. */
    void writeOthers() throws IOException {
        for (Path entry : entries()) {
            if (!NOT_AS_THEY_ARE.contains(entry.getFileName().toString())) {
                write(entry);
            }
        }
    }

    /** The checkpoint before the files that it speaks of. */
    void writeQuestDb() throws IOException {
        write(root.resolve(QuestDbCheckpoint.FOLDER));
        write(root.resolve(QUESTDB));
    }

    private Iterable<Path> entries() throws IOException {
        try (var found = Files.list(root)) {
            return found.sorted().toList();
        }
    }

    private void write(Path top) throws IOException {
        Files.walkFileTree(top, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                if (attributes.isRegularFile()) {
                    add(file);
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
                return gone(failure);
            }

            @Override
            public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException failure) throws IOException {
                return failure == null ? FileVisitResult.CONTINUE : gone(failure);
            }
        });
    }

    private void add(Path file) throws IOException {
        try {
            archive.add(PREFIX + name(root.relativize(file)), file);
        } catch (NoSuchFileException deletedMeanwhile) {
            // Then it is not of the moment: what the moment needs is not deleted while a checkpoint holds.
        }
    }

    private static FileVisitResult gone(IOException failure) throws IOException {
        if (failure instanceof NoSuchFileException) {
            return FileVisitResult.CONTINUE;
        }
        throw failure;
    }

    private static String name(Path relative) {
        return relative.toString().replace(relative.getFileSystem().getSeparator(), "/");
    }
}
