package dev.muster.e2e;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A disk that forgets what was not synced when the power goes: the journal of a server under the shim {@code losewrites.c}. */
final class LosingWrites {
    private final Path shim;
    private final Path journal;
    private final Path survivors;

    LosingWrites(Path folder, Path journal) throws Exception {
        this.shim = folder.resolve("losewrites.so");
        this.journal = Files.createDirectories(journal);
        this.survivors = folder.resolve("survivors");
        Path source = Programs.root().resolve("gateway/src/test/c/losewrites.c");
        Process compiler = new ProcessBuilder(
                        "gcc", "-O2", "-shared", "-fPIC", "-o", shim.toString(), source.toString(), "-ldl")
                .inheritIO()
                .start();
        if (compiler.waitFor() != 0) {
            throw new AssertionError("gcc cannot compile " + source);
        }
    }

    Map<String, String> environment() {
        return Map.of(
                "LD_PRELOAD", shim.toString(),
                "LOSEWRITES_DIR", journal.toString(),
                "LOSEWRITES_SHADOW", survivors.toString());
    }

    /** After the server was killed: the journal is what the disk would hold when the power comes back. */
    void cutPower() throws IOException {
        deleteTree(journal);
        Files.createDirectories(journal);
        try (var files = Files.list(survivors)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Files.copy(file, journal.resolve(file.getFileName()));
            }
        }
        deleteTree(survivors);
        deleteTree(survivors.resolveSibling(survivors.getFileName() + ".inodes"));
    }

    private static void deleteTree(Path tree) throws IOException {
        Files.walkFileTree(tree, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes about) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException e) throws IOException {
                Files.delete(directory);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
