package dev.muster.e2e;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
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

    private static final Map<String, List<String>> FLAGS = new ConcurrentHashMap<>();

    /** The first one that ends in order leaves an archive of its classes, with which the next ones start sooner. */
    static List<String> java(String module, String... arguments) {
        List<String> command = jvm(module);
        if (!module.equals("agent")) { // its exit code is looked at: no archive is to be written at its end
            command.addAll(List.of(
                    "-XX:+AutoCreateSharedArchive",
                    "-XX:SharedArchiveFile=" + root().resolve("e2e/target/" + module + FORK + ".jsa"),
                    "-Xlog:cds*=off", // also that of an archive made of other jars
                    "-Xlog:aot*=off"));
        }
        command.addAll(List.of("-jar", jar(module).toString()));
        command.addAll(Arrays.asList(arguments));
        return command;
    }

    /** A main class of these tests that needs what the server is made of. */
    static List<String> asServer(Class<?> main, String... arguments) {
        List<String> command = jvm("server");
        command.addAll(List.of(
                "--enable-native-access=ALL-UNNAMED", // which the manifest grants to -jar alone
                "--add-opens=java.base/java.lang.reflect=ALL-UNNAMED",
                "--add-opens=java.base/java.lang=ALL-UNNAMED",
                "--add-opens=java.base/java.nio=ALL-UNNAMED",
                "-cp",
                classes(main) + File.pathSeparator + jar("server") + File.pathSeparator + jar("simulator"),
                main.getName()));
        command.addAll(Arrays.asList(arguments));
        return command;
    }

    /** With the memory, the collector and all else that the launcher gives the program. */
    private static List<String> jvm(String module) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(FLAGS.computeIfAbsent(module, Programs::flagsOfTheLauncher));
        return command;
    }

    /** Asks the shell, where the launcher has them from. */
    private static List<String> flagsOfTheLauncher(String module) {
        Path programs = root().resolve("distribution/src/main/dist/programs.sh");
        try {
            Process shell = new ProcessBuilder(
                            "sh",
                            "-ec",
                            ". \"$1\"; program \"$2\"; echo $common $flags",
                            "sh",
                            programs.toString(),
                            module)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            String printed = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            int code = shell.waitFor();
            if (code != 0 || !printed.contains("-Xmx")) {
                throw new IllegalStateException("cannot read the flags of " + module + " from " + programs
                        + ": the shell ended with " + code + " and printed \"" + printed + '"');
            }
            return List.of(printed.split("\\s+"));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the flags of " + module + " from " + programs, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the flags of " + module + " were read", e);
        }
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
