package dev.muster.agent.process;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A program that is run to its end: no shell, no input, a bounded part of what it says, ended with all that it started when
 * its time is over.
 *
 * @param directory in which it runs; the agent's own where there is none
 * @param environment beside the agent's own
 */
public record Program(List<String> argv, @Nullable Path directory, Map<String, String> environment, Duration timeout) {
    /** Of output that is kept, its end. */
    public static final int MAX_OUTPUT_BYTES = 16 * 1024;

    private static final Duration GRACE = Duration.ofSeconds(2);
    private static final String OF_THE_AGENT = "MUSTER_AGENT_";

    public Program {
        argv = List.copyOf(argv);
        environment = Map.copyOf(environment);
        if (argv.isEmpty()) {
            throw new IllegalArgumentException("a program needs a name");
        }
    }

    public Program(List<String> argv, Duration timeout) {
        this(argv, null, Map.of(), timeout);
    }

    /**
     * @param exit its exit code; 128 and the signal's number when a signal ended it
     * @param output the end of what it said, outputs and errors as they came
     * @param cut whether it said more
     */
    public record Ended(int exit, boolean timedOut, String output, boolean cut) {
        public boolean succeeded() {
            return exit == 0 && !timedOut;
        }

        /** In words, with the last line that it said. */
        public String why(Duration timeout) {
            String last =
                    output.strip().lines().reduce((before, after) -> after).orElse("");
            String shown = last.length() <= 200 ? last : last.substring(0, 200) + "…";
            String how = timedOut ? "did not end within " + timeout.toSeconds() + " s" : "ended with " + exit;
            return shown.isEmpty() ? how : how + ": " + shown;
        }
    }

    /** @throws IOException when it cannot be started */
    public Ended run() throws IOException, InterruptedException {
        String owner = "run-" + UUID.randomUUID();
        Process process = builder(argv, owner, environment)
                .directory(directory == null ? null : directory.toFile())
                .redirectErrorStream(true)
                .start();
        Tail tail = new Tail(process.getInputStream());
        Thread reader = Thread.ofVirtual().name("output of " + argv.getFirst()).start(tail);
        try {
            process.getOutputStream().close();
            boolean ended = process.waitFor(timeout.toNanos(), TimeUnit.NANOSECONDS);
            return new Ended(
                    ended ? process.exitValue() : endedByForce(process, owner), !ended, tail.text(reader), tail.cut());
        } finally {
            OwnedProcesses.end(owner, GRACE); // also what it left in the background
            process.getInputStream().close();
        }
    }

    private static int endedByForce(Process process, String owner) throws InterruptedException {
        OwnedProcesses.end(owner, GRACE);
        process.destroyForcibly();
        return process.waitFor();
    }

    /** A process of the owner, without what the agent alone should know. */
    public static ProcessBuilder builder(List<String> argv, String owner, Map<String, String> environment) {
        ProcessBuilder builder = new ProcessBuilder(argv);
        Map<String, String> variables = builder.environment();
        variables.keySet().removeIf(name -> name.startsWith(OF_THE_AGENT));
        variables.putAll(environment);
        variables.put(OwnedProcesses.VARIABLE, owner);
        return builder;
    }

    /** Reads everything, keeps the end: a program that says a lot must not stop because nobody listens. */
    private static final class Tail implements Runnable {
        private final InputStream in;
        private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
        private boolean cut;

        Tail(InputStream in) {
            this.in = in;
        }

        @Override
        public void run() {
            byte[] buffer = new byte[4096];
            try {
                for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    keep(buffer, n);
                }
            } catch (IOException closed) {
                // the program has ended and its output was closed
            }
        }

        private synchronized void keep(byte[] buffer, int n) {
            kept.write(buffer, 0, n);
            if (kept.size() > 2 * MAX_OUTPUT_BYTES) {
                byte[] all = kept.toByteArray();
                kept.reset();
                kept.write(all, all.length - MAX_OUTPUT_BYTES, MAX_OUTPUT_BYTES);
                cut = true;
            }
        }

        /** What was said, once all of it is read or a moment has passed: something in the background may hold the output open. */
        String text(Thread reader) throws InterruptedException {
            reader.join(Duration.ofSeconds(1));
            synchronized (this) {
                byte[] all = kept.toByteArray();
                int from = Math.max(0, all.length - MAX_OUTPUT_BYTES);
                cut |= from > 0;
                return new String(all, from, all.length - from, StandardCharsets.UTF_8);
            }
        }

        synchronized boolean cut() {
            return cut;
        }
    }
}
