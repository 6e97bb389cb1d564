package dev.muster.pki;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** The real openssl in a directory of its own: nobody here wrote it, so it says whether our certificates are any good. */
final class Openssl {
    private final Path directory;

    /** Skips the test where openssl is missing, and fails it under CI. */
    Openssl(Path directory) {
        this.directory = directory;
        boolean there = isThere();
        if (!there && "true".equals(System.getenv("CI"))) {
            throw new AssertionError("openssl is missing; apt install openssl");
        }
        Assumptions.assumeTrue(there, "SKIPPED: openssl is missing; apt install openssl");
    }

    Path directory() {
        return directory;
    }

    Path file(String name) {
        return directory.resolve(name);
    }

    /** Output of both streams of a command that must succeed. */
    String run(String... arguments) {
        Result result = attempt(arguments);
        assertThat(result.exit())
                .as("openssl %s said:%n%s", String.join(" ", arguments), result.output())
                .isZero();
        return result.output();
    }

    Result attempt(String... arguments) {
        List<String> command = new ArrayList<>(List.of("openssl"));
        command.addAll(List.of(arguments));
        try {
            Path output = Files.createTempFile(directory, "openssl", ".out");
            Process process = new ProcessBuilder(command)
                    .directory(directory.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            process.getOutputStream().close();
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError("openssl " + String.join(" ", arguments) + " did not end");
            }
            return new Result(process.exitValue(), Files.readString(output, StandardCharsets.ISO_8859_1));
        } catch (IOException | InterruptedException e) {
            throw new AssertionError("cannot run openssl", e);
        }
    }

    /** A request for a new P-256 key, DER. */
    byte[] request(String subject, String... extra) {
        return requestWith("ec -pkeyopt ec_paramgen_curve:P-256", subject, extra);
    }

    /** @param key what follows {@code -newkey} */
    byte[] requestWith(String key, String subject, String... extra) {
        List<String> arguments = new ArrayList<>(List.of("req", "-new", "-nodes", "-newkey"));
        arguments.addAll(List.of(key.split(" ")));
        arguments.addAll(List.of("-keyout", "asset.key", "-subj", subject, "-outform", "DER", "-out", "asset.csr"));
        arguments.addAll(List.of(extra));
        run(arguments.toArray(String[]::new));
        try {
            return Files.readAllBytes(file("asset.csr"));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static boolean isThere() {
        try {
            Process process = new ProcessBuilder("openssl", "version")
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor(30, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException | InterruptedException e) {
            return false;
        }
    }

    record Result(int exit, String output) {}
}
