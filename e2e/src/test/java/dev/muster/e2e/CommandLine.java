package dev.muster.e2e;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;

/** {@code muster …} in processes of its own, as an administrator of one server. */
final class CommandLine {
    private final ServerProcess server;
    private final Path folder;

    /** @param folder home of the user, and where the program is started */
    CommandLine(ServerProcess server, Path folder) throws Exception {
        this.server = server;
        this.folder = Files.createDirectories(folder);
    }

    record Ran(int code, String out, String err) {}

    Ran run(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(Programs.java("cli", arguments));
        command.addAll(List.of("--data-dir", server.dataDirectory().toString()));
        return run(command);
    }

    /** What it printed; it must have ended with 0. */
    String must(String... arguments) throws Exception {
        Ran ran = run(arguments);
        if (ran.code() != 0) {
            throw new AssertionError("muster " + String.join(" ", arguments) + " ended with " + ran.code() + ": "
                    + ran.err() + ran.out());
        }
        return ran.out();
    }

    JsonNode json(String... arguments) throws Exception {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("-o", "json"));
        return ServerProcess.JSON.readTree(must(all.toArray(String[]::new)));
    }

    void apply(String yaml) throws Exception {
        Path file = Files.writeString(Files.createTempFile(folder, "apply", ".yaml"), yaml);
        must("apply", "-f", file.toString());
    }

    private Ran run(List<String> command) throws Exception {
        Path out = Files.createTempFile(folder, "out", "");
        Path err = Files.createTempFile(folder, "err", "");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("MUSTER_"));
        builder.environment().put("HOME", folder.toString());
        Process process = builder.start();
        if (!process.waitFor(5, TimeUnit.MINUTES)) {
            process.destroyForcibly();
            throw new AssertionError(command + " did not end");
        }
        return new Ran(process.exitValue(), Files.readString(out), Files.readString(err));
    }
}
