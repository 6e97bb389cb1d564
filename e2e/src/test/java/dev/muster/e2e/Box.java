package dev.muster.e2e;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * An asset with a real agent, in a folder of its own: {@code etc} for managed files, {@code apps}, a counter that the
 * allow-listed program {@code count} adds a line to, and a program that refuses a configuration with a field {@code poison}.
 */
final class Box implements AutoCloseable {
    private final String id;
    private final Path folder;
    private final AgentProcess agent;

    Box(ServerProcess server, String mqtt, Path folder, String id, String... more) throws Exception {
        this.id = id;
        this.folder = Files.createDirectories(folder.resolve(id));
        Files.createDirectories(this.folder.resolve("etc"));
        Path count = program("count.sh", "echo \"$1\" >>'" + counter() + "'\nsleep 0.3\n");
        Path check =
                program("check.sh", "if grep -q poison \"$MUSTER_CONFIG\"; then echo no poison here; exit 1; fi\n");
        Files.writeString(this.folder.resolve("own.log"), "first words\nlast words of " + id + "\n");
        Files.writeString(this.folder.resolve("allow.yaml"), """
                files: {roots: [%1$s/etc]}
                apps:
                  app:
                    start: [./run.sh]
                    health: {exec: [./health.sh], intervalSeconds: 1, healthyAfterSeconds: 2, timeoutSeconds: 30}
                    stopSeconds: 5
                run:
                  count: {argv: [%2$s, "{word}"], args: {word: "[a-z0-9-]{1,40}"}, timeoutSeconds: 30}
                logs: {own: %1$s/own.log}
                onConfigChange: [%3$s]
                """.formatted(this.folder, count, check));
        Path token = Files.writeString(this.folder.resolve("token"), server.claimToken("linux-device", id));
        List<String> flags = new ArrayList<>(List.of(
                "--server=" + server.device(),
                "--mqtt=" + mqtt,
                "--id=" + id,
                "--token-file=" + token,
                "--allow-file=" + this.folder.resolve("allow.yaml"),
                "--apps-dir=" + this.folder.resolve("apps"),
                "--metrics-seconds=1",
                "--heartbeat-seconds=5",
                "--confirm-seconds=1"));
        flags.addAll(List.of(more));
        this.agent = new AgentProcess(this.folder.resolve("state"), Map.of(), flags);
    }

    private Path program(String name, String text) throws IOException {
        Path file = Files.writeString(folder.resolve(name), "#!/bin/sh\n" + text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
        return file;
    }

    String id() {
        return id;
    }

    AgentProcess agent() {
        return agent;
    }

    /** The managed file. */
    Path motd() {
        return folder.resolve("etc/motd");
    }

    String motdText() throws IOException {
        return Files.exists(motd()) ? Files.readString(motd()) : "";
    }

    /** The configuration as it was handed to the applications. */
    String handedOver() throws IOException {
        Path file = folder.resolve("apps/config.json");
        return Files.exists(file) ? Files.readString(file) : "";
    }

    Path app() {
        return folder.resolve("apps/app");
    }

    /** What was counted, a word for each time. */
    List<String> counted() throws IOException {
        return Files.exists(counter()) ? Files.readAllLines(counter()) : List.of();
    }

    private Path counter() {
        return folder.resolve("count.log");
    }

    /** Processes that the agent of this box started, with all that these started: found by their environment. */
    List<ProcessHandle> applications() throws IOException {
        String mark = "MUSTER_DATA=" + app().resolve("data");
        try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
            return processes
                    .map(path -> path.getFileName().toString())
                    .filter(name -> Character.isDigit(name.charAt(0)))
                    .filter(pid -> environment(pid).contains(mark))
                    .flatMap(pid -> ProcessHandle.of(Long.parseLong(pid)).stream())
                    .filter(ProcessHandle::isAlive)
                    .toList();
        }
    }

    static List<String> environment(String pid) {
        try {
            byte[] bytes = Files.readAllBytes(Path.of("/proc", pid, "environ"));
            return List.of(new String(bytes, StandardCharsets.ISO_8859_1).split("\0"));
        } catch (IOException ended) {
            return List.of();
        }
    }

    Optional<String> logged(String text) throws IOException {
        return Files.readString(agent.log())
                .lines()
                .filter(line -> line.contains(text))
                .findFirst();
    }

    /** A killed agent leaves its applications running: they are ended, too. */
    @Override
    public void close() throws Exception {
        try {
            agent.close();
        } finally {
            applications().forEach(ProcessHandle::destroyForcibly);
        }
    }
}
