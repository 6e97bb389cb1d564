package dev.muster.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.gateway.journal.EntryKind;
import dev.muster.protocol.AssetId;
import dev.muster.telemetry.store.TelemetryStore.Reading;
import dev.muster.telemetry.store.TelemetryStore.SeriesQuery;
import dev.muster.telemetry.store.TelemetryStore.TailQuery;
import java.io.BufferedReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process that stores telemetry and logs is killed again and again; whatever it acknowledged is there exactly once. */
class KilledWhileIngestingTest {
    private static final int ROUNDS = 5;
    private static final int ASSETS = 7;
    /** Messages before the last acknowledged one that every round sends again. */
    private static final int SENT_AGAIN = 300;

    private static final long LATE = Duration.ofHours(30).toMillis();

    @TempDir
    Path folder = Path.of(".");

    @Test
    void whatWasAcknowledgedIsFoundExactlyOnce() throws Exception {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        long base = System.currentTimeMillis();
        TreeSet<Integer> acknowledged = new TreeSet<>();
        for (int round = 0; round < ROUNDS; round++) {
            int from = acknowledged.isEmpty() ? 0 : Math.max(0, acknowledged.last() - SENT_AGAIN);
            runAndKill(base, from, 200 + random.nextInt(3_000), acknowledged);
        }
        System.out.println(acknowledged.size() + " messages acknowledged over " + ROUNDS + " kills");
        assertThat(acknowledged).hasSizeGreaterThan(1_000);

        try (IngestingProgram.Parts parts = IngestingProgram.open(folder)) {
            assertThat(parts.pipeline().awaitCaughtUp(Duration.ofSeconds(60))).isTrue();
            parts.store().awaitReadable(Duration.ofSeconds(60));
            for (int asset = 0; asset < ASSETS; asset++) {
                check(parts, asset, base, acknowledged);
            }
        }
    }

    private static void check(IngestingProgram.Parts parts, int asset, long base, TreeSet<Integer> acknowledged) {
        AssetId id = new AssetId("asset-" + asset);
        List<Long> expected = new ArrayList<>();
        for (int message : acknowledged) {
            if (message % ASSETS == asset) {
                expected.add(time(base, message, ASSETS));
            }
        }
        List<Long> found = parts
                .store()
                .range(new SeriesQuery("vehicle", id, List.of("speed"), base - LATE, base + LATE), 1_000_000)
                .stream()
                .map(Reading::ts)
                .toList();
        assertThat(found).doesNotHaveDuplicates().containsAll(expected);
        List<Long> lines = parts
                .store()
                .logs(new TailQuery("vehicle", id, base - LATE, base + LATE, null, null, null, 1_000_000))
                .stream()
                .map(line -> line.ts())
                .toList();
        assertThat(lines).doesNotHaveDuplicates().containsAll(expected);
    }

    private void runAndKill(long base, int from, int messages, TreeSet<Integer> acknowledged) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx256m", "-XX:+UseSerialGC"));
        ProcessHandle.current().info().arguments().ifPresent(arguments -> {
            for (String argument : arguments) {
                if (argument.startsWith("--add-opens")
                        || argument.startsWith("--enable")
                        || argument.startsWith("--sun")) {
                    command.add(argument);
                }
            }
        });
        command.addAll(List.of(
                "-cp",
                System.getProperty("java.class.path"),
                IngestingProgram.class.getName(),
                folder.toString(),
                Long.toString(base),
                Integer.toString(from),
                Integer.toString(ASSETS)));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        int count = 0;
        try (BufferedReader lines = process.inputReader()) {
            String line;
            while ((line = lines.readLine()) != null) {
                if (line.startsWith("acknowledged ")) {
                    acknowledged.add(Integer.parseInt(line.substring("acknowledged ".length())));
                    if (++count == messages) {
                        // By its handle: the lines that it has printed before are still to be read.
                        assertThat(process.toHandle().destroyForcibly()).isTrue();
                    }
                }
            }
        } finally {
            process.destroyForcibly();
        }
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(count).as("acknowledged before the kill").isGreaterThanOrEqualTo(messages);
    }

    /** Every other asset is late with all that it says. */
    private static long time(long base, int message, int assets) {
        return base + message - (message % assets % 2 == 0 ? 0 : LATE);
    }

    /** Kept here so that the kind of a message is in one place with the check. */
    static List<CompletableFuture<Long>> send(IngestingProgram.Parts parts, long base, int message, int assets)
            throws Exception {
        String asset = "asset-" + message % assets;
        long ts = time(base, message, assets);
        return List.of(
                JournalProbe.offer(
                        parts.journal(),
                        asset,
                        EntryKind.TELEMETRY,
                        "{\"ts\":%d,\"values\":{\"speed\":%d}}".formatted(ts, message)),
                JournalProbe.offer(
                        parts.journal(),
                        asset,
                        EntryKind.LOGS,
                        "[{\"ts\":%d,\"severity\":\"info\",\"body\":\"message %d\"}]".formatted(ts, message)));
    }
}
