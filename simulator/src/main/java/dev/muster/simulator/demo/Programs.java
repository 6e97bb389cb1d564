package dev.muster.simulator.demo;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The launcher {@code muster} of this checkout, as a person types it and as it is started here.
 *
 * <p>What a person has set in {@code MUSTER_…} is for his own server, so the programs started here do not see it.
 */
final class Programs {
    private static final String BUILT = "MUSTER_BUILT";

    private final Path root;
    private final Path launcher;
    private final AtomicReference<@Nullable Process> running = new AtomicReference<>();

    Programs(Path root) {
        this.root = root;
        this.launcher = root.resolve("muster");
    }

    /** The root of the checkout, which the launcher tells. */
    static Path root() throws DemoFailed {
        String root = System.getProperty("muster.root");
        if (root == null) {
            throw new DemoFailed("is started by the launcher: ./muster demo");
        }
        return Path.of(root);
    }

    /** What to type for it in the current folder. */
    String typed(List<String> arguments) {
        Path here = Path.of("").toAbsolutePath();
        String program = root.equals(here) ? "./muster" : launcher.toString();
        StringBuilder line = new StringBuilder(program);
        arguments.forEach(argument -> line.append(' ').append(quoted(argument)));
        return line.toString();
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
