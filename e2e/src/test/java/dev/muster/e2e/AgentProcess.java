package dev.muster.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A real {@code muster agent} in a process of its own. */
final class AgentProcess implements AutoCloseable {
    private static final Duration START = Duration.ofMinutes(2);
    private static final Pattern BUFFERED = Pattern.compile("buffer: (\\d+) messages");
    private static final Pattern NOTED_AT = Pattern.compile("noted at: (\\S+)");

    private final Path state;
    private final Map<String, String> environment;
    private final List<String> flags;
    private @Nullable Process process;

    AgentProcess(Path state, Map<String, String> environment, List<String> flags) {
        this.state = state;
        this.environment = Map.copyOf(environment);
        this.flags = List.copyOf(flags);
    }

    void start() throws IOException {
        List<String> arguments = new ArrayList<>(List.of("--state-dir", state.toString()));
        arguments.addAll(flags);
        ProcessBuilder builder = new ProcessBuilder(Programs.java("agent", arguments.toArray(String[]::new)))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()));
        builder.environment().putAll(environment);
        process = builder.start();
    }

    void awaitConnected() throws Exception {
        long before = Files.exists(log()) ? connects() : 0;
        Await.that("agent connected; see " + log(), START, () -> {
            if (!running().isAlive()) {
                throw new AssertionError("agent ended with " + running().exitValue() + ":\n" + Files.readString(log()));
            }
            return connects() > before || before > 0;
        });
    }

    long connects() throws IOException {
        return Files.readString(log())
                .lines()
                .filter(line -> line.contains("INFO connected to"))
                .count();
    }

    /** How many messages wait, as noted after the given moment. */
    long awaitBuffered(Instant after, long atLeast) throws Exception {
        return Await.until("agent has " + atLeast + " messages buffered; see " + log(), START, () -> {
            String status = Files.readString(state.resolve("status"));
            Matcher noted = NOTED_AT.matcher(status);
            Matcher buffered = BUFFERED.matcher(status);
            if (!noted.find()
                    || !buffered.find()
                    || Instant.parse(noted.group(1)).isBefore(after)) {
                return Optional.empty();
            }
            long messages = Long.parseLong(buffered.group(1));
            return messages >= atLeast ? Optional.of(messages) : Optional.empty();
        });
    }

    void kill9() throws InterruptedException {
        running().destroyForcibly();
        running().waitFor();
    }

    int terminate() throws InterruptedException {
        running().destroy();
        if (!running().waitFor(60, TimeUnit.SECONDS)) {
            running().destroyForcibly();
            throw new AssertionError("agent " + running().pid() + " did not end within 60 s of SIGTERM");
        }
        return running().exitValue();
    }

    boolean isAlive() {
        return running().isAlive();
    }

    Path log() {
        return state.resolveSibling(state.getFileName() + ".agent.log");
    }

    private Process running() {
        if (process == null) {
            throw new IllegalStateException("agent in " + state + " was never started");
        }
        return process;
    }

    @Override
    public void close() throws InterruptedException {
        if (process != null && process.isAlive()) {
            terminate();
        }
    }
}
