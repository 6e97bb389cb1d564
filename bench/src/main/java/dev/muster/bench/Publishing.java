package dev.muster.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Makes, signs and publishes releases by the command line, as CI would. */
final class Publishing {
    private final MusterServer server;
    private final Path directory;

    Publishing(MusterServer server, Path directory) {
        this.server = server;
        this.directory = directory;
    }

    /** The first one makes the keys. */
    void publish(String component, String version, Path artifact) throws Exception {
        Path keys = directory.resolve("keys");
        if (!Files.exists(keys)) {
            muster("release", "keys", "init", "--plain", "--out", keys.toString(), "--component", component);
        }
        Path draft = directory.resolve(component + "-" + version);
        Path key = keys.resolve("releases-" + component + ".key");
        muster(
                "release",
                "create",
                component + "@" + version,
                "--out",
                draft.toString(),
                "--artifact",
                artifact.toString());
        muster("release", "sign", draft.toString(), "--key", key.toString());
        muster("release", "publish", draft.toString());
    }

    private void muster(String... arguments) throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(List.of(Programs.root().resolve("muster").toString()));
        command.addAll(List.of(arguments));
        command.addAll(List.of("--data-dir", server.dataDirectory().toString()));
        Path said = directory.resolve("publishing.log");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(said.toFile()))
                .start();
        if (!process.waitFor(10, TimeUnit.MINUTES) || process.exitValue() != 0) {
            process.destroyForcibly();
            throw new IOException(String.join(" ", command) + " failed:\n" + Files.readString(said));
        }
    }
}
