package dev.muster.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** What a stored reading takes on the disk, before and after a running server has packed its day. */
@Command(name = "storage", mixinStandardHelpOptions = true, description = "Bytes per stored point of real traces.")
final class StorageBench implements Callable<Integer> {
    private static final Duration PATIENCE = Duration.ofMinutes(20);

    @Option(names = "--assets", defaultValue = "1000", description = "Assets, each with 10 metrics (1000).")
    private int assets;

    @Option(names = "--pace", defaultValue = "60", description = "Seconds between readings (60).")
    private int pace;

    @Option(names = "--traces", description = "Folder data of github.com/numenta/NAB (../shared/data/nab/data).")
    private @Nullable Path traces;

    @Option(names = "--as-recorded", description = "The values of the traces themselves, the same for many assets.")
    private boolean asRecorded;

    @Option(names = "--keep", description = "Keep the data directory.")
    private boolean keep;

    @Override
    public Integer call() throws Exception {
        Traces real = Traces.read(
                traces == null
                        ? Programs.root().resolve("../shared/data/nab/data").normalize()
                        : traces,
                asRecorded);
        Path directory = Files.createTempDirectory("muster-bench");
        Path data = directory.resolve("data");
        Path tables = data.resolve("questdb");
        Figures figures = new Figures("storage", System.out);
        // Past the horizon of the default, and within every retention.
        LocalDate day = LocalDate.now(ZoneOffset.UTC).minusDays(5);
        try {
            figures.setting("load", Programs.loadAverage());
            figures.setting("traces", real.described());
            try (MusterServer server = MusterServer.start(data)) {
                server.importAssets(QueryData.TYPE, assets, 1);
            }
            long points;
            try (StorageData fill = new StorageData(tables, real)) {
                fill.day(day, assets, Duration.ofSeconds(pace));
                points = fill.points();
                figures.setting(
                        "points",
                        points + ": " + assets + " assets, 10 metrics, a reading each " + pace
                                + " s with some ms of jitter," + " times of event and receipt, on " + day);
                reference(figures, fill, points);
            }
            figures.figure(
                    "storage.before", sizeOfDay(tables, day) / (double) points, "bytes per point as they were stored");
            try (MusterServer server = MusterServer.start(data)) {
                awaitPacked(server);
                figures.figure(
                        "storage.packed",
                        sizeOfDay(tables, day) / (double) points,
                        "bytes per point after the server packed the day");
                requireStored(server, day);
            }
            figures.write(Programs.root());
            return 0;
        } finally {
            if (keep) {
                System.out.println("kept " + directory);
            } else {
                Programs.delete(directory);
            }
        }
    }

    private static void reference(Figures figures, StorageData fill, long points) {
        figures.figure(
                "reference.zstd.values",
                fill.zstdOfValues() / (double) points,
                "bytes per point of the same values alone, 8 bytes each, metric by metric, in zstd of level 3");
        figures.figure(
                "reference.zstd.rows",
                fill.zstdOfRows() / (double) points,
                "bytes per point with times and assets, column by column, in zstd of level 3");
    }

    /** The worker looks some seconds after the start. */
    private static void awaitPacked(MusterServer server) throws Exception {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (server.metric("muster_telemetry_packed_days_total") < 1) {
            double failures = server.metric("muster_telemetry_packed_failures_total");
            if (failures > 0 || System.nanoTime() > end) {
                throw new IllegalStateException(
                        "the day is not packed, " + failures + " failures; see the server's log");
            }
            Thread.sleep(Duration.ofMillis(500));
        }
    }

    /** All files of the day's folder. */
    private static long sizeOfDay(Path tables, LocalDate day) throws IOException {
        String table = "telemetry_" + QueryData.TYPE + "~";
        try (Stream<Path> files = Files.walk(tables)) {
            long sum = 0;
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path folder = tables.relativize(file);
                if (folder.getNameCount() == 3
                        && folder.getName(0).toString().startsWith(table)
                        && folder.getName(1).toString().startsWith(day.toString())) {
                    sum += Files.size(file);
                }
            }
            return sum;
        }
    }

    /** Of some assets. */
    private void requireStored(MusterServer server, LocalDate day) throws Exception {
        for (int asset = 0; asset < assets; asset += Math.max(1, assets / 5)) {
            JsonNode answer = server.get("/api/v1/assets/" + QueryData.id(asset) + "/telemetry?metrics="
                    + String.join(",", Traces.METRICS) + "&step=1h&from=" + day + "T00:00:00Z&to=" + day.plusDays(1)
                    + "T00:00:00Z");
            long count = 0;
            for (JsonNode series : answer.path("series")) {
                for (JsonNode point : series.path("points")) {
                    count += point.path("count").asLong(0);
                }
            }
            long expected = Duration.ofDays(1).toSeconds() / pace * Traces.METRICS.size();
            if (count != expected) {
                throw new IllegalStateException(
                        QueryData.id(asset) + " has " + count + " values instead of " + expected + " after packing");
            }
        }
    }
}
