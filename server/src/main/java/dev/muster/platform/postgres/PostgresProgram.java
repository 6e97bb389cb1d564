package dev.muster.platform.postgres;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Starts programs of PostgreSQL so that they accept to run. */
final class PostgresProgram {
    private static final long MAX_OUTPUT = 16_384;

    private PostgresProgram() {}

    /** A server in a session of its own: a Ctrl-C in the terminal reaches us, and we stop it in our order. */
    static Process start(List<String> command, Path logFolder) throws IOException {
        List<String> whole = new ArrayList<>();
        findOnPath("setsid").ifPresent(program -> whole.add(program.toString()));
        whole.addAll(asUser(command));
        Path output = logFolder.resolve("start.log");
        return environment(new ProcessBuilder(whole))
                .redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")))
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
    }

    /** Runs to the end. @throws IOException with what it printed, when it ends with another code than 0 */
    static void run(Duration atMost, List<String> command) throws IOException {
        Path output = Files.createTempFile("muster-postgres", ".out");
        try {
            Process process = environment(new ProcessBuilder(asUser(command)))
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            if (!process.waitFor(atMost.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
                throw new IOException(command.getFirst() + " did not end within " + atMost.toSeconds() + " s");
            }
            if (process.exitValue() != 0) {
                throw new IOException(
                        command.getFirst() + " ended with code " + process.exitValue() + ": " + printed(output));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while " + command.getFirst() + " ran", e);
        } finally {
            Files.deleteIfExists(output);
        }
    }

    /**
     * PostgreSQL refuses to run as root. In a user namespace of its own root appears to it as nobody, while its files
     * stay root's; nothing has to change hands.
     */
    private static List<String> asUser(List<String> command) throws IOException {
        if (!"root".equals(System.getProperty("user.name"))) {
            return command;
        }
        Path unshare = findOnPath("unshare")
                .orElseThrow(() -> new IOException("PostgreSQL refuses to run as root, and the program unshare"
                        + " (package util-linux) that helps is missing; start muster as another user"));
        List<String> whole = new ArrayList<>(List.of(unshare.toString(), "-U"));
        whole.addAll(command);
        return whole;
    }

    private static ProcessBuilder environment(ProcessBuilder builder) {
        Map<String, String> environment = builder.environment();
        environment.keySet().removeIf(name -> name.startsWith("PG") || name.startsWith("MUSTER_"));
        environment.put("LC_ALL", "C");
        return builder;
    }

    private static java.util.Optional<Path> findOnPath(String program) {
        String path = System.getenv("PATH");
        return java.util.Arrays.stream((path == null ? "" : path).split(java.io.File.pathSeparator))
                .filter(folder -> !folder.isEmpty())
                .map(folder -> Path.of(folder).resolve(program))
                .filter(Files::isExecutable)
                .findFirst();
    }

    private static String printed(Path output) throws IOException {
        if (Files.size(output) > MAX_OUTPUT) {
            return "(a long output)";
        }
        return Files.readString(output, StandardCharsets.UTF_8).strip().replace("\n", " | ");
    }
}
