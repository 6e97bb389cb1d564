package dev.muster.gateway.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** What {@link AppendingProgram}s were promised before each was killed, and whether a directory keeps it. */
final class Promises {
    private final TreeMap<Long, String> acknowledged = new TreeMap<>();
    private long committed;

    /** Runs a program, and kills it between 20 and 700 ms after the first acknowledgement. */
    void runAndKill(
            Path directory, JournalConfig.Acknowledge acknowledge, Map<String, String> environment, Random random)
            throws IOException, InterruptedException {
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xlog:disable",
                "-cp",
                System.getProperty("java.class.path"),
                AppendingProgram.class.getName(),
                directory.toString(),
                acknowledge.name(),
                Long.toString(random.nextLong()));
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().putAll(environment);
        Process process = builder.start();
        int life = 20 + random.nextInt(680);
        int before = acknowledged.size();
        try (BufferedReader out = process.inputReader(StandardCharsets.US_ASCII)) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                read(line);
                if (acknowledged.size() == before + 1) {
                    Thread.ofVirtual().start(() -> killAfter(process, life));
                }
            }
        } finally {
            process.destroyForcibly();
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(acknowledged).as("acknowledged before the kill").hasSizeGreaterThan(before);
    }

    private static void killAfter(Process process, int milliseconds) {
        try {
            process.waitFor(Duration.ofMillis(milliseconds)); // the random moment, not a wait for something
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        process.toHandle().destroyForcibly(); // SIGKILL; unlike the process's own method it leaves the pipe to be read
    }

    /** A line is written at once, so the kill cuts none. */
    private void read(String line) {
        String[] words = line.split(" ", -1);
        switch (words[0]) {
            case "a" ->
                assertThat(acknowledged.put(Long.parseLong(words[1]), words[2]))
                        .as("offset %s was acknowledged before", words[1])
                        .isNull();
            case "c" -> committed = Math.max(committed, Long.parseLong(words[1]));
            default -> throw new AssertionError(line);
        }
    }

    int count() {
        return acknowledged.size();
    }

    /** Opens the journal and lists the acknowledged entries that are not in it, or not as they were. */
    List<Long> lostIn(Path directory) throws IOException, InterruptedException {
        Map<Long, String> found = new HashMap<>();
        long first;
        try (LocalJournal journal = LocalJournal.open(
                AppendingProgram.config(directory, JournalConfig.Acknowledge.WHEN_SYNCED), new SimpleMeterRegistry())) {
            try (JournalReader reader = journal.reader("check")) {
                first = reader.position();
                while (reader.position() < journal.health().nextOffset()) {
                    reader.poll(1000, Duration.ZERO)
                            .forEach(entry -> found.put(entry.offset(), AppendingProgram.hash(entry.payload())));
                }
            }
            journal.forget("check");
        }
        // Deleted is only what the consumer had committed.
        assertThat(first).isLessThanOrEqualTo(committed);
        List<Long> lost = new ArrayList<>();
        acknowledged.tailMap(first).forEach((offset, hash) -> {
            if (!hash.equals(found.get(offset))) {
                lost.add(offset);
            }
        });
        return lost;
    }
}
