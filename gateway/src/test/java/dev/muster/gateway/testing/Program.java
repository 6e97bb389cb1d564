package dev.muster.gateway.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** A program of the system that tests talk through: nobody here wrote it. */
public final class Program {
    private static final long SECONDS = 60;

    private Program() {}

    /** Skips the test where the program is missing, and fails it where CI promised it. */
    public static void require(String... names) {
        for (String name : names) {
            boolean found = Arrays.stream(String.valueOf(System.getenv("PATH")).split(":"))
                    .anyMatch(directory -> Files.isExecutable(Path.of(directory, name)));
            if (!found && "true".equals(System.getenv("CI"))) {
                throw new AssertionError("this test needs " + name + ", which CI must have");
            }
            if (!found) {
                System.err.println("SKIPPED: this test needs " + name + "; install it to run the test");
            }
            Assumptions.assumeTrue(found, () -> "this test needs " + name);
        }
    }

    /** @param output standard output and error together */
    public record Result(int exit, String output) {
        public Result succeeded() {
            if (exit != 0) {
                throw new AssertionError("exit " + exit + ": " + output);
            }
            return this;
        }
    }

    public static Result run(Path directory, String... command) {
        return run(directory, List.of(command));
    }

    /** A line as somebody would type it. */
    public static Result shell(Path directory, String line) {
        return run(directory, List.of("bash", "-c", line));
    }

    private static Result run(Path directory, List<String> command) {
        try {
            Path output = Files.createTempFile(directory, "output", ".txt");
            Process process = new ProcessBuilder(command)
                    .directory(directory.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
                throw new AssertionError(command + " did not end within " + SECONDS + " s: "
                        + Files.readString(output, StandardCharsets.UTF_8));
            }
            return new Result(process.exitValue(), Files.readString(output, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }
}
