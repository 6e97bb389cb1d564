package dev.muster.e2e;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The command lines of the built programs, as the launcher would start them. */
final class Programs {
    private Programs() {}

    /** The checkout: the nearest folder above that holds the wrapper. */
    static Path root() {
        Path folder = Path.of("").toAbsolutePath();
        while (folder != null && !Files.exists(folder.resolve("mvnw"))) {
            folder = folder.getParent();
        }
        if (folder == null) {
            throw new IllegalStateException(
                    "no checkout of muster above " + Path.of("").toAbsolutePath());
        }
        return folder;
    }

    /** Of the JVMs that run scenarios at the same time, which write to no file of each other. */
    private static final String FORK = System.getProperty("muster.fork", "");

    /** The first one that ends in order leaves an archive of its classes, with which the next ones start sooner. */
    static List<String> java(String module, String... arguments) {
        if (module.equals("agent")) {
            return agent(arguments);
        }
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx768m",
                "-XX:+UseSerialGC",
                "-XX:+AutoCreateSharedArchive",
                "-XX:SharedArchiveFile=" + root().resolve("e2e/target/" + module + FORK + ".jsa"),
                "-Xlog:cds*=off", // also that of an archive made of other jars
                "-Xlog:aot*=off",
                "--sun-misc-unsafe-memory-access=allow",
                "-jar",
                jar(module).toString()));
        command.addAll(Arrays.asList(arguments));
        return command;
    }

    /** A main class of these tests that needs what the server is made of, with the memory and the collector that the launcher gives the server. */
    static List<String> asServer(Class<?> main, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xms64m",
                "-Xmx1g",
                "-XX:+UseG1GC",
                "-XX:G1PeriodicGCInterval=30000",
                "-XX:MinHeapFreeRatio=10",
                "-XX:MaxHeapFreeRatio=30",
                "-XX:MaxMetaspaceSize=256m",
                "-XX:ReservedCodeCacheSize=96m",
                "-XX:MaxDirectMemorySize=512m",
                "-XX:+ExitOnOutOfMemoryError",
                "--sun-misc-unsafe-memory-access=allow",
                "--enable-native-access=ALL-UNNAMED",
                "--add-opens=java.base/java.lang.reflect=ALL-UNNAMED",
                "--add-opens=java.base/java.lang=ALL-UNNAMED",
                "--add-opens=java.base/java.nio=ALL-UNNAMED",
                "-cp",
                classes(main) + File.pathSeparator + jar("server") + File.pathSeparator + jar("simulator"),
                main.getName()));
        command.addAll(Arrays.asList(arguments));
        return command;
    }

    /** With the little memory that it is meant for, and no archive to be written at its end: the exit code is looked at. */
    private static List<String> agent(String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx32m",
                "-XX:+UseSerialGC",
                "-jar",
                jar("agent").toString()));
        command.addAll(Arrays.asList(arguments));
        return command;
    }

    private static Path classes(Class<?> of) {
        try {
            return Path.of(
                    of.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException("cannot tell where " + of + " was loaded from", e);
        }
    }

    private static Path jar(String module) {
        Path target = root().resolve(module).resolve("target");
        try (Stream<Path> files = Files.list(target)) {
            return files.filter(file -> file.getFileName().toString().matches(module + "-[0-9][^/]*\\.jar"))
                    .filter(file -> !file.getFileName().toString().matches(".*-(tests|sources|javadoc)\\.jar"))
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException(
                            "no jar of " + module + " in " + target + "; run ./mvnw package -DskipTests first"));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot look for the jar of " + module + " in " + target, e);
        }
    }

    static Optional<Path> onPath(String program) {
        for (String folder : System.getenv("PATH").split(":", -1)) {
            Path file = Path.of(folder, program);
            if (Files.isExecutable(file)) {
                return Optional.of(file);
            }
        }
        return Optional.empty();
    }
}
