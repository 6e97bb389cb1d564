package dev.muster.console.fleet;

import dev.muster.console.fleet.FleetSample.Storage;
import dev.muster.platform.config.DataDirectory;
import java.io.File;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** How much the stores take on disk. Looks at every file, so it is asked once in ten minutes. */
@Component
class StorageSizes {
    private static final Logger LOG = LoggerFactory.getLogger(StorageSizes.class);
    /** Beyond it looking would take seconds; the size is then not known. */
    private static final int MAX_FILES = 500_000;

    private final DataDirectory data;
    private final JdbcClient jdbc;

    StorageSizes(DataDirectory data, JdbcClient jdbc) {
        this.data = data;
        this.jdbc = jdbc;
    }

    /** Empty when a folder cannot be looked at. */
    Optional<Storage> measure() {
        try {
            long journal = bytes(data.root().resolve("journal"));
            long telemetry = bytes(data.root().resolve("questdb"));
            long files =
                    bytes(data.root().resolve("artifacts")) + bytes(data.root().resolve("files"));
            File fullest = Stream.of("journal", "questdb", "postgres", "artifacts")
                    .map(name -> data.root().resolve(name).toFile())
                    .filter(File::isDirectory)
                    .min((one, other) -> Long.compare(one.getUsableSpace(), other.getUsableSpace()))
                    .orElse(data.root().toFile());
            return Optional.of(new Storage(
                    postgres(), telemetry, journal, files, fullest.getUsableSpace(), fullest.getTotalSpace()));
        } catch (IOException away) {
            LOG.warn("how much is stored is not known: {}", away.getMessage());
            return Optional.empty();
        }
    }

    private @Nullable Long postgres() {
        try {
            return jdbc.sql("select pg_database_size(current_database())")
                    .query(Long.class)
                    .single();
        } catch (DataAccessException refused) {
            LOG.warn("the size of the database is not known: {}", refused.getMessage());
            return null;
        }
    }

    /** Files come and go meanwhile; one that is gone counts nothing. */
    private static long bytes(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return 0;
        }
        AtomicLong sum = new AtomicLong();
        AtomicLong seen = new AtomicLong();
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                if (seen.incrementAndGet() > MAX_FILES) {
                    throw new IOException(folder + " holds more than " + MAX_FILES + " files");
                }
                sum.addAndGet(attributes.size());
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException gone) {
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException gone) {
                return FileVisitResult.CONTINUE;
            }
        });
        return sum.get();
    }
}
