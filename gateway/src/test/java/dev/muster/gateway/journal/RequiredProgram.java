package dev.muster.gateway.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** A program that a test needs: without it the test is skipped, and fails under CI. */
final class RequiredProgram {
    private RequiredProgram() {}

    static void require(String program, String... versionArguments) {
        requireThat(isThere(program, versionArguments), program + " is missing; apt install " + program);
    }

    static void requireThat(boolean there, String otherwise) {
        if (!there && "true".equals(System.getenv("CI"))) {
            throw new AssertionError(otherwise);
        }
        if (!there) {
            System.err.println("SKIPPED: " + otherwise);
        }
        Assumptions.assumeTrue(there, "SKIPPED: " + otherwise);
    }

    private static boolean isThere(String program, String... versionArguments) {
        try {
            List<String> command = new java.util.ArrayList<>(List.of(program));
            command.addAll(List.of(versionArguments));
            return run(command) == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    static void mustRun(String... command) throws IOException, InterruptedException {
        assertThat(run(List.of(command)))
                .as("exit of %s", String.join(" ", command))
                .isZero();
    }

    private static int run(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).as(said).isTrue();
        if (process.exitValue() != 0) {
            System.err.println(String.join(" ", command) + " said: " + said);
        }
        return process.exitValue();
    }
}
