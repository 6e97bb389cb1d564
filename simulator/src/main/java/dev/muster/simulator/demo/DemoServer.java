package dev.muster.simulator.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The server of the demonstration, a process of its own. */
final class DemoServer {
    private static final Duration START = Duration.ofMinutes(10);
    private static final Duration STOP = Duration.ofSeconds(60);
    private static final int TOLD_EVERY_SECONDS = 10;
    private static final int LAST_LINES = 20;

    private final Path root;
    private final Path log;
    private @Nullable Process process;
    private @Nullable JsonNode addresses;

    DemoServer(DemoFolder folder) {
        this.root = folder.root();
        this.log = folder.file("server.log");
    }

    /** @param withoutConsole from a class path that has lost it */
    void start(Programs programs, Ports ports, Steps steps, boolean withoutConsole)
            throws IOException, DemoFailed, InterruptedException {
        List<String> arguments = List.of(
                "server",
                "--data-dir=" + root,
                "--http-listen=127.0.0.1:" + ports.http(),
                "--mqtt-listen=127.0.0.1:" + ports.mqtt(),
                "--device-listen=127.0.0.1:" + ports.device());
        steps.command(programs.typed(arguments));
        Path announced = root.resolve("run/server.json");
        Files.deleteIfExists(announced);
        ProcessBuilder builder = programs.builder(arguments, Map.of());
        if (withoutConsole) {
            programs.takeConsoleAway(builder, log.resolveSibling("server.jar"), arguments);
        }
        Process started =
                builder.redirectOutput(ProcessBuilder.Redirect.to(log.toFile())).start();
        process = started;
        long began = System.nanoTime();
        int told = 0;
        while (!Files.exists(announced)) {
            Duration waited = Duration.ofNanos(System.nanoTime() - began);
            if (!started.isAlive()) {
                throw new DemoFailed("the server ended with " + started.exitValue() + ":\n" + lastLines());
            }
            if (waited.compareTo(START) > 0) {
                throw new DemoFailed("the server is not ready after " + START.toSeconds() + " s; its last lines in "
                        + log + ":\n" + lastLines());
            }
            if (waited.toSeconds() / TOLD_EVERY_SECONDS > told) {
                told++;
                steps.tell("waiting for the server since " + waited.toSeconds()
                        + " s while it sets up its databases; 10 s on a free machine, longer on a busy one");
            }
            Thread.sleep(100);
        }
        addresses = new JsonMapper().readTree(Files.readString(announced));
    }

    String http() {
        return address("http");
    }

    String mqtt() {
        return address("mqtt");
    }

    String device() {
        return address("device");
    }

    Path tokenFile() {
        return root.resolve("admin.token");
    }

    String token() throws IOException {
        return Files.readString(tokenFile()).strip();
    }

    Path log() {
        return log;
    }

    boolean isRunning() {
        return process != null && process.isAlive();
    }

    /** Ends it in order and waits until it is gone, with its databases. */
    void stop() throws InterruptedException {
        Process ending = process;
        if (ending == null) {
            return;
        }
        List<ProcessHandle> children = ending.descendants().toList();
        ending.destroy();
        if (!ending.waitFor(STOP.toSeconds(), TimeUnit.SECONDS)) {
            System.err.println(
                    "muster demo: the server did not end within " + STOP.toSeconds() + " s and is killed; see " + log);
            ending.destroyForcibly();
            ending.waitFor();
            children.forEach(ProcessHandle::destroyForcibly);
        }
    }

    private String address(String name) {
        if (addresses == null) {
            throw new IllegalStateException("the server was not started");
        }
        return addresses.path(name).asString("");
    }

    private String lastLines() throws IOException {
        List<String> lines = Files.readAllLines(log);
        return String.join("\n", lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size()));
    }
}
