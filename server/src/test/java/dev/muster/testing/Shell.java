package dev.muster.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** Programs of the system that a test needs. */
public final class Shell {
    private static final long SECONDS = 60;

    private Shell() {}

    /** Skips the test where the program is missing, and fails it where CI promised it. */
    public static void require(String... names) {
        for (String name : names) {
            boolean found = Arrays.stream(String.valueOf(System.getenv("PATH")).split(":", -1))
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

    /** A line as somebody would type it; it must succeed. @return what it printed */
    public static String run(Path folder, String line) throws IOException {
        Path output = Files.createTempFile(folder, "output", ".txt");
        try {
            Process process = new ProcessBuilder("sh", "-c", line)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            boolean ended = process.waitFor(SECONDS, TimeUnit.SECONDS);
            String said = Files.readString(output);
            if (!ended || process.exitValue() != 0) {
                process.destroyForcibly();
                throw new AssertionError(line + " failed: " + said);
            }
            return said;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }
}
