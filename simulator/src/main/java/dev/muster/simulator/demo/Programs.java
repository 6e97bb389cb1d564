package dev.muster.simulator.demo;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The launcher of this checkout ({@code muster}) or distribution ({@code bin/muster}), as a person types it and as it is
 * started here.
 *
 * <p>What a person has set in {@code MUSTER_…} is for his own server, so the programs started here do not see it.
 */
final class Programs {
    private static final String BUILT = "MUSTER_BUILT";

    private final Path launcher;
    private final AtomicReference<@Nullable Process> running = new AtomicReference<>();

    Programs(Path launcher) {
        this.launcher = launcher;
    }

    /** The root of the checkout or distribution. */
    static Path root() throws DemoFailed {
        return told("muster.root");
    }

    static Path launcher() throws DemoFailed {
        return told("muster.launcher");
    }

    private static Path told(String property) throws DemoFailed {
        String path = System.getProperty(property);
        if (path == null) {
            throw new DemoFailed("is started by the launcher: muster demo");
        }
        return Path.of(path);
    }

    /** What to type for it in the current folder. */
    String typed(List<String> arguments) {
        Path here = Path.of("").toAbsolutePath();
        StringBuilder line =
                new StringBuilder(launcher.startsWith(here) ? near(here.relativize(launcher)) : launcher.toString());
        arguments.forEach(argument -> line.append(' ').append(quoted(argument)));
        return line.toString();
    }

    private static String near(Path program) {
        return program.getNameCount() == 1 ? "./" + program : program.toString();
    }

    private static String quoted(String argument) {
        return argument.matches("[A-Za-z0-9_@%+=:,./-]+") ? argument : "'" + argument.replace("'", "'\\''") + "'";
    }

    ProcessBuilder builder(List<String> arguments, Map<String, String> settings) {
        List<String> command = new ArrayList<>();
        command.add(launcher.toString());
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        Map<String, String> environment = builder.environment();
        environment.keySet().removeIf(name -> name.startsWith("MUSTER_") && !name.equals("MUSTER_JAVA_OPTS"));
        environment.put(BUILT, "1");
        environment.put("JAVA_HOME", System.getProperty("java.home"));
        environment.putAll(settings);
        return builder;
    }

    /**
     * Has the server started without the library that holds the console.
     *
     * @param copy for its archive, apart from its libraries
     */
    void takeConsoleAway(ProcessBuilder server, Path copy, List<String> arguments) throws IOException, DemoFailed {
        Path home = Files.isDirectory(root().resolve("server/target"))
                ? root().resolve("server/target")
                : root().resolve("lib");
        Path libraries = Files.isDirectory(home.resolve("lib")) ? home.resolve("lib") : home;
        Files.copy(one(home, "server-[0-9][^/]*\\.jar"), copy);
        List<String> classPath = new ArrayList<>(List.of(copy.toString()));
        try (Stream<Path> files = Files.list(libraries)) {
            files.filter(file -> file.toString().endsWith(".jar"))
                    .filter(file -> !file.getFileName().toString().matches("(console|server)-[0-9].*"))
                    .map(Path::toString)
                    .forEach(classPath::add);
        }
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "--sun-misc-unsafe-memory-access=allow",
                "--enable-native-access=ALL-UNNAMED",
                "--add-opens=java.base/java.lang.reflect=ALL-UNNAMED",
                "--add-opens=java.base/java.lang=ALL-UNNAMED",
                "--add-opens=java.base/java.nio=ALL-UNNAMED",
                "-cp",
                String.join(File.pathSeparator, classPath),
                "dev.muster.main.Main"));
        command.addAll(arguments.subList(1, arguments.size()));
        server.command(command).environment().remove(BUILT); // the launcher's own
    }

    private static Path one(Path folder, String name) throws IOException, DemoFailed {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().matches(name))
                    .filter(file -> !file.getFileName().toString().matches(".*-(tests|sources|javadoc)\\.jar"))
                    .findFirst()
                    .orElseThrow(() -> new DemoFailed("finds no server in " + folder));
        }
    }

    /** Runs a verb of the command line, tells it and what it says, and returns its exit code. */
    int verb(Steps steps, Map<String, String> settings, List<String> arguments)
            throws IOException, InterruptedException {
        steps.command(typed(arguments));
        Process process = builder(arguments, settings).start();
        running.set(process);
        process.getOutputStream().close();
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                steps.said(line);
            }
        }
        return process.waitFor();
    }

    /** Ends the verb that runs, if one does. */
    void stop() {
        Process process = running.get();
        if (process != null) {
            process.destroy();
        }
    }
}
