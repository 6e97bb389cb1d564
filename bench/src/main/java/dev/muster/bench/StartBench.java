package dev.muster.bench;

import dev.muster.simulator.enrol.AssetIdentity;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** From the start of the server's process to the first accepted session; beside the start of the bare sink. */
@Command(name = "start", mixinStandardHelpOptions = true, description = "Seconds to the first accepted session.")
final class StartBench implements Callable<Integer> {
    @Option(names = "--rounds", defaultValue = "3", description = "Starts measured; the median counts (default 3).")
    private int rounds;

    @Option(
            names = "--messages",
            defaultValue = "50000",
            description = "Stored before the warm starts (default 50000).")
    private int messages;

    @Option(names = "--assets", defaultValue = "100000", description = "Registered before the warm starts (100000).")
    private int assets;

    @Override
    public Integer call() throws Exception {
        Path directory = Files.createTempDirectory("muster-bench");
        Figures figures = new Figures("start", System.out);
        figures.setting("rounds", rounds + ", the median is given");
        figures.setting(
                "warm-data",
                assets + " assets registered, " + messages + " messages stored, the server then killed with -9");
        try {
            Path data = directory.resolve("data");
            long begun = System.nanoTime();
            AssetIdentity asset;
            try (MusterServer server = MusterServer.start(data)) {
                figures.figure("start.first-ready", seconds(begun), "s (empty data directory, until it says ready)");
                asset = Fleet.enrol(server, 1).getFirst();
                server.importAssets("vehicle", assets, 100);
                fill(server, asset);
                kill(server);
            }
            List<Double> warm = new ArrayList<>();
            double memory = 0;
            for (int round = 0; round < rounds; round++) {
                begun = System.nanoTime();
                try (MusterServer server = MusterServer.start(data)) {
                    connectOnce(server, asset);
                    warm.add(seconds(begun));
                    memory = Programs.residentMiB(server.process());
                    kill(server);
                }
            }
            List<Double> bare = new ArrayList<>();
            for (int round = 0; round < rounds; round++) {
                begun = System.nanoTime();
                try (SinkProcess sink = new SinkProcess(directory, 1, false)) {
                    try (Load load = sink.load(1, 1, 1)) {
                        load.connect();
                    }
                    bare.add(seconds(begun));
                }
            }
            figures.figure("start.first-session", median(warm), "s (warm data, after kill -9)");
            figures.figure("reference.sink.first-session", median(bare), "s");
            figures.figure("start.to-sink", median(warm) / median(bare), "ratio");
            figures.figure("start.memory", memory, "MiB resident, server and its children");
            figures.write(Programs.root());
            return 0;
        } finally {
            Programs.delete(directory);
        }
    }

    private void fill(MusterServer server, AssetIdentity asset) throws Exception {
        try (Load load = load(server, asset, 64)) {
            load.connect();
            load.saturate();
            while (load.acknowledged() < messages) {
                Thread.sleep(Duration.ofMillis(50));
            }
            load.drain();
        }
    }

    private static void connectOnce(MusterServer server, AssetIdentity asset) throws Exception {
        try (Load load = load(server, asset, 1)) {
            load.connect();
        }
    }

    private static Load load(MusterServer server, AssetIdentity asset, int window) {
        return new Load(server.mqtt(), asset.cas(), List.of(new Credential.Certificate(asset)), window, 1, 0);
    }

    private static void kill(MusterServer server) throws InterruptedException {
        server.process().destroyForcibly();
        server.process().waitFor();
    }

    private static double seconds(long since) {
        return (System.nanoTime() - since) / 1e9;
    }

    private static double median(List<Double> values) {
        return values.stream().sorted().toList().get(values.size() / 2);
    }
}
